//! The health of a hook: one pure state machine.

mod record;

pub use record::{FailureNote, Health, HealthRecord, PauseReason, Transition, TransitionKind};
