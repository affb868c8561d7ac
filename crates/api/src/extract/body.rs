use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// Larger than it may be.
    TooLarge,
    /// The client went away or broke the framing.
    Broken,
}

/// The whole body, if it has at most `bytes_max` bytes. A larger one that says so is not read at all.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyError::TooLarge);
    }
    axum::body::to_bytes(body, bytes_max).await.map_err(|error| {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = source {
            if inner.to_string() == "length limit exceeded" {
                return BodyError::TooLarge;
            }
            source = inner.source();
        }
        BodyError::Broken
    })
}

/// The media type that a request says of its body, lower case, without parameters; empty if it says none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}
