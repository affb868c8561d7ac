mod callouts;

mod deliveries;
mod events;
mod hook_history;
mod hooks;

pub(crate) use callouts::broken_world;
