//! How a hook's health came about.

use crate::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// A change of a hook's health.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct HookChange {
    /// Rising.
    pub id: i64,
    /// `hook.unhealthy`, `hook.paused`, `hook.half_open`, `hook.disabled` or `hook.recovered`.
    pub kind: &'static str,
    /// The health before.
    pub from: &'static str,
    /// The health after.
    pub to: &'static str,
    /// When.
    pub at: Time,
    /// Failures in a row at that time; of a recovery, those that it ends.
    pub failures: u32,
    /// The last error at that time.
    pub error: Option<String>,
    /// The last attempts that led to it, oldest first; none where a time or a person did.
    pub attempts: Vec<HookChangeAttempt>,
    /// How many led to it, of the newest 2,000 of the hook.
    pub attempts_count: u64,
}

/// An attempt behind a change.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct HookChangeAttempt {
    /// Its line in the delivery log.
    pub id: i64,
    /// The event.
    pub event_id: Option<i64>,
    /// `first`, `retry`, `probe`, `test` or `resend`.
    pub kind: &'static str,
    /// When it was sent.
    pub at: Time,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What happened, and what to do; none for a success.
    pub error: Option<String>,
}
