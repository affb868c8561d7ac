//! The ports, one file each.

mod callouts;
mod credentials;
mod deliveries;
mod expire;
mod flags;
mod hooks;
mod intake;
mod listing;
mod log;
mod maintenance;
mod members;
mod prune;
mod record;
mod registry;
mod waiting;
