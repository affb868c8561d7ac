//! The audit log.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which rows. Every field narrows.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// At or after this time.
    #[serde(deserialize_with = "lenient::text")]
    pub since: Option<String>,
    /// Of one flag.
    #[serde(deserialize_with = "lenient::text")]
    pub flag: Option<String>,
    /// By one author.
    #[serde(deserialize_with = "lenient::text")]
    pub author: Option<String>,
}

/// One change.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct AuditRow {
    /// Rising by one.
    pub id: i64,
    /// When.
    pub at: Time,
    /// The username whose rights were used.
    pub author: String,
    /// The admin who acted as the author.
    pub sudo_by: Option<String>,
    /// Where from: `api`, `chat:CHANNEL`, `console`, `cli`, `page`.
    pub via: String,
    /// The flag.
    pub flag: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Why.
    pub reason: Option<String>,
}

/// `GET /v1/audit/verify`: whether the audit log is the chain that it was written as.
#[derive(Serialize, Deserialize, ToSchema, Clone, PartialEq, Eq, Default, Debug)]
pub struct AuditVerdict {
    /// Rows that were read.
    pub rows: u64,
    /// Whether every row follows from the one before it.
    pub intact: bool,
    /// The hash of the last good row, in hex: keep it elsewhere, and a log that was cut off is noticed too.
    pub head: String,
    /// The first row that does not follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_at: Option<i64>,
    /// The row of the hash that was asked for, if it is still in the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_at: Option<i64>,
}

/// What is looked for in the chain.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VerifyQuery {
    /// A `head` that an earlier answer gave and that was kept elsewhere: 64 hexadecimal digits.
    pub head: Option<String>,
}
