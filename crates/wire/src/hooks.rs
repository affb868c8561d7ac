//! Hooks of projects, groups and the system.

use crate::{Time, lenient};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

mod dry_run;
mod events;
mod health;
mod signing_tokens;
mod timeline;
mod triggers;

pub use dry_run::{PolicyDryRun, PolicyDryRunInput, PolicyRun, WhatHappened};
pub use events::{HookEvent, HookEventQuery, ResendResult};
pub use health::{HookHealth, HookPlace, HookTold, HooksHealth, HooksHealthQuery};
pub use signing_tokens::{NewSigningToken, SigningToken, SigningTokenInput};
pub use timeline::{HookChange, HookChangeAttempt};
pub use triggers::Triggers;

/// A hook to make, or the fields of one to change; what is not given stays.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct HookInput {
    /// Where requests go.
    #[serde(deserialize_with = "lenient::text")]
    pub url: Option<String>,
    /// Values for the `{name}`s of the URL. What is not named keeps its value, and so does a name without one.
    pub url_variables: Option<Vec<NamedInput>>,
    /// Headers of the owner's own. What is not named keeps its value, and so does a name without one.
    pub custom_headers: Option<Vec<NamedInput>>,
    /// What is sent instead of the payload, such as `{"text": "{{user.name}}"}`; an empty one removes it.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub custom_webhook_template: Option<Option<String>>,
    /// The branches whose pushes are wanted; an empty one lets all pass.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub push_events_branch_filter: Option<Option<String>>,
    /// `wildcard`, `regex` or `all_branches`.
    #[serde(deserialize_with = "lenient::text")]
    pub branch_filter_strategy: Option<String>,
    /// What people call it.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// What people say of it.
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// Sent verbatim in `X-Gitlab-Token`; an empty one removes it.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub token: Option<Option<String>>,
    /// `whsec_` and the base64 of 24 to 64 bytes; replaces all; an empty one removes them.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub signing_token: Option<Option<String>>,
    /// Whether the receiver's certificate is checked.
    #[serde(deserialize_with = "lenient::switch")]
    pub enable_ssl_verification: Option<bool>,
    /// A certificate that requests show (mutual TLS), in PEM, with those between it and its root; an empty one removes it
    /// and its key.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub client_certificate: Option<Option<String>>,
    /// Its private key, in PEM.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<String>)]
    pub client_key: Option<Option<String>>,
    /// `any`, or `strict`: one event at a time, in their order.
    #[serde(deserialize_with = "lenient::text")]
    pub ordering: Option<String>,
    /// The owner's own switch; off skips new events.
    #[serde(deserialize_with = "lenient::switch")]
    pub enabled: Option<bool>,
    /// Patterns over a platform's own event types, such as `invoice.*`.
    #[serde(deserialize_with = "lenient::list")]
    pub event_types: Option<Vec<String>>,
    /// Most deliveries a minute; null for no limit.
    #[serde(deserialize_with = "nullable_number")]
    #[schema(value_type = Option<i64>)]
    pub rate_per_minute: Option<Option<i64>>,
    /// `hold` or `drop`.
    #[serde(deserialize_with = "lenient::text")]
    pub while_paused: Option<String>,
    /// An object, or `off`; null takes the next level's.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<FailurePolicyInput>)]
    pub failure_policy: Option<Option<FailurePolicyInput>>,
    /// An object; null takes the instance's.
    #[serde(deserialize_with = "lenient::nullable")]
    #[schema(value_type = Option<RetryPolicyInput>)]
    pub retry_policy: Option<Option<RetryPolicyInput>>,
    /// The forge's events.
    #[serde(flatten)]
    pub triggers: Triggers,
}

/// A value that has a name.
#[derive(Serialize, ToSchema, Default)]
pub struct NamedInput {
    /// The name.
    pub key: Option<String>,
    /// The value; none for one that stays.
    #[serde(skip_serializing)]
    pub value: Option<String>,
}

impl<'de> Deserialize<'de> for NamedInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Fields {
            #[serde(deserialize_with = "lenient::text")]
            key: Option<String>,
            #[serde(deserialize_with = "lenient::text")]
            value: Option<String>,
        }
        match Value::deserialize(deserializer)? {
            // What GitLab shows beside them stays unread, so that a client can send it back.
            fields @ Value::Object(_) => {
                let Fields { key, value } = Fields::deserialize(fields).map_err(D::Error::custom)?;
                Ok(Self { key, value })
            }
            _ => Err(D::Error::custom("must be an object with key and value")),
        }
    }
}

impl std::fmt::Debug for NamedInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedInput").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The value of one name.
#[derive(Deserialize, ToSchema, Default)]
#[serde(default)]
pub struct ValueInput {
    /// The value.
    #[serde(deserialize_with = "lenient::text")]
    pub value: Option<String>,
}

fn nullable_number<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<i64>>, D::Error> {
    lenient::number(deserializer).map(Some)
}

/// What a hook says about failures.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
#[serde(untagged)]
pub enum FailurePolicyInput {
    /// `off`: nothing pauses or disables.
    Word(String),
    /// Its own policy.
    Policy(FailurePolicyFields),
}

impl<'de> Deserialize<'de> for FailurePolicyInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const FIELDS: [&str; 5] = ["threshold", "first_pause_s", "factor", "max_pause_s", "permanent_at"];
        match Value::deserialize(deserializer)? {
            Value::String(word) => Ok(Self::Word(word)),
            other => lenient::object(other, &FIELDS, "must be an object, off, or null for the next level's")
                .map(Self::Policy)
                .map_err(D::Error::custom),
        }
    }
}

