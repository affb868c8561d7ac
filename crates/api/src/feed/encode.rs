//! Messages of the feed as bytes of a server-sent event stream.

use bytes::Bytes;
use serde::Serialize;
use std::hash::{BuildHasher, RandomState};
use wigwag_wire::ofrep::StreamMessage;

/// What an idle stream says, so that proxies keep it open and a dead client is noticed.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// What every stream begins with: a client that was cut off waits so many milliseconds before it asks again.
pub(super) const PROLOGUE: Bytes = Bytes::from_static(b"retry: 1000\n\n");

/// A name of this process, other than that of any process before.
pub(super) fn epoch() -> String {
    format!("{:016x}", RandomState::new().hash_one("epoch"))
}

/// The version of `number` in the process `epoch`.
pub(super) fn version(epoch: &str, number: u64) -> String {
    format!("{epoch}-{number}")
}

/// A value as JSON; our own types always fit.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("these types hold texts, numbers and lists only")
}

/// An event of the flag feed.
pub(super) fn event(name: &str, version: &str, json: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(json.len() + name.len() + version.len() + 32);
    for part in [b"event: ", name.as_bytes(), b"\nid: ", version.as_bytes(), b"\ndata: ", json, b"\n\n"] {
        text.extend_from_slice(part);
    }
    text.into()
}

/// The one event of the protocol's streams: ask again.
pub(super) fn notice(version: &str) -> Bytes {
    let message = json(&StreamMessage { kind: "refetchEvaluation", etag: version });
    let mut text = Vec::with_capacity(message.len() + version.len() + 16);
    for part in [b"id: ", version.as_bytes(), b"\ndata: ", &message, b"\n\n"] {
        text.extend_from_slice(part);
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::{event, notice};

    #[test]
    fn events_are_lines_with_an_empty_one_at_the_end() {
        assert_eq!(event("change", "e-2", b"{}"), "event: change\nid: e-2\ndata: {}\n\n");
        let told = "id: e-2\ndata: {\"type\":\"refetchEvaluation\",\"etag\":\"e-2\"}\n\n";
        assert_eq!(notice("e-2"), told);
    }
}
