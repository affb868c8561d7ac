mod callouts;

mod deliveries;
mod events;
mod hooks;

pub(crate) use callouts::broken_world;
