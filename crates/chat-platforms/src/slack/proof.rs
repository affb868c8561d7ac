//! Slack's signature, version 0: HMAC-SHA-256 over `v0:TIMESTAMP:BODY`, as Slack's documentation on verifying requests
//! describes it.

use crate::constant_time;
use crate::form::only_header;
use crate::limits::{REMEMBERED_FOR, SIGNATURE_WINDOW};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wigwag_base::{Secret, Timestamp};
use wigwag_ports::chat_platform::{ChatRefusal, ChatRequest, OnceId};

/// Proves a request, and gives what it is known by if it comes again.
pub(super) fn check(secrets: &[Secret<String>], request: &ChatRequest<'_>) -> Result<OnceId, ChatRefusal> {
    let signature = only_header(request, "x-slack-signature")?;
    let timestamp = only_header(request, "x-slack-request-timestamp")?;
    let forged = |why: &str| ChatRefusal::Forged(why.to_owned());
    let digits =
        !timestamp.is_empty() && timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
    let signed_at: i64 =
        timestamp.parse().ok().filter(|_| digits).ok_or_else(|| forged("its time is no number"))?;
    let given = signature.strip_prefix("v0=").and_then(from_hex);
    let given = given.ok_or_else(|| forged("its signature is none of version 0"))?;
    // Every secret is tried, so that the time tells nothing of which was right.
    let right = secrets.iter().fold(false, |right, secret| {
        right | constant_time::equal(&signature_of(secret.expose(), timestamp, request.body), &given)
    });
    if !right {
        return Err(forged("its signature is wrong; check the signing secret"));
    }
    let signed_at = Timestamp::from_secs(signed_at);
    let apart = request.now.since(signed_at).max(signed_at.since(request.now));
    if apart > SIGNATURE_WINDOW {
        let seconds = apart.as_secs();
        return Err(ChatRefusal::Stale(format!(
            "it was signed {seconds} s away from our time; an old request is refused. Is this machine's clock right?"
        )));
    }
    let mut hash = Sha256::new();
    hash.update(timestamp.as_bytes());
    hash.update(b":");
    hash.update(&given);
    Ok(OnceId { id: hash.finalize().into(), for_: REMEMBERED_FOR })
}

fn signature_of(secret: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    for part in [b"v0:", timestamp.as_bytes(), b":", body] {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// 32 bytes from 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..32).map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()).collect()
}
