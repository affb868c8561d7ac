//! What the client reads from a disk and writes to it. None of it is trusted, and no failure of it is fatal.

mod file;
mod override_file;
mod snapshot_file;

pub(crate) use override_file::{OverrideFile, watch_override_file};
pub(crate) use snapshot_file::{Saved, keep_saved, read_bootstrap, read_bootstrap_file, read_snapshot_file};
