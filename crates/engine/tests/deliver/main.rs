//! The way of an event, on the real store and over real connections: delivered, retried, held, recovered, restarted.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod history;
mod limits;
mod ordered;
mod outage;
mod recording;
mod recovery;
mod story;
mod throttle;
mod world;
