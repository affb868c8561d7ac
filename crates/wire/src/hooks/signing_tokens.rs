//! Signing tokens of a hook, one by one.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signing token to add.
#[derive(Deserialize, ToSchema, Default)]
#[serde(default)]
pub struct SigningTokenInput {
    /// `whsec_` and the base64 of 24 to 64 bytes, or `whsk_` and that of an ed25519 seed; none for a fresh one.
    #[serde(deserialize_with = "lenient::text")]
    pub token: Option<String>,
    /// How a fresh one signs: `hmac` (v1, as by default) or `ed25519` (v1a).
    #[serde(deserialize_with = "lenient::text")]
    pub scheme: Option<String>,
    /// For how many seconds the older ones sign too; a day if it is not said.
    #[serde(deserialize_with = "lenient::number")]
    pub overlap_s: Option<i64>,
}

/// A signing token that was added.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct NewSigningToken {
    /// What it is called.
    pub id: String,
    /// Its value, told this once.
    pub token: String,
    /// What receivers verify an ed25519 token's signatures with, `whpk_...`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

/// A signing token.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct SigningToken {
    /// What it is called.
    pub id: String,
    /// `hmac` or `ed25519`.
    pub scheme: &'static str,
    /// What receivers verify an ed25519 token's signatures with, `whpk_...`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// From when on it signs no more; null while it is the newest.
    pub expires_at: Option<Time>,
}
