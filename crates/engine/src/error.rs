use std::time::Duration;
use wigwag_ports::StoreError;

/// Why a use case did not do what it was asked; nothing of it happened then. Texts are for the person who asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EngineError {
    /// No valid credential came along.
    #[error("401 Unauthorized")]
    Unauthorized,
    /// The credential does not allow this; the reason says what would.
    #[error("{0}")]
    Forbidden(String),
    /// It does not exist, or the caller may not know that it does.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A field is wrong: which, and the rule.
    #[error("{field} {rule}")]
    Invalid {
        /// The field's name in the API.
        field: &'static str,
        /// The rule that it breaks, so that `FIELD RULE` is a sentence.
        rule: String,
    },
    /// It clashes with something that exists.
    #[error("{0}")]
    Conflict(String),
    /// Too large: what, and the limit.
    #[error("{0}")]
    TooLarge(String),
    /// Too often: when to come back.
    #[error("too many requests; try again in {} s", .retry_after.as_secs())]
    TooMany {
        /// When to come back.
        retry_after: Duration,
    },
    /// Not now: what is wrong, and when to come back.
    #[error("{reason}; try again in {} s", .retry_after.as_secs())]
    Unavailable {
        /// What is wrong.
        reason: String,
        /// When to come back.
        retry_after: Duration,
    },
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        let retry_after = crate::limits::RETRY_AFTER_UNAVAILABLE;
        match error {
            StoreError::NotFound(what) => Self::NotFound(what),
            StoreError::Taken(field) => Self::Invalid { field, rule: "has already been taken".into() },
            StoreError::LimitReached(text) => Self::Conflict(text),
            StoreError::Stale => {
                Self::Conflict("it was changed by someone else meanwhile; read it again".into())
            }
            StoreError::Full | StoreError::Unavailable(_) | StoreError::Fatal(_) => {
                Self::Unavailable { reason: error.to_string(), retry_after }
            }
        }
    }
}
