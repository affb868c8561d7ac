//! `/chat`: where chats send what is said to us. A request proves itself, by the platform's own signature or token; no
//! credential of ours is looked at.

use crate::Api;
use crate::extract::body;
use crate::limits::BODY_BYTES_MAX;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use wigwag_engine::Engine;

/// They are no part of the OpenAPI document: their form is the platforms'.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/chat/{platform}", post(receive).get(explain))
}

async fn receive(State(engine): State<Engine>, Path(platform): Path<String>, request: Request) -> Response {
    let (parts, content) = request.into_parts();
    let content = match body::read(content, BODY_BYTES_MAX).await {
        Ok(content) => content,
        Err(body::BodyError::TooLarge) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(body::BodyError::Broken) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    let headers: Vec<(String, String)> = parts.headers.iter().filter_map(text).collect();
    let answer = engine.receive_chat(&platform, &headers, &content).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

/// For whoever opens the address in a browser.
async fn explain() -> (StatusCode, &'static str) {
    let text =
        "This address is for a chat's slash command; enter it there. See docs/using/chatops-setup.md.\n";
    (StatusCode::METHOD_NOT_ALLOWED, text)
}
