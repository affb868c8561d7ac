//! Flags for Rust programs: evaluated in process over a snapshot that the server streams.
//!
//! A program asks [`Client::is_enabled`] as often as it likes: each answer is a look-up in memory, without a lock and
//! without waiting. Beside the program one connection keeps the snapshot fresh; a change is there within milliseconds.
//! When the server is gone, the last good snapshot decides on, from memory or, after a restart, from a file; every
//! [`Decision`] says where its knowledge came from and how old it is. Semantics and buckets are those of the server,
//! because both evaluate with `wigwag-flags`.
//!
//! ```
//! use wigwag_client::{Client, Reason, Source};
//!
//! // Nobody listens here: the client starts all the same.
//! let client = Client::builder("http://127.0.0.1:9")
//!     .token("token-of-scope-flags-read")
//!     .environment("production")
//!     .bootstrap(br#"{"environment": "production", "version": "1", "flags": [
//!         {"name": "new_checkout", "state": {"actors": ["Project:1"]}}
//!     ]}"#)
//!     .connect();
//!
//! assert!(client.is_enabled("new_checkout", &["Project:1"]));
//! assert!(!client.is_enabled("new_checkout", &["Project:2"]));
//!
//! let decision = client.decide("new_checkout", &["Project:1", "User:5"]);
//! assert_eq!((decision.reason, decision.source), (Reason::Actors, Source::Bootstrap));
//!
//! // Whatever is unknown is off, or what the caller says.
//! assert!(client.is_enabled_or("not_there_yet", &[], true));
//!
//! // For code that asks often.
//! let new_checkout = client.handle("new_checkout");
//! assert!(new_checkout.is_enabled(&["Project:1"]));
//! ```
//!
//! | told to the builder | for |
//! |---|---|
//! | [`token`](Builder::token), [`environment`](Builder::environment) | who the program is, and whose flags it wants |
//! | [`snapshot_file`](Builder::snapshot_file) | a start while the server is away |
//! | [`bootstrap`](Builder::bootstrap) | the very first start while the server is away |
//! | [`override_file`](Builder::override_file) | switching off when nothing else answers |
//!
//! [`Client::health`] tells how the client is doing, and `tracing` hears of every trouble once. Decisions are counted,
//! and the counts reported in batches, so that a flag's page shows who still asks for it.
//!
//! With the cargo feature `openfeature` there is a provider for OpenFeature's SDK in `wigwag_client::openfeature`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod builder;
mod client;
mod counters;
mod decision;
mod disk;
mod feed;
mod health;
mod http;
pub mod limits;
#[cfg(feature = "openfeature")]
pub mod openfeature;
mod report;
mod shared;
mod stop;
mod tls;
mod trouble;
mod view;
mod worker;

pub use builder::{Bootstrap, Builder};
pub use client::{Client, FlagHandle};
pub use decision::{Decision, Reason, Source};
pub use health::{Connection, Health};

#[cfg(test)]
mod tests;

/// The guide's examples are tested, too.
#[cfg(all(doctest, feature = "openfeature"))]
#[doc = include_str!("../../../docs/using/rust-client.md")]
struct Guide;