/// A failure policy; what is not given is the instance's.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Default, Debug)]
#[serde(default)]
pub struct FailurePolicyFields {
    /// The failure in a row that pauses first.
    #[serde(deserialize_with = "lenient::number")]
    pub threshold: Option<i64>,
    /// The first pause, in seconds.
    #[serde(deserialize_with = "lenient::number")]
    pub first_pause_s: Option<i64>,
    /// By how much each pause is longer than the one before.
    #[serde(deserialize_with = "lenient::decimal")]
    pub factor: Option<f64>,
    /// The longest pause, in seconds.
    #[serde(deserialize_with = "lenient::number")]
    pub max_pause_s: Option<i64>,
    /// The failure in a row that disables; null for never.
    #[serde(deserialize_with = "nullable_number")]
    #[schema(value_type = Option<i64>)]
    pub permanent_at: Option<Option<i64>>,
}

/// When a failed delivery is tried again.
#[derive(Serialize, ToSchema, Clone, PartialEq, Default, Debug)]
pub struct RetryPolicyInput {
    /// Seconds before each retry; empty for none.
    pub delays_s: Vec<i64>,
}

impl<'de> Deserialize<'de> for RetryPolicyInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize, Default)]
        #[serde(default)]
        struct Fields {
            #[serde(deserialize_with = "lenient::numbers")]
            delays_s: Option<Vec<i64>>,
        }
        const RULE: &str =
            "must be an object with delays_s, the seconds before each retry, such as [5, 60]; [] for none";
        let fields: Fields = lenient::object(Value::deserialize(deserializer)?, &["delays_s"], RULE)
            .map_err(D::Error::custom)?;
        let delays_s = fields.delays_s.ok_or_else(|| D::Error::custom(RULE))?;
        Ok(Self { delays_s })
    }
}

/// A hook. What is secret of it is only told to be there.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Hook {
    /// The id.
    pub id: i64,
    /// Where requests go, without credentials.
    pub url: String,
    /// What people call it.
    pub name: String,
    /// What people say of it.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
    /// The project that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<i64>,
    /// The group that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<i64>,
    /// The forge's events, those that its kind has.
    #[serde(flatten)]
    pub triggers: Triggers,
    /// Whether the receiver's certificate is checked.
    pub enable_ssl_verification: bool,
    /// `executable`, `temporarily_disabled` or `disabled`.
    pub alert_status: &'static str,
    /// Until when it is paused.
    pub disabled_until: Option<Time>,
    /// The names of the URL's parts that are secret.
    pub url_variables: Vec<Key>,
    /// The names of the headers of the owner's own.
    pub custom_headers: Vec<Key>,
    /// What is sent instead of the payload; empty for the payload itself.
    pub custom_webhook_template: String,
    /// The branches whose pushes are wanted; empty for all.
    pub push_events_branch_filter: String,
    /// `wildcard`, `regex` or `all_branches`.
    pub branch_filter_strategy: &'static str,
    /// Whether a token is set.
    pub token_present: bool,
    /// Whether a signing token is set.
    pub signing_token_present: bool,
    /// The certificate that requests show, if there is one.
    pub client_certificate: Option<ClientCertificate>,
    /// `any`, or `strict`: one event at a time, in their order.
    pub ordering: &'static str,
    /// The owner's own switch.
    pub enabled: bool,
    /// Patterns over a platform's own event types.
    pub event_types: Vec<String>,
    /// `healthy`, `unhealthy`, `paused`, `half_open` or `disabled`.
    pub health: &'static str,
    /// Failures in a row that counted.
    pub recent_failures: u32,
    /// When the newest of them was.
    pub last_failure_at: Option<Time>,
    /// What happened then, and what to do.
    pub last_error: Option<String>,
    /// Deliveries that wait.
    pub waiting_deliveries: u64,
    /// Most deliveries a minute.
    pub rate_per_minute: Option<u32>,
    /// Until when what waits is held back because a limit of deliveries a minute is reached: its own, or that of its namespace.
    pub throttled_until: Option<Time>,
    /// `hold` or `drop`.
    pub while_paused: &'static str,
    /// An object, `off`, or null for the next level's.
    pub failure_policy: Option<FailurePolicy>,
    /// An object, or null for the instance's.
    pub retry_policy: Option<RetryPolicy>,
}

/// A certificate that requests show. Its key is never told.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct ClientCertificate {
    /// Whom it names.
    pub subject: String,
    /// From when on receivers refuse it.
    pub expires_at: Time,
}

/// The name of something whose value is secret.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// The name.
    pub key: String,
}

/// What a hook says about failures.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
#[serde(untagged)]
pub enum FailurePolicy {
    /// `off`.
    Word(&'static str),
    /// Its own policy.
    Policy {
        /// The failure in a row that pauses first.
        threshold: u32,
        /// The first pause, in seconds.
        first_pause_s: u64,
        /// By how much each pause is longer than the one before.
        factor: f64,
        /// The longest pause, in seconds.
        max_pause_s: u64,
        /// The failure in a row that disables; null for never.
        permanent_at: Option<u32>,
    },
}

/// When a failed delivery is tried again.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct RetryPolicy {
    /// Seconds before each retry.
    pub delays_s: Vec<u64>,
}

/// What a test brought.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct TestResult {
    /// `201 Created` as GitLab has it, or what went wrong.
    pub message: String,
    /// The receiver's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_status: Option<u16>,
}
