//! The verbs that talk to a running server over its API.

pub mod chatops;
mod client;
pub mod events;
pub mod token;
