//! The health of a hook: one pure state machine.
//!
//! ```text
//!                 failure            failures >= threshold, or the next at the end of a pause
//!   healthy ----------------> unhealthy ----------------> paused <---------------+
//!      ^                         |                           |                   |
//!      |                         |                           | pause over, edit  | failure
//!      |                         |                           v                   |
//!      |                         |                       half_open --------------+
//!      |                         |                           |          ^
//!      |        410, or failures >= permanent_at             |          | edit
//!      |                         +-----------> disabled <----+          |
//!      |                                          |  +------------------+
//!      +---- success (not of a disabled hook), successful test, enable, switched on
//!
//!   policy off: failing --> unhealthy (healthy if nothing was counted); nothing pauses or disables from then on
//! ```
//!
//! - Failures count while the hook may be called; those that come back during a pause (or while a Retry-After runs) were
//!   under way when it began and do not count again. Failures of our own side never count.
//! - A failure in half_open pauses again with the longer pause of its number; that is the same decay, not a change for
//!   the worse.
//! - 410 Gone disables from every state, because the receiver said that it is gone for good.
//! - A Retry-After (429 or 503) sets the length of the pause. Below the threshold the hook stays unhealthy with a time
//!   before which nothing is sent; that is not failing.
//! - A success that comes back when the hook is already disabled changes nothing: only a person or a test leads out.

mod causes;
mod dry_run;
mod judge;
mod policy;
mod record;
mod step;

#[cfg(test)]
mod invariants;

pub use causes::causes;
pub use dry_run::{DryRun, Past, dry_run, what_happened};
pub use judge::{AlertStatus, Permit, alert_status, disabled_until, permit};
pub use policy::{Policy, effective};
pub use record::{FailureNote, Health, HealthRecord, PauseReason, Transition, TransitionKind};
pub use step::{Signal, Step, step};
