//! Reads an answer within its caps.

use crate::limits::{
    ANSWER_BODY_BYTES_MAX, ANSWER_BODY_STORED_BYTES_MAX, ANSWER_HEADER_STORED_BYTES_MAX,
    ANSWER_HEADERS_STORED_MAX,
};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::Response;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderMap;
use std::time::Duration;
use wigwag_ports::egress::{Answer, Keep};

/// Whether anything of the answer is left on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rest {
    /// Read to its end: the connection can serve another request.
    Nothing,
    /// The cap was reached: the connection is of no more use.
    Unread,
}

/// Reads the body up to the cap. The answer's duration is left at zero for the caller, who holds the clock.
/// `is_overrun` says whether a failure comes from a wire that brought too much.
pub(crate) async fn read(
    response: Response<Incoming>,
    keep: Keep,
    is_overrun: impl Fn() -> bool,
) -> Result<(Answer, Rest), hyper::Error> {
    let bytes_read_max = body_bytes_max(keep);
    let bytes_stored_max = match keep {
        #[cfg(feature = "planted-faults")]
        _ if crate::fault::reads_endlessly() => usize::MAX,
        Keep::Beginning => ANSWER_BODY_STORED_BYTES_MAX,
        Keep::Whole(bytes_max) => bytes_max,
    };
    let (head, mut body) = response.into_parts();
    let mut stored = Vec::new();
    let mut read: u64 = 0;
    let mut rest = Rest::Nothing;
    while !body.is_end_stream() {
        if read >= bytes_read_max {
            rest = Rest::Unread;
            break;
        }
        let Some(frame) = body.frame().await else { break };
        let frame = match frame {
            // What is kept of it is whole; the rest is of no use.
            Err(_) if keep == Keep::Beginning && is_overrun() => {
                rest = Rest::Unread;
                break;
            }
            frame => frame?,
        };
        if let Ok(data) = frame.into_data() {
            let room = bytes_stored_max - stored.len();
            stored.extend_from_slice(&data[..data.len().min(room)]);
            read += data.len() as u64;
        }
    }
    let answer = Answer {
        status: head.status.as_u16(),
        headers: kept(&head.headers),
        body: Bytes::from(stored),
        body_bytes_read: read.min(bytes_read_max),
        duration: Duration::ZERO,
    };
    Ok((answer, rest))
}

/// Bytes of an answer's body that are read.
pub(crate) fn body_bytes_max(keep: Keep) -> u64 {
    match keep {
        #[cfg(feature = "planted-faults")]
        _ if crate::fault::reads_endlessly() => u64::MAX / 2,
        Keep::Beginning => ANSWER_BODY_BYTES_MAX,
        // One byte more tells the longest that is kept from a longer one.
        Keep::Whole(bytes_max) => bytes_max as u64 + 1,
    }
}

fn kept(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .take(ANSWER_HEADERS_STORED_MAX)
        .map(|(name, value)| (cut(name.as_str().as_bytes()), cut(value.as_bytes())))
        .collect()
}

/// The first bytes as text; a character that the cut went through, and bytes that are no UTF-8, are replaced.
fn cut(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(ANSWER_HEADER_STORED_BYTES_MAX)]).into_owned()
}
