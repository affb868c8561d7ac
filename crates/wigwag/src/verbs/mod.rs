//! The verbs that talk to a running server over its API, and those that look after a code base's flags.

pub(crate) mod audit;
pub(crate) mod chat;
pub(crate) mod chatops;
mod client;
pub(crate) mod completions;
pub(crate) mod data_key;
pub(crate) mod deployments;
pub(crate) mod events;
pub(crate) mod flags;
pub(crate) mod hooks;
pub(crate) mod overrides;
mod print;
mod say;
mod tame;
pub(crate) mod token;
