//! Signatures of the Standard Webhooks specification, version 1: `v1,` and the base64 of
//! HMAC-SHA256(key, `message id.unix seconds.body`).

use crate::SigningKey;
use crate::limits::{SIGNING_KEY_BYTES_MAX, SIGNING_KEY_BYTES_MIN};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use wigwag_base::{Secret, Timestamp};

/// What the text of a signing key begins with.
const KEY_PREFIX: &str = "whsec_";

/// Standard base64, with or without its padding: both are in use among senders.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no signing key. It never repeats the text, which may be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SigningKeyError {
    /// Does not begin with `whsec_`.
    Prefix,
    /// What follows is no base64.
    Base64,
    /// Has fewer or more bytes than a key may have.
    Length,
}

impl fmt::Display for SigningKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => write!(f, "must begin with {KEY_PREFIX}"),
            Self::Base64 => write!(f, "must be {KEY_PREFIX} and the base64 of the key"),
            Self::Length => {
                write!(f, "must hold a key of {SIGNING_KEY_BYTES_MIN} to {SIGNING_KEY_BYTES_MAX} bytes")
            }
        }
    }
}

impl std::error::Error for SigningKeyError {}

impl SigningKey {
    /// Reads `whsec_` and the base64 of 24 to 64 bytes, as a key that does not run out.
    ///
    /// # Errors
    /// [`SigningKeyError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        let encoded = text.strip_prefix(KEY_PREFIX).ok_or(SigningKeyError::Prefix)?;
        let key = LENIENT.decode(encoded).map_err(|_| SigningKeyError::Base64)?;
        if !(SIGNING_KEY_BYTES_MIN..=SIGNING_KEY_BYTES_MAX).contains(&key.len()) {
            return Err(SigningKeyError::Length);
        }
        Ok(Self { key: Secret::new(key), expires_at: None })
    }

    /// The text that [`SigningKey::parse`] reads.
    pub fn format(&self) -> Secret<String> {
        Secret::new(format!("{KEY_PREFIX}{}", STANDARD.encode(self.key.expose())))
    }

    /// What it is called where it must not be shown: 12 hexadecimal digits that tell nothing of the key.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(b"signing token").chain_update(self.key.expose()).finalize();
        hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether it still signs.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The signing keys of one hook with their key schedules ready, so that a signature costs only the message.
#[derive(Clone)]
pub struct Signer {
    keys: Vec<(Hmac<Sha256>, Option<Timestamp>)>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer of {} keys", self.keys.len())
    }
}

impl Signer {
    /// Prepares the keys, which sign in this order.
    pub fn new(keys: &[SigningKey]) -> Self {
        Self { keys: keys.iter().map(|key| (schedule(key), key.expires_at)).collect() }
    }

    /// The header `webhook-signature`: a signature of every key that is valid at `now`, separated by spaces; `None`
    /// without a valid key.
    pub fn signature(
        &self,
        message_id: &str,
        unix_seconds: i64,
        body: &[u8],
        now: Timestamp,
    ) -> Option<String> {
        let mut header = String::new();
        for (schedule, _) in self.keys.iter().filter(|(_, end)| end.is_none_or(|end| now < end)) {
            if !header.is_empty() {
                header.push(' ');
            }
            header.push_str("v1,");
            let mac = signed(schedule, message_id, unix_seconds, body).finalize().into_bytes();
            STANDARD.encode_string(mac, &mut header);
        }
        (!header.is_empty()).then_some(header)
    }
}

/// Whether one of the signatures in `header` is that of `key`, compared in constant time: what a receiver does. The
/// receiver judges the age of the timestamp itself.
pub fn verify(key: &SigningKey, message_id: &str, unix_seconds: i64, body: &[u8], header: &str) -> bool {
    let expected = signed(&schedule(key), message_id, unix_seconds, body);
    header
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .any(|encoded| STANDARD.decode(encoded).is_ok_and(|mac| expected.clone().verify_slice(&mac).is_ok()))
}

fn schedule(key: &SigningKey) -> Hmac<Sha256> {
    Hmac::new_from_slice(key.key.expose()).expect("HMAC takes keys of any length")
}

fn signed(schedule: &Hmac<Sha256>, message_id: &str, unix_seconds: i64, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = schedule.clone();
    mac.update(message_id.as_bytes());
    mac.update(format!(".{unix_seconds}.").as_bytes());
    mac.update(body);
    mac
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
