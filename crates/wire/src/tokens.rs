//! Personal access tokens.

use crate::{Date, Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token to make.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct TokenInput {
    /// What its owner calls it.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// What it allows: `api`, `read_api`, `events:write`, `hooks:rw`, ...
    #[serde(deserialize_with = "lenient::list")]
    pub scopes: Option<Vec<String>>,
    /// The day (or time) from which on it is refused.
    #[serde(deserialize_with = "lenient::text")]
    pub expires_at: Option<String>,
    /// The one project that it is bound to: id or full path.
    #[serde(deserialize_with = "lenient::text")]
    pub project: Option<String>,
    /// The environments whose flags alone it reaches; not beside `project`.
    #[serde(deserialize_with = "lenient::list")]
    pub environments: Option<Vec<String>>,
}

/// A token, without its secret.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Token {
    /// The id.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// Whether it was revoked.
    pub revoked: bool,
    /// When it was made.
    pub created_at: Time,
    /// What it allows.
    pub scopes: Vec<&'static str>,
    /// Whose rights it carries.
    pub user_id: i64,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Time>,
    /// Whether it is accepted now.
    pub active: bool,
    /// From when on it is refused.
    pub expires_at: Option<Date>,
    /// The one project that it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<i64>,
    /// The environments whose flags alone it reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environments: Option<Vec<String>>,
    /// The secret; in the answer to its making alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Which tokens are listed.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TokenQuery {
    /// Those of this user; the asking one if missing.
    #[serde(deserialize_with = "lenient::number")]
    pub user_id: Option<i64>,
}
