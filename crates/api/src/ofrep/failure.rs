use crate::errors::{capitalised, json_answer};
use crate::feed::Crowded;
use crate::limits::{CONTEXT_BYTES_MAX, STREAM_RETRY_AFTER};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use utoipa::IntoResponses;
use wigwag_engine::EngineError;
use wigwag_wire::ofrep::EvaluationFailure;

/// An error in the protocol's shape.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    details: String,
    key: Option<String>,
    retry_after: Option<Duration>,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, details: impl Into<String>) -> Self {
        Self { status, code, details: details.into(), key: None, retry_after: None }
    }

    /// A body that is no JSON.
    pub(super) fn parse(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARSE_ERROR", details)
    }

    /// JSON that is no evaluation context.
    pub(super) fn invalid_context(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_CONTEXT", details)
    }

    /// A context above the limit.
    pub(super) fn too_large() -> Self {
        let details = format!(
            "The request is larger than {CONTEXT_BYTES_MAX} bytes. Send what flags are decided by: targetingKey and \
             actors."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_CONTEXT", details)
    }

    /// The same, said of one flag.
    pub(super) fn of(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        const GENERAL: &str = "GENERAL";
        let text = capitalised(&error.to_string());
        match error {
            EngineError::Unauthorized => {
                let details = "No valid token came along. Send one as Authorization: Bearer or in the header X-API-Key.";
                Self::new(StatusCode::UNAUTHORIZED, GENERAL, details)
            }
            EngineError::Forbidden(why) => Self::new(StatusCode::FORBIDDEN, GENERAL, why),
            EngineError::NotFound("feature flag") => {
                let details = "There is no such flag here: it is neither defined nor stored.";
                Self::new(StatusCode::NOT_FOUND, "FLAG_NOT_FOUND", details)
            }
            // 404 would say that the flag does not exist.
            EngineError::NotFound(_) | EngineError::Invalid { .. } | EngineError::Conflict(_) => {
                Self::new(StatusCode::BAD_REQUEST, GENERAL, text)
            }
            EngineError::TooLarge(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, GENERAL, text),
            EngineError::TooMany { retry_after } => {
                let failure = Self::new(StatusCode::TOO_MANY_REQUESTS, GENERAL, text);
                Self { retry_after: Some(retry_after), ..failure }
            }
            EngineError::Unavailable { retry_after, .. } => {
                let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, GENERAL, text);
                Self { retry_after: Some(retry_after), ..failure }
            }
        }
    }
}

impl From<Crowded> for Failure {
    fn from(crowded: Crowded) -> Self {
        let failure = Self::new(crowded.status(), "GENERAL", crowded.to_string());
        Self { retry_after: Some(STREAM_RETRY_AFTER), ..failure }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = EvaluationFailure {
            key: self.key.as_deref(),
            error_code: self.code,
            error_details: self.details,
        };
        json_answer(self.status, body, self.retry_after)
    }
}

/// Errors under `/ofrep/v1`, for the document.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "only the document reads it")]
pub(crate) enum OfrepErrors {
    /// The body is no JSON, the context is none, or there is no such environment.
    #[response(status = 400)]
    BadRequest(EvaluationFailure<'static>),
    /// No valid token came along.
    #[response(status = 401)]
    Unauthorized(EvaluationFailure<'static>),
    /// The token or its user may not evaluate flags.
    #[response(status = 403)]
    Forbidden(EvaluationFailure<'static>),
    /// There is no such flag.
    #[response(status = 404)]
    NotFound(EvaluationFailure<'static>),
    /// The context is too large.
    #[response(status = 413)]
    TooLarge(EvaluationFailure<'static>),
    /// Too often; Retry-After says when to come back.
    #[response(status = 429)]
    TooMany(EvaluationFailure<'static>),
    /// Not now; Retry-After says when to come back.
    #[response(status = 503)]
    Unavailable(EvaluationFailure<'static>),
}
