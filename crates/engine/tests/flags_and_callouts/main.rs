//! Flags, callouts and chat commands on the real store: who sees what, who may change what, and what it costs.

#![allow(clippy::unwrap_used)]

mod callouts;
mod command;
#[path = "../common/mod.rs"]
mod common;
mod flags;
mod hooks_health;
mod house;
mod off_only;
mod outcomes;
mod overrides;
mod preview;
mod undo;
