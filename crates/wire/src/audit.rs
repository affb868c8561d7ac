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
