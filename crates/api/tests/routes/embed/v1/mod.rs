mod callouts;
mod events;
