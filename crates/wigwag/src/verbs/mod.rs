//! The verbs that talk to a running server over its API.

pub(crate) mod audit;
pub(crate) mod chatops;
mod client;
pub(crate) mod events;
pub(crate) mod overrides;
pub(crate) mod token;
