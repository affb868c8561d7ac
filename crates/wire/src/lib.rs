//! The public JSON contract: every shape that the HTTP interface takes or gives, one file per family. The only crate
//! that derives serde; it knows the ground floor and nothing else, so that a client can use it too.
//!
//! Inputs under `/api/v4` are read leniently (see [`lenient`]): forms bring text where JSON brings numbers. Unknown
//! fields are ignored everywhere.

pub mod audit;
pub mod callouts;
pub mod chat;
pub mod chatops;
pub mod deliveries;
pub mod deployments;
pub mod embed;
pub mod environments;
pub mod errors;
pub mod events;
pub mod features;
pub mod flag_feed;
pub mod flags;
pub mod groups;
pub mod hooks;
pub mod lenient;
pub mod members;
pub mod notices;
pub mod ofrep;
pub mod projects;
pub mod server;
mod time;
pub mod tokens;
pub mod users;

pub use time::{Date, Time};
