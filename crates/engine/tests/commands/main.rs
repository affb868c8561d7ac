//! Commands from chats, terminals and pages: every check with what passes over it, whom they come from, and what is told
//! of them afterwards.

#![allow(clippy::unwrap_used)]

mod buttons;
mod chat;
mod checks;
#[path = "../common/mod.rs"]
mod common;
mod dependencies;
mod late;
mod links;
mod outbox;
mod outside;
mod receive;
mod releases;
mod roles;
mod rollbacks;
mod world;
