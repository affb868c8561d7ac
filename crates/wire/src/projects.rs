//! Projects.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A project to make: name or path, or both.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct ProjectInput {
    /// What people read; the path if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Its part of the path; made from the name if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub path: Option<String>,
    /// The group to lie in; the asking user's own namespace if missing.
    #[serde(deserialize_with = "lenient::number")]
    pub namespace_id: Option<i64>,
}

/// A project.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Project {
    /// The id.
    pub id: i64,
    /// What people read.
    pub name: String,
    /// The names of what it lies in and its own.
    pub name_with_namespace: String,
    /// Its part of the path.
    pub path: String,
    /// The whole path.
    pub path_with_namespace: String,
    /// `private`: members alone see it.
    pub visibility: &'static str,
    /// Its page.
    pub web_url: String,
    /// When it was made.
    pub created_at: Time,
    /// Where it lies.
    pub namespace: Namespace,
}

/// Where a project lies.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Namespace {
    /// The id of the group or user.
    pub id: i64,
    /// What people read.
    pub name: String,
    /// Its part of the path.
    pub path: String,
    /// `group` or `user`.
    pub kind: &'static str,
    /// The whole path.
    pub full_path: String,
    /// The group that it lies in.
    pub parent_id: Option<i64>,
}
