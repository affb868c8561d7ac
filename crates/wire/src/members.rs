//! Members of projects and groups.

use crate::lenient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A membership to make or change.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct MemberInput {
    /// Who; only to make one.
    #[serde(deserialize_with = "lenient::number")]
    pub user_id: Option<i64>,
    /// Who, by username instead.
    #[serde(deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
    #[serde(deserialize_with = "lenient::number")]
    pub access_level: Option<i64>,
}

/// A member.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Member {
    /// The user's id.
    pub id: i64,
    /// The user's name for machines.
    pub username: String,
    /// The user's name for people.
    pub name: String,
    /// `active` or `blocked`.
    pub state: &'static str,
    /// The user's page.
    pub web_url: String,
    /// 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
    pub access_level: i64,
}
