//! Accounts, credentials, sign-in, embed tokens, hooks and the log on the real store.

#![allow(clippy::unwrap_used)]

mod accounts;
mod credentials;
mod embed;
mod hooks;
mod house;
mod log;
mod sign_in;
// One door that counts is enough; not every test suite shuts it.
#[allow(dead_code)]
#[path = "../flags_and_callouts/watched_store.rs"]
mod watched_store;
