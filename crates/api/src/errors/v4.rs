use super::{capitalised, json_answer};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::time::Duration;
use wigwag_engine::EngineError;
use wigwag_wire::errors::{ErrorText, Message, V4Error as Shape};

/// An error in GitLab's shapes.
#[derive(Debug)]
pub(crate) struct V4Error {
    status: StatusCode,
    shape: Shape,
    retry_after: Option<Duration>,
}

impl V4Error {
    /// `{"message": ...}`.
    pub(crate) fn message(status: StatusCode, message: impl Into<Value>) -> Self {
        let shape = Shape::Message(Message { message: message.into(), reason: None });
        Self { status, shape, retry_after: None }
    }

    /// `{"error": ...}`.
    pub(crate) fn error(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, shape: Shape::Error(ErrorText { error: error.into() }), retry_after: None }
    }

    /// A required parameter that is missing.
    pub(crate) fn missing(field: &str) -> Self {
        Self::error(StatusCode::BAD_REQUEST, format!("{field} is missing"))
    }

    /// A parameter with a wrong value.
    pub(crate) fn invalid(field: &str, rule: &str) -> Self {
        Self::error(StatusCode::BAD_REQUEST, format!("{field} {rule}"))
    }

    /// A field that is wrong, from the engine, as routes of this kind tell it.
    pub(crate) fn told(error: EngineError, tell: impl FnOnce(&'static str, String) -> Self) -> Self {
        match error {
            EngineError::Invalid { field, rule } => tell(field, rule),
            other => other.into(),
        }
    }

    fn because(mut self, text: String) -> Self {
        if let Shape::Message(message) = &mut self.shape {
            message.reason = Some(text);
        }
        self
    }

    fn later(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<EngineError> for V4Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Unauthorized => Self::message(StatusCode::UNAUTHORIZED, "401 Unauthorized"),
            EngineError::Forbidden(why) => Self::message(StatusCode::FORBIDDEN, "403 Forbidden").because(why),
            EngineError::NotFound("hook" | "member" | "attempt") => {
                Self::message(StatusCode::NOT_FOUND, "404 Not found")
            }
            EngineError::NotFound(what) => {
                let words: Vec<String> = what.split(' ').map(capitalised).collect();
                Self::message(StatusCode::NOT_FOUND, format!("404 {} Not Found", words.join(" ")))
            }
            EngineError::Invalid { field, rule } => {
                Self::message(StatusCode::BAD_REQUEST, json!({ field: [rule] }))
            }
            EngineError::Conflict(text) => Self::message(StatusCode::CONFLICT, text),
            EngineError::TooLarge(text) => Self::message(StatusCode::PAYLOAD_TOO_LARGE, text),
            EngineError::TooMany { retry_after } => {
                let error = "This endpoint has been requested too many times. Try again later.";
                Self::message(StatusCode::TOO_MANY_REQUESTS, json!({ "error": error })).later(retry_after)
            }
            EngineError::Unavailable { ref reason, retry_after } => {
                let reason = reason.clone();
                Self::message(StatusCode::SERVICE_UNAVAILABLE, "503 Service Unavailable")
                    .because(reason)
                    .later(retry_after)
            }
        }
    }
}

impl IntoResponse for V4Error {
    fn into_response(self) -> Response {
        json_answer(self.status, self.shape, self.retry_after)
    }
}
