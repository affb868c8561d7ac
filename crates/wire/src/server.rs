//! The server itself, and what all listings share.

use crate::lenient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which version answers.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// The version.
    pub version: &'static str,
    /// The product's name, where GitLab has its commit.
    pub revision: &'static str,
}

/// Whether the server can do its work.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Readiness {
    /// `ok`.
    pub status: &'static str,
    /// Bytes free on the store's disk, if it knows.
    pub disk_free_bytes: Option<u64>,
}

/// Which page of a listing.
#[derive(Deserialize, utoipa::IntoParams, Default, Clone, Copy, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The page, from 1.
    #[serde(deserialize_with = "lenient::number")]
    pub page: Option<i64>,
    /// Rows a page: 20 by default, 100 at most.
    #[serde(deserialize_with = "lenient::number")]
    pub per_page: Option<i64>,
}
