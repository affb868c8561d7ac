//! The way of an event, on the real store and over real connections: delivered, retried, held, recovered, restarted.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../administer/house.rs"]
mod house;
mod receiver;
mod recovery;
mod story;
#[allow(dead_code)]
#[path = "../flags_and_callouts/watched_store.rs"]
mod watched_store;
mod world;
