mod callouts;
mod hooks;
