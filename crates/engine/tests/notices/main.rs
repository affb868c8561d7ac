//! Telling those who are not on a page: real mail over SMTP, a real chat web-hook, real events.
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;

mod chat;
mod crowd;
mod events;
mod mail;
mod opt_out;
mod sink;
mod trouble;
mod world;
