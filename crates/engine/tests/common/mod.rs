//! What the suites stand on: the real store behind a door that counts, a clock that is moved by hand, and a house with
//! a root in it. No suite uses all of it.
#![allow(dead_code)]

pub(crate) mod ground;
pub(crate) mod hand_file;
pub(crate) mod house;
pub(crate) mod receiver;
pub(crate) mod watched_store;
