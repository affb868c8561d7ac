//! What can go wrong between the client and the server, and what it means for the next attempt.

use std::time::Duration;

use crate::feed::{DecodeError, SseError};
use crate::health::Connection;
use crate::limits::{ANSWER_TIME_MAX, CONNECT_TIME_MAX, EVENT_TIME_MAX, SILENCE_MAX};

/// Why a stream ended or a request failed. None of it touches the last good snapshot.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    #[error("no connection within {} s", CONNECT_TIME_MAX.as_secs())]
    ConnectTimeout,
    #[error("no answer within {} s", ANSWER_TIME_MAX.as_secs())]
    AnswerTimeout,
    #[error("the server answers {status}{}", .says.as_ref().map_or_else(String::new, |says| format!(": {says}")))]
    Refused {
        status: u16,
        /// What the server says, and what to do about it.
        says: Option<String>,
        retry_after: Option<Duration>,
    },
    #[error("the answer is no event stream but `{0}`; is the URL that of Wigwag?")]
    NoStream(String),
    #[error("the server ended the stream")]
    Ended,
    #[error("the stream broke off: {0}")]
    Broken(String),
    #[error("nothing was heard for {} s", SILENCE_MAX.as_secs())]
    Silent,
    #[error("no event came to its end within {} s", EVENT_TIME_MAX.as_secs())]
    Slow,
    #[error("what came is not taken: {0}")]
    Sse(#[from] SseError),
    #[error("what came is not taken: {0}")]
    Garbage(#[from] DecodeError),
    #[error("a change is missing between version `{ours}` and `{since}`; a whole snapshot is fetched")]
    Gap { ours: String, since: String },
}

impl Trouble {
    /// Whether only a person can mend it, so that asking often is of no use.
    pub(crate) const fn needs_a_person(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403 | 404, .. })
    }

    /// Whether the next stream may go on from the version that we have. After what was not taken it may not: the same
    /// would come again.
    pub(crate) const fn permits_resuming(&self) -> bool {
        !matches!(self, Self::Gap { .. } | Self::Garbage(_) | Self::Sse(_))
    }

    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// How the client's health shows it.
    pub(crate) fn connection(&self) -> Connection {
        match self {
            Self::Refused { status, .. } if self.needs_a_person() => {
                Connection::Refused { status: *status, why: self.to_string() }
            }
            _ => Connection::Lost { why: self.to_string() },
        }
    }
}
