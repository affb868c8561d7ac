//! The mirror against real repositories, which the tests make with git.

#![allow(clippy::unwrap_used)]

mod commits;
mod containment;
mod definitions;
mod ground;
mod merge_requests;
mod releases;
mod trouble;
mod upkeep;
