//! Environments that another server keeps: what it says is believed only as far as it makes sense, and outlives it.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod gitlab;
mod hostile;
mod reading;
mod restart;
mod world;
mod writing;
