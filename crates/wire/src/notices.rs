//! What one is told of by mail.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What you are told of by mail when hooks fail that you may mend.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct NoticePreferences {
    /// Whether mail is sent at all.
    pub mail: bool,
    /// Projects of whose hooks nothing is told, by id.
    pub silent_projects: Vec<i64>,
    /// Groups of whose hooks nothing is told, by id.
    pub silent_groups: Vec<i64>,
}

/// What to change of it; what is left out stays as it is.
#[derive(Deserialize, ToSchema, Default, Debug)]
pub struct NoticePreferencesInput {
    /// Whether mail is sent at all.
    #[serde(default)]
    pub mail: Option<bool>,
    /// All projects of whose hooks nothing shall be told, at most 1,000.
    #[serde(default)]
    pub silent_projects: Option<Vec<i64>>,
    /// All groups of whose hooks nothing shall be told, at most 1,000.
    #[serde(default)]
    pub silent_groups: Option<Vec<i64>>,
}
