//! The one thread that writes. It takes what waits, without a timer, and commits it as one group: while one fsync
//! runs, the next group gathers. New events are what others wait for: those that come while a group runs join it, and
//! results leave off for them.
//!
//! ```text
//!             take what waits
//!   waiting ------------------> running --(each call)--> committing --> answering --> waiting
//!      |                          |                          |
//!      | closed, nothing left     | a call broke             | failed: I/O error, damage
//!      v                          v                          v
//!    ended                  rolled back, then each        failed (refuses everything; the process must end)
//!                           call in its own group
//! ```

mod checkpoint;
mod group;
mod job;
mod lanes;
#[path = "loop.rs"]
mod run;

pub(crate) use checkpoint::{Checkpointer, WalPages};
pub(crate) use group::Group;
pub(crate) use job::{Call, Job, Weight};
pub(crate) use lanes::{Lane, Lanes};
pub(crate) use run::{Shared, Writer, spawn};

#[cfg(test)]
mod tests;
