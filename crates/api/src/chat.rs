//! `/chat`: where chats send what is said to us. A request proves itself, by the platform's own signature or token; no
//! credential of ours is looked at.

use crate::Api;
use crate::errors;
use crate::extract::{At, BodyError, read_body};
use crate::limits::CHAT_BODY_BYTES_MAX;
use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use wigwag_engine::Engine;

/// They are no part of the OpenAPI document: their form is the platforms'.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/chat/{platform}", post(receive)).method_not_allowed_fallback(explain)
}

async fn receive(
    State(engine): State<Engine>,
    At(platform): At<String>,
    uri: OriginalUri,
    request: Request,
) -> Response {
    // The answer to an unknown platform repeats its name.
    if !platform.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return errors::not_found(uri).await;
    }
    let (parts, content) = request.into_parts();
    let content = match read_body(content, CHAT_BODY_BYTES_MAX).await {
        Ok(content) => content,
        Err(BodyError::TooLarge) => {
            let text = format!("The body is larger than {CHAT_BODY_BYTES_MAX} bytes.\n");
            return (StatusCode::PAYLOAD_TOO_LARGE, text).into_response();
        }
        Err(BodyError::Broken) => {
            return (StatusCode::BAD_REQUEST, "The body broke off before its end.\n").into_response();
        }
    };
    let answer = engine.receive_chat(&platform, &texts(&parts.headers), &content).await;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type)], Body::from(answer.body)).into_response()
}

/// The headers whose values are texts; names are in lower case already.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

/// For whoever opens the address in a browser.
async fn explain() -> (StatusCode, &'static str) {
    let text = "Chats send their commands to this address by POST: enter it in the chat's slash command. \
                docs/using/chatops-setup.md says how.\n";
    (StatusCode::METHOD_NOT_ALLOWED, text)
}
