//! The errors that every route of a family may answer, for the document.

use utoipa::IntoResponses;
use wigwag_wire::errors::{Problem, V4Error};

/// Errors under `/api/v4`.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "only the document reads it")]
pub(crate) enum V4Errors {
    /// A parameter is missing or wrong.
    #[response(status = 400)]
    BadRequest(V4Error),
    /// No valid token came along.
    #[response(status = 401)]
    Unauthorized(V4Error),
    /// The token or its user may not do this.
    #[response(status = 403)]
    Forbidden(V4Error),
    /// It does not exist, or it is not yours to see.
    #[response(status = 404)]
    NotFound(V4Error),
    /// It clashes with something that exists.
    #[response(status = 409)]
    Conflict(V4Error),
    /// The body is too large.
    #[response(status = 413)]
    TooLarge(V4Error),
    /// The body is neither JSON nor a form.
    #[response(status = 415)]
    UnsupportedMediaType(V4Error),
    /// A value is refused.
    #[response(status = 422)]
    Unprocessable(V4Error),
    /// Too often; Retry-After says when to come back.
    #[response(status = 429)]
    TooMany(V4Error),
    /// Not now; Retry-After says when to come back.
    #[response(status = 503)]
    Unavailable(V4Error),
}

/// Errors under `/v1`.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "only the document reads it")]
pub(crate) enum V1Errors {
    /// The body is no JSON.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// No valid token came along.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(Problem),
    /// The token or its user may not do this.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(Problem),
    /// It does not exist, or it is not yours to see.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(Problem),
    /// It clashes with something that exists.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(Problem),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// A field is missing or wrong.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(Problem),
    /// Too often; Retry-After says when to come back.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// Not now; Retry-After says when to come back.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(Problem),
}
