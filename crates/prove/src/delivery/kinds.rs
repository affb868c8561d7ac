use crate::receiver::Reply;
use serde_json::{Value, json};
use std::time::Duration;

/// A receiver, by the way in which it fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// Never.
    Steady,
    /// 500 at first, then 200.
    Stumbles,
    /// Reads every 16th event and says nothing until our time is over; then 200.
    Late,
    /// Reads, resets the connection, then 200.
    Resets,
    /// 200, with a body that breaks off: an unknown outcome; then 200.
    Breaks,
    /// 503 while the doors are closed; its template is edited meanwhile.
    Edited,
    /// 500 while the doors are closed, so that it is paused until somebody enables it.
    Paused,
    /// 500 while the doors are closed, and nothing is tried again; replayed later.
    GivenUp,
}

/// What a receiver knows when a request comes.
pub(super) struct Moment {
    /// The event's number.
    pub(super) number: u64,
    /// How often it came before.
    pub(super) before: u32,
    pub(super) doors: Doors,
}

/// Whether receivers that wait for it take anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Doors {
    Closed,
    Open,
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Self::Steady,
        Self::Stumbles,
        Self::Late,
        Self::Resets,
        Self::Breaks,
        Self::Edited,
        Self::Paused,
        Self::GivenUp,
    ];

    /// Its part of the URL.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Steady => "/steady",
            Self::Stumbles => "/stumbles",
            Self::Late => "/late",
            Self::Resets => "/resets",
            Self::Breaks => "/breaks",
            Self::Edited => "/edited",
            Self::Paused => "/paused",
            Self::GivenUp => "/given-up",
        }
    }

    pub(super) fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.path() == path)
    }

    /// What its hook says of itself.
    pub(super) fn hook(self) -> Value {
        let (failure_policy, delays): (Value, Vec<u32>) = match self {
            // Longer than the proof: somebody must enable it.
            Self::Paused => (json!({ "threshold": 2, "first_pause_s": 3_600 }), vec![1; 32]),
            Self::GivenUp => (json!("off"), Vec::new()),
            _ => (json!("off"), vec![1; 32]),
        };
        let mut hook = json!({
            "name": self.path(),
            "failure_policy": failure_policy,
            "retry_policy": { "delays_s": delays },
        });
        if self == Self::Edited {
            hook["custom_webhook_template"] = template(1).into();
        }
        hook
    }

    /// What it answers.
    pub(super) fn reply(self, moment: &Moment) -> Reply {
        let closed = moment.doors == Doors::Closed;
        match self {
            Self::Stumbles if moment.before == 0 => Reply::status(500),
            Self::Late if moment.before == 0 && moment.number.is_multiple_of(16) => Reply::Silence,
            Self::Resets if moment.before == 0 => Reply::Reset,
            Self::Breaks if moment.before == 0 => Reply::Broken,
            Self::Edited if closed => Reply::status(503),
            Self::Paused | Self::GivenUp if closed => Reply::status(500),
            Self::Steady => Reply::Answer {
                status: 200,
                headers: String::new(),
                body: b"taken".to_vec(),
                after: Duration::from_millis(moment.number % 3),
            },
            _ => Reply::status(200),
        }
    }
}

/// The template of a hook that is edited: each edition makes other bytes.
pub(super) fn template(edition: u32) -> String {
    format!(r#"{{"edition": {edition}, "number": {{{{number}}}}}}"#)
}
