//! Deliveries: one event for one hook.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which deliveries are listed. Every field narrows.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// `pending`, `retrying`, `held`, `delivered`, `given_up`, `skipped`, `expired` or `cancelled`.
    #[serde(deserialize_with = "lenient::text")]
    pub state: Option<String>,
    /// Of one hook.
    #[serde(deserialize_with = "lenient::number")]
    pub hook_id: Option<i64>,
    /// Of events of this type.
    #[serde(deserialize_with = "lenient::text")]
    pub event_type: Option<String>,
    /// Of events accepted at or after this time.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
}

/// A delivery.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Delivery {
    /// The event.
    pub event_id: i64,
    /// The hook.
    pub hook_id: i64,
    /// The event's project.
    pub project_id: i64,
    /// The event's type.
    pub event_type: String,
    /// When the event was accepted.
    pub accepted_at: Time,
    /// Where it stands.
    pub state: &'static str,
    /// Why it ended without success, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// When the next attempt is due, while it is `retrying`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Time>,
    /// Attempts that counted against its retries.
    pub attempts: u32,
}
