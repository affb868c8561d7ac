//! Where a message of the outbox goes, as a text that is kept.

use std::fmt;

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Destination {
    /// A channel of a chat, by its name with the `#`, or its id.
    Channel(String),
    /// Whoever asked something that took long.
    Answer {
        /// The chat's word.
        platform: String,
        /// A number of its own, so that no answer waits for another.
        number: u64,
    },
    /// The charts.
    Annotation,
    /// The hooks of the project in which changes are published.
    Event,
}

impl Destination {
    /// The destination that a kept text is.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        match text {
            "annotation" => return Some(Self::Annotation),
            "event" => return Some(Self::Event),
            _ => {}
        }
        match text.split_once(':')? {
            ("channel", name) => Some(Self::Channel(name.to_owned())),
            ("answer", rest) => {
                let (platform, number) = rest.split_once(':')?;
                let number = u64::from_str_radix(number, 16).ok()?;
                Some(Self::Answer { platform: platform.to_owned(), number })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => write!(f, "channel:{name}"),
            Self::Answer { platform, number } => write!(f, "answer:{platform}:{number:016x}"),
            Self::Annotation => f.write_str("annotation"),
            Self::Event => f.write_str("event"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Destination;

    #[test]
    fn what_is_kept_comes_back() {
        let name = || "slack:#production".to_owned();
        let answer = Destination::Answer { platform: "slack".into(), number: u64::MAX };
        for one in [Destination::Channel(name()), answer, Destination::Annotation, Destination::Event] {
            assert_eq!(Destination::from_text(&one.to_string()), Some(one));
        }
        for crooked in ["", "channel", "answer:slack", "answer:slack:x", "events", "mail:a"] {
            assert_eq!(Destination::from_text(crooked), None, "{crooked}");
        }
    }
}
