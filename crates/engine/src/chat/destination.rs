//! Where a message of the outbox goes, as a text that is kept.

use std::fmt;

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Destination {
    /// A channel of a chat, by its name with the `#`, or its id.
    Channel(String),
    /// The charts.
    Annotation,
    /// The hooks of the project in which changes are published.
    Event,
}

impl Destination {
    /// The destination that a kept text is.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        match text {
            "annotation" => Some(Self::Annotation),
            "event" => Some(Self::Event),
            other => Some(Self::Channel(other.strip_prefix("channel:")?.to_owned())),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => write!(f, "channel:{name}"),
            Self::Annotation => f.write_str("annotation"),
            Self::Event => f.write_str("event"),
        }
    }
}
