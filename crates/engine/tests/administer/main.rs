//! Accounts, credentials, sign-in, embed tokens, hooks and the log on the real store.

#![allow(clippy::unwrap_used)]

mod accounts;
#[path = "../common/mod.rs"]
mod common;
mod credentials;
mod embed;
mod hooks;
mod identity;
mod log;
mod masks;
mod own_request;
mod recursion;
mod replay;
mod resend;
mod sign_in;
mod why;
