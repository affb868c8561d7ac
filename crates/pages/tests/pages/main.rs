//! The pages as a browser gets them, from a real engine on a real store: what they answer, who may see and change what,
//! and that nothing which strangers wrote becomes anything but text. Pages are judged by their parsed tree.

#![allow(clippy::unwrap_used)]

mod browser;
mod dom;
#[path = "../house/mod.rs"]
mod house;

mod across;
mod changes;
mod chat;
mod console;
mod flags;
mod hooks;
mod hostile;
mod limited;
mod notices;
mod rollout;
mod sign_in;
