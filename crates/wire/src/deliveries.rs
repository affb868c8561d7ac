//! Deliveries: one event for one hook.

use crate::{Time, lenient};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    /// Of one event.
    #[serde(deserialize_with = "lenient::number")]
    pub event_id: Option<i64>,
    /// Of events accepted at or after this time.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
    /// Of events accepted before this time.
    #[serde(deserialize_with = "lenient::text")]
    pub until: Option<String>,
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
    /// Why it stands there, in one word, such as `hook_paused` or `retries_used_up`; none where it arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Until when it waits, if a time decides: the end of a pause, of a minute, the next try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
    /// When the next attempt is due, while it is `retrying`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Time>,
    /// Attempts that counted against its retries.
    pub attempts: u32,
}

/// Which deliveries are sent again. A name that is not known is refused: a misspelt one would mean more than was meant.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayInput {
    /// Which; without one, everything that did not arrive.
    #[serde(deserialize_with = "filled")]
    pub filter: ReplayFilter,
    /// Counts them and sends nothing.
    #[serde(deserialize_with = "lenient::switch")]
    #[schema(value_type = Option<bool>)]
    pub dry_run: Option<bool>,
}

/// Which deliveries. Every field narrows.
#[derive(Serialize, Deserialize, ToSchema, Default, Debug)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayFilter {
    /// Some of `given_up`, `skipped`, `expired`, `delivered`; without one, the first three.
    #[serde(deserialize_with = "lenient::list")]
    pub state: Option<Vec<String>>,
    /// Of one hook.
    #[serde(deserialize_with = "lenient::number")]
    pub hook_id: Option<i64>,
    /// Of events of this type.
    #[serde(deserialize_with = "lenient::text")]
    pub event_type: Option<String>,
    /// Of events accepted at or after this time.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
    /// Of events accepted before this time.
    #[serde(deserialize_with = "lenient::text")]
    pub until: Option<String>,
}

/// A field that is given must say something: an empty one would mean more than was meant.
fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ReplayFilter, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is_empty = |value: &Value| match value {
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => {
            values.is_empty() || values.iter().any(|one| one.as_str().is_none_or(str::is_empty))
        }
        _ => false,
    };
    if let Some((name, _)) = value.as_object().into_iter().flatten().find(|(_, value)| is_empty(value)) {
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        return Err(D::Error::custom(format!("{name} is empty; leave it out, or say which")));
    }
    if value.is_null() {
        return Ok(ReplayFilter::default());
    }
    ReplayFilter::deserialize(value).map_err(D::Error::custom)
}

/// Characters of a field's name that are told back.
const NAME_CHARACTERS_MAX: usize = 40;

/// What was sent again, or would be.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// How many deliveries wait once more, or would.
    pub count: u64,
    /// Whether there are more than one call takes; the next call goes on.
    pub more: bool,
}
