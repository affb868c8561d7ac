//! Which hooks fail, since when and why, across projects.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose hooks, and how they do.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct HooksHealthQuery {
    /// `mine` (every hook that you may administer; the default), `group:ID` (of those, the group's and what lies below it; an
    /// id or a full path), or `instance` (every hook; admins only).
    #[serde(deserialize_with = "lenient::text")]
    pub scope: Option<String>,
    /// `failing` (paused, half open, disabled; the default), `unhealthy` (failed last, not paused yet) or `all`.
    #[serde(deserialize_with = "lenient::text")]
    pub state: Option<String>,
}

/// How hooks do across projects.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct HooksHealth {
    /// The state in one sentence: `3 hooks fail; 1,204 events wait`.
    pub summary: String,
    /// Hooks of the scope that fail and are switched on, whatever `state` asks for.
    pub failing: u64,
    /// Deliveries that wait for those.
    pub waiting: u64,
    /// One page of the hooks: failing and unhealthy ones the longest first, all by id.
    pub hooks: Vec<HookHealth>,
}

/// How one hook does.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct HookHealth {
    /// The id.
    pub id: i64,
    /// Its name, else its host.
    pub name: String,
    /// Where requests go, secret parts masked.
    pub url: String,
    /// Where it hangs.
    pub scope: HookPlace,
    /// Its page.
    pub page_url: String,
    /// `healthy`, `unhealthy`, `paused`, `half_open` or `disabled`.
    pub health: &'static str,
    /// `executable`, `temporarily_disabled` or `disabled`.
    pub alert_status: &'static str,
    /// The owner's own switch.
    pub enabled: bool,
    /// Since when it is paused (its first pause counts), disabled, or what else its health says.
    pub since: Time,
    /// Failures in a row that counted.
    pub recent_failures: u32,
    /// When the newest of them was.
    pub last_failure_at: Option<Time>,
    /// What happened then, and what to do.
    pub last_error: Option<String>,
    /// When it will be tried next, while it is paused.
    pub next_try_at: Option<Time>,
    /// Deliveries that wait.
    pub waiting: u64,
    /// Who was told of its changes, newest first; at most ten.
    pub told: Vec<HookTold>,
}

/// Somebody who was told, or is to be.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct HookTold {
    /// The username; null where the channel is nobody's in particular.
    pub user: Option<String>,
    /// `mail`, `chat` or `events`.
    pub channel: &'static str,
    /// When its state became what it is.
    pub at: Time,
    /// `waiting`, `sent`, `failed` or `withheld`.
    pub state: &'static str,
}

/// Where a hook hangs.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct HookPlace {
    /// `project`, `group` or `system`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id of the project or group.
    pub id: Option<i64>,
    /// Its full path; empty for the system.
    pub path: String,
}
