//! Groups.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group to make.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct GroupInput {
    /// What people read.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Its part of the path.
    #[serde(deserialize_with = "lenient::text")]
    pub path: Option<String>,
    /// The group to lie in.
    #[serde(deserialize_with = "lenient::number")]
    pub parent_id: Option<i64>,
}

/// A group.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Group {
    /// The id.
    pub id: i64,
    /// What people read.
    pub name: String,
    /// Its part of the path.
    pub path: String,
    /// The names of the groups above and its own.
    pub full_name: String,
    /// The whole path.
    pub full_path: String,
    /// The group that it lies in.
    pub parent_id: Option<i64>,
    /// `private`: members alone see it.
    pub visibility: &'static str,
    /// Its page.
    pub web_url: String,
    /// When it was made.
    pub created_at: Time,
}
