mod explain;
mod exposures;
mod list;
mod snapshot;
mod state;
mod stream;
