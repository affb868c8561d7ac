//! Signatures of the Standard Webhooks specification over `message id.unix seconds.body`: `v1,` and the base64 of its
//! HMAC-SHA256, or `v1a,` and that of its ed25519 signature.

use crate::limits::{SIGNING_KEY_BYTES_MAX, SIGNING_KEY_BYTES_MIN};
use crate::{SigningKey, SigningScheme};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use ed25519_dalek::{Signature, Signer as _};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use wigwag_base::{Secret, Timestamp};

/// What the text of an HMAC key begins with.
const KEY_PREFIX: &str = "whsec_";
/// What the texts of an ed25519 key's halves begin with.
const SECRET_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// Bytes of an ed25519 seed, and of a public key.
const SEED_BYTES: usize = 32;

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
    /// Is no ed25519 seed, alone or with its public key.
    Pair,
}

impl fmt::Display for SigningKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => write!(f, "must begin with {KEY_PREFIX}, or with {SECRET_PREFIX} for ed25519"),
            Self::Base64 => write!(f, "must be {KEY_PREFIX} and the base64 of the key"),
            Self::Pair => write!(
                f,
                "must be {SECRET_PREFIX} and the base64 of an ed25519 seed of {SEED_BYTES} bytes, alone or with its public key"
            ),
            Self::Length => {
                write!(f, "must hold a key of {SIGNING_KEY_BYTES_MIN} to {SIGNING_KEY_BYTES_MAX} bytes")
            }
        }
    }
}

impl std::error::Error for SigningKeyError {}

impl SigningKey {
    /// Reads `whsec_` and the base64 of 24 to 64 bytes, or `whsk_` and that of an ed25519 seed (32 bytes, or 64 with the
    /// public key behind it), as a key that does not run out.
    ///
    /// # Errors
    /// [`SigningKeyError`] says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        if let Some(encoded) = text.strip_prefix(SECRET_PREFIX) {
            let bytes = LENIENT.decode(encoded).map_err(|_| SigningKeyError::Base64)?;
            let (seed, public) = bytes.split_first_chunk::<SEED_BYTES>().ok_or(SigningKeyError::Pair)?;
            let key = Self::ed25519(*seed);
            let fits =
                public.is_empty() || key.pair().is_some_and(|pair| pair.verifying_key().as_bytes() == public);
            return if fits { Ok(key) } else { Err(SigningKeyError::Pair) };
        }
        let encoded = text.strip_prefix(KEY_PREFIX).ok_or(SigningKeyError::Prefix)?;
        let key = LENIENT.decode(encoded).map_err(|_| SigningKeyError::Base64)?;
        if !(SIGNING_KEY_BYTES_MIN..=SIGNING_KEY_BYTES_MAX).contains(&key.len()) {
            return Err(SigningKeyError::Length);
        }
        Ok(Self::hmac(key))
    }

    /// A key that both sides know, of 24 to 64 bytes, which does not run out.
    pub const fn hmac(key: Vec<u8>) -> Self {
        Self { scheme: SigningScheme::Hmac, key: Secret::new(key), expires_at: None }
    }

    /// An ed25519 key of a random seed, which does not run out.
    pub fn ed25519(seed: [u8; SEED_BYTES]) -> Self {
        Self { scheme: SigningScheme::Ed25519, key: Secret::new(seed.to_vec()), expires_at: None }
    }

    /// The text that [`SigningKey::parse`] reads.
    pub fn format(&self) -> Secret<String> {
        Secret::new(match self.pair() {
            Some(pair) => format!("{SECRET_PREFIX}{}", STANDARD.encode(pair.to_keypair_bytes())),
            None => format!("{KEY_PREFIX}{}", STANDARD.encode(self.key.expose())),
        })
    }

    /// What receivers verify an ed25519 key's signatures with, `whpk_...`; nothing is secret about it.
    pub fn public_key(&self) -> Option<String> {
        self.pair().map(|pair| format!("{PUBLIC_PREFIX}{}", STANDARD.encode(pair.verifying_key().as_bytes())))
    }

    fn pair(&self) -> Option<ed25519_dalek::SigningKey> {
        let seed = self.key.expose().first_chunk::<SEED_BYTES>()?;
        (self.scheme == SigningScheme::Ed25519).then(|| ed25519_dalek::SigningKey::from_bytes(seed))
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
    keys: Vec<(Schedule, Option<Timestamp>)>,
}

/// A key ready to sign.
#[derive(Clone)]
enum Schedule {
    Hmac(Hmac<Sha256>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
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
            match schedule {
                Schedule::Hmac(mac) => {
                    header.push_str("v1,");
                    let mac = signed(mac, message_id, unix_seconds, body).finalize().into_bytes();
                    STANDARD.encode_string(mac, &mut header);
                }
                Schedule::Ed25519(pair) => {
                    header.push_str("v1a,");
                    let signature = pair.sign(&content(message_id, unix_seconds, body));
                    STANDARD.encode_string(signature.to_bytes(), &mut header);
                }
            }
        }
        (!header.is_empty()).then_some(header)
    }
}

/// Whether one of the signatures in `header` is that of `key`, compared in constant time: what a receiver does. The
/// receiver judges the age of the timestamp itself.
pub fn verify(key: &SigningKey, message_id: &str, unix_seconds: i64, body: &[u8], header: &str) -> bool {
    let of = |version| {
        let signatures = header.split(' ').filter_map(move |signature| signature.strip_prefix(version));
        signatures.filter_map(|encoded| STANDARD.decode(encoded).ok())
    };
    match schedule(key) {
        Schedule::Hmac(mac) => {
            let expected = signed(&mac, message_id, unix_seconds, body);
            of("v1,").any(|mac| expected.clone().verify_slice(&mac).is_ok())
        }
        Schedule::Ed25519(pair) => {
            let content = content(message_id, unix_seconds, body);
            let fits = |signature: Vec<u8>| {
                Signature::from_slice(&signature)
                    .is_ok_and(|signature| pair.verifying_key().verify_strict(&content, &signature).is_ok())
            };
            of("v1a,").any(fits)
        }
    }
}

fn schedule(key: &SigningKey) -> Schedule {
    match key.pair() {
        Some(pair) => Schedule::Ed25519(Box::new(pair)),
        None => {
            Schedule::Hmac(Hmac::new_from_slice(key.key.expose()).expect("HMAC takes keys of any length"))
        }
    }
}

/// What is signed, in one piece.
fn content(message_id: &str, unix_seconds: i64, body: &[u8]) -> Vec<u8> {
    let head = format!("{message_id}.{unix_seconds}.");
    [head.as_bytes(), body].concat()
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
