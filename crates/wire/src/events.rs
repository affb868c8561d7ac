//! Events.

use crate::Time;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// An event to publish. The payload is kept byte for byte as it was sent.
#[derive(Deserialize, Debug)]
pub struct EventInput<'a> {
    /// What happened: `[A-Za-z0-9_.:-]{1,128}`.
    #[serde(rename = "type", borrow)]
    pub event_type: Cow<'a, str>,
    /// What hooks receive: any JSON.
    #[serde(borrow)]
    pub payload: &'a RawValue,
    /// Makes a repeated request harmless for 24 hours.
    #[serde(borrow, default)]
    pub idempotency_key: Option<Cow<'a, str>>,
}

/// [`EventInput`] as the document shows it.
#[derive(ToSchema, Debug)]
#[schema(as = EventInput)]
pub struct EventInputSchema {
    /// What happened: `[A-Za-z0-9_.:-]{1,128}`.
    #[schema(rename = "type", pattern = "^[A-Za-z0-9_.:-]{1,128}$", example = "push")]
    pub event_type: String,
    /// What hooks receive: any JSON.
    pub payload: serde_json::Value,
    /// Makes a repeated request harmless for 24 hours.
    pub idempotency_key: Option<String>,
}

/// An event was accepted, or had been before.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EventAccepted {
    /// The event's id.
    pub id: i64,
}

/// A batch was accepted.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct EventsAccepted {
    /// The events' ids, in the order of the lines.
    pub ids: Vec<i64>,
}

/// One of both, by the content type of the request.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
#[serde(untagged)]
pub enum Accepted {
    /// One event.
    One(EventAccepted),
    /// A batch.
    Batch(EventsAccepted),
}

/// An event with what became of it.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct EventStory {
    /// The id.
    pub id: i64,
    /// Its project.
    pub project_id: i64,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it was accepted.
    pub accepted_at: Time,
    /// Bytes of its payload.
    pub payload_bytes: usize,
    /// What each hook made of it.
    pub hooks: Vec<EventHook>,
}

/// What one hook made of an event.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct EventHook {
    /// The hook.
    pub hook_id: i64,
    /// Where its delivery stands, `not_wanted`, or `unknown`.
    pub state: &'static str,
    /// Why, in one word; none where it arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The same in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Until when it waits, if a time decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Time>,
    /// Attempts that counted against its retries.
    pub attempts: u32,
}
