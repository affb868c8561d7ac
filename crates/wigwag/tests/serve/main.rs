//! The real binary: its starts, its ends and its verbs, each test with a server and a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod bad_start;
mod chat_verbs;
mod chats;
mod completions;
mod crowd;
mod data_key;
mod environments;
mod flags_files;
mod flags_import;
mod flags_online;
mod full_disk;
mod help;
mod hooks_import;
mod hooks_verbs;
mod outside;
mod settings;
mod signed;
mod slack;
mod stop;
mod terminal;
mod verbs;
mod world;
