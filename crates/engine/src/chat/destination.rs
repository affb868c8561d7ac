//! Where a message of the outbox goes, as a text that is kept.

use std::fmt;
use wigwag_base::UserId;
use wigwag_ports::notices::Line;

/// Where a message goes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Destination {
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
    /// A line of notices: its message says when what waits there goes out, and the notices what.
    Notices(Line),
}

impl Destination {
    /// The destination that a kept text is.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        match text {
            "annotation" => return Some(Self::Annotation),
            "event" => return Some(Self::Event),
            "notice-chat" => return Some(Self::Notices(Line::Chat)),
            "notice-events" => return Some(Self::Notices(Line::Events)),
            _ => {}
        }
        match text.split_once(':')? {
            ("channel", name) => Some(Self::Channel(name.to_owned())),
            ("mail", user) => Some(Self::Notices(Line::Mail(UserId(user.parse().ok()?)))),
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
            Self::Notices(Line::Mail(user)) => write!(f, "mail:{user}"),
            Self::Notices(Line::Chat) => f.write_str("notice-chat"),
            Self::Notices(Line::Events) => f.write_str("notice-events"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Destination, Line, UserId};

    #[test]
    fn what_is_kept_comes_back() {
        let name = || "slack:#production".to_owned();
        let answer = Destination::Answer { platform: "slack".into(), number: u64::MAX };
        let lines = [Line::Mail(UserId(7)), Line::Chat, Line::Events].map(Destination::Notices);
        let others = [Destination::Channel(name()), answer, Destination::Annotation, Destination::Event];
        for one in others.into_iter().chain(lines) {
            assert_eq!(Destination::from_text(&one.to_string()), Some(one));
        }
        for crooked in ["", "channel", "answer:slack", "answer:slack:x", "events", "mail:a"] {
            assert_eq!(Destination::from_text(crooked), None, "{crooked}");
        }
    }
}
