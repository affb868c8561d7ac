use super::{capitalised, json_answer};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use wigwag_engine::EngineError;

/// An error as an RFC 9457 problem document.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<String>,
    line: Option<usize>,
    retry_after: Option<Duration>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None, line: None, retry_after: None }
    }

    /// A field that is missing or wrong.
    pub(crate) fn invalid(field: &str, rule: &str) -> Self {
        let detail = format!("{field} {rule}");
        Self {
            field: Some(field.to_owned()),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail)
        }
    }

    /// A body that is no JSON, with the place.
    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        let detail = format!("The body is not valid JSON: {error}.");
        Self::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
    }

    /// A body above a limit.
    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let detail = format!("The body is larger than {bytes_max} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// The same, said of a line of a batch, from 1.
    pub(crate) fn at_line(mut self, line: usize) -> Self {
        self.detail = format!("Line {line}: {}", self.detail);
        self.line = Some(line);
        self
    }

    /// The same with another status.
    pub(crate) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same, with the time to come back.
    pub(crate) const fn later(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Unauthorized => {
                let detail = "No valid token came along. Send one in the header PRIVATE-TOKEN or as Authorization: \
                              Bearer.";
                Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
            }
            EngineError::Forbidden(why) => Self::new(StatusCode::FORBIDDEN, "forbidden", why),
            EngineError::NotFound(what) => {
                let detail = format!("There is no such {what}, or it is not yours to see.");
                Self::new(StatusCode::NOT_FOUND, "not_found", detail)
            }
            EngineError::Invalid { field, rule } => Self::invalid(field, &rule),
            EngineError::Conflict(text) => Self::new(StatusCode::CONFLICT, "conflict", capitalised(&text)),
            EngineError::TooLarge(text) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", capitalised(&text))
            }
            EngineError::TooMany { retry_after } => {
                let detail = capitalised(&error.to_string());
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", detail).later(retry_after)
            }
            EngineError::Unavailable { retry_after, .. } => {
                let detail = capitalised(&error.to_string());
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).later(retry_after)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = wigwag_wire::errors::Problem {
            kind: format!("urn:wigwag:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.to_owned(),
            field: self.field,
            line: self.line,
        };
        let mut response = json_answer(self.status, document, self.retry_after);
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
