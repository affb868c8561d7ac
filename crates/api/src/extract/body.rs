use crate::limits::{REFUSED_BODY_BYTES_MAX, REFUSED_BODY_WITHIN};
use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use tokio_stream::StreamExt;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// Larger than it may be.
    TooLarge,
    /// The client went away or broke the framing.
    Broken,
}

/// The whole body, if it has at most `bytes_max` bytes. A larger one that says so is dropped as it comes.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, BodyError> {
    let bytes = body.size_hint().lower();
    if bytes > bytes_max as u64 {
        if is_drained(bytes) {
            drain(body).await;
        }
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

/// Whether a body that is refused for its size is waited for.
fn is_drained(bytes: u64) -> bool {
    bytes <= REFUSED_BODY_BYTES_MAX
}

/// Reads what a client still sends and drops it: closing on unread bytes resets the connection, and a client that is
/// still writing would never read why it was refused.
async fn drain(body: Body) {
    let mut pieces = body.into_data_stream();
    let reading = async { while let Some(Ok(_)) = pieces.next().await {} };
    // Who is slower hears nothing; the connection closes.
    let _ = tokio::time::timeout(REFUSED_BODY_WITHIN, reading).await;
}

/// The media type that a request says of its body, lower case, without parameters; empty if it says none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{REFUSED_BODY_BYTES_MAX, is_drained};

    #[test]
    fn a_refused_body_is_waited_for_up_to_a_size() {
        assert!(is_drained(REFUSED_BODY_BYTES_MAX));
        assert!(!is_drained(REFUSED_BODY_BYTES_MAX + 1));
    }
}
