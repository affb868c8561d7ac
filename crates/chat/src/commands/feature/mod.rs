//! `feature get`, `feature list`, `feature set`, `feature delete`: a flag's state in environments.

mod set;
mod specs;
mod targets;
mod value;

pub(crate) use specs::{DELETE, GET, LIST, SET};
