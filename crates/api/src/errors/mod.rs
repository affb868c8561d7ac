//! From what went wrong to an answer, in the shape of each family of routes.

mod documented;
mod v1;
mod v4;

pub(crate) use documented::{V1Errors, V4Errors};
pub(crate) use v1::Problem;
pub(crate) use v4::V4Error;

use axum::Json;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// No such route.
pub(crate) async fn not_found(OriginalUri(uri): OriginalUri) -> Response {
    if is_v4(uri.path()) {
        return V4Error::error(StatusCode::NOT_FOUND, "404 Not Found").into_response();
    }
    let detail = format!("There is no route {}; /openapi.json lists them.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "no_such_route", detail).into_response()
}

/// A route that has not this method; axum adds `Allow`.
pub(crate) async fn method_not_allowed(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    if is_v4(uri.path()) {
        return V4Error::error(StatusCode::METHOD_NOT_ALLOWED, "405 Not Allowed").into_response();
    }
    let detail = format!("{} does not take {method}; the header Allow says what it takes.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).into_response()
}

/// A bug of ours: said without detail, logged with it.
pub(crate) fn internal() -> Response<Body> {
    let detail = "This is a fault of the server's own. Its log holds the request's id.";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).into_response()
}

fn is_v4(path: &str) -> bool {
    path.starts_with("/api/v4/") || path.starts_with("/environments/")
}

/// A JSON answer with what else an error brings along.
pub(crate) fn json_answer(
    status: StatusCode,
    body: impl serde::Serialize,
    retry_after: Option<Duration>,
) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Some(wait) = retry_after {
        let wait_s = wait.as_secs().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
    }
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer realm=\"wigwag\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The text with a capital at its beginning, as GitLab's messages have it.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
