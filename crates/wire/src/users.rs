//! Users.

use crate::{Time, lenient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A user to make.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct UserInput {
    /// Also the path of the user's own namespace.
    #[serde(deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// What people read.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Where mail goes.
    #[serde(deserialize_with = "lenient::text")]
    pub email: Option<String>,
    /// Whether the user shall administer the server.
    #[serde(deserialize_with = "lenient::switch")]
    pub admin: Option<bool>,
    /// The password to sign in by, if any.
    #[serde(deserialize_with = "lenient::text")]
    pub password: Option<String>,
}

/// A user.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct User {
    /// The id.
    pub id: i64,
    /// Also the path of the user's own namespace.
    pub username: String,
    /// What people read.
    pub name: String,
    /// `active` or `blocked`.
    pub state: &'static str,
    /// The user's page.
    pub web_url: String,
    /// When the user was made.
    pub created_at: Time,
    /// Where mail goes; told to admins and to the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the user administers the server; told to admins and to the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
}

/// Which users are listed.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// Exactly this one.
    #[serde(deserialize_with = "lenient::text")]
    pub username: Option<String>,
    /// A part of username, name or e-mail.
    #[serde(deserialize_with = "lenient::text")]
    pub search: Option<String>,
}

/// For whom a one-time link is made.
#[derive(Deserialize, ToSchema, Default, Debug)]
#[serde(default)]
pub struct LoginLinkInput {
    /// Username or id; the asking user if missing.
    #[serde(deserialize_with = "lenient::text")]
    pub user: Option<String>,
}

/// A one-time link that signs in.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct LoginLink {
    /// The address to open.
    pub url: String,
    /// From when on it is refused.
    pub expires_at: Time,
}
