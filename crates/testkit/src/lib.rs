//! What tests share: a whole server on a free port with a store of its own and a clock that is moved by hand; a client
//! whose every answer is held against the OpenAPI document; a receiver whose behaviour the test sets.
//!
//! ```no_run
//! # use serde_json::json;
//! # async fn story() {
//! let server = wigwag_testkit::Server::start().await;
//! let root = server.root();
//! let project = root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
//! assert_eq!(project["path_with_namespace"], "root/shop");
//! # }
//! ```

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod client;
mod clock;
mod contract;
mod receiver;
mod server;

pub use client::{Answer, Client, Request};
pub use clock::HandClock;
pub use contract::Contract;
pub use receiver::{Received, Receiver, Reply};
pub use server::{ROOT_TOKEN, Server, Setup};
