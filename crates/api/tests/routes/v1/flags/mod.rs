mod explain;
mod exposures;
mod snapshot;
mod state;
mod stream;
