use bytes::Bytes;
use wigwag_base::{EventId, ProjectId, Timestamp};

/// Something that happened in a project, accepted and durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Given by the store at its commit.
    pub id: EventId,
    /// Where it happened.
    pub project: ProjectId,
    /// What happened.
    pub event_type: EventType,
    /// The JSON that hooks receive, byte for byte as it was published.
    pub payload: Bytes,
    /// The chain that it belongs to (`X-Gitlab-Event-UUID`), if it came in with one; a UUID's 16 bytes.
    pub chain: Option<[u8; 16]>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// An event that waits to be accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEvent {
    /// Where it happened.
    pub project: ProjectId,
    /// What happened.
    pub event_type: EventType,
    /// The JSON that hooks receive; already checked to be JSON.
    pub payload: Bytes,
    /// Makes a repeated request harmless; unique per project for 24 hours.
    pub idempotency_key: Option<String>,
    /// SHA-256 of type, a zero byte and raw payload: what a repeated key must agree in. All zero without a key.
    pub digest: [u8; 32],
    /// The chain that it belongs to, if it came in with one.
    pub chain: Option<[u8; 16]>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// The type of an event: `[A-Za-z0-9_.:-]{1,128}`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct EventType(std::sync::Arc<str>);

impl EventType {
    /// Takes a text that fits the pattern.
    ///
    /// # Errors
    /// `None` if it does not; the caller names the pattern.
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= crate::limits::EVENT_TYPE_CHARACTERS_MAX
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b));
        fits.then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EventType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
