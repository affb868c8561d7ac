//! What was sent to a hook, in GitLab's shape: each attempt is an event there.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Which of them.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct HookEventQuery {
    /// `successful`, `client_failure`, `server_failure`, or a status code.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Of events of this type, such as `push`; beyond GitLab's.
    #[serde(deserialize_with = "lenient::text")]
    pub event_type: Option<String>,
    /// Sent at or after this time; beyond GitLab's.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
    /// Sent before this time; beyond GitLab's.
    #[serde(deserialize_with = "lenient::text")]
    pub until: Option<String>,
}

/// One request to a hook.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct HookEvent {
    /// Its number.
    pub id: i64,
    /// Where it went, secret parts masked.
    pub url: String,
    /// Why: `push_hooks`, `issue_hooks`; for a platform's own types the type itself.
    pub trigger: String,
    /// The request's headers, secrets masked.
    pub request_headers: BTreeMap<String, String>,
    /// What was sent, as it was sent; null if it was never made, is kept no more, or the page has 4 MiB already.
    #[schema(value_type = serde_json::Value)]
    pub request_data: Option<Box<RawValue>>,
    /// The answer's headers; empty if none came.
    pub response_headers: BTreeMap<String, String>,
    /// The answer's body, at most 8 KiB; what happened, if no answer came.
    pub response_body: String,
    /// Seconds.
    pub execution_duration: f64,
    /// The status code, or `internal error` if no answer came.
    pub response_status: String,
    /// When the request began.
    #[schema(value_type = String)]
    pub created_at: Time,
}

/// What a receiver answered to what was sent again.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct ResendResult {
    /// The status code.
    pub response_status: u16,
}
