//! Signing tokens of a hook, one by one.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signing token to add.
#[derive(Deserialize, ToSchema, Default)]
#[serde(default)]
pub struct SigningTokenInput {
    /// `whsec_` and the base64 of 24 to 64 bytes; none for a fresh one.
    #[serde(deserialize_with = "lenient::text")]
    pub token: Option<String>,
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
}

/// A signing token.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct SigningToken {
    /// What it is called.
    pub id: String,
    /// From when on it signs no more; null while it is the newest.
    pub expires_at: Option<Time>,
}
