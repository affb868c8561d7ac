//! Chats: who is who, who may what, what waits to be said.

use crate::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A code that was made; shown once.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct LinkCode {
    /// What to say in the chat, behind `link`.
    pub code: String,
    /// Until when.
    pub expires_at: Time,
}

/// Whose links.
#[derive(Deserialize, utoipa::IntoParams, Default, Debug)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct LinksQuery {
    /// Those of all users, for those who may give roles.
    #[serde(deserialize_with = "crate::lenient::switch")]
    pub all: Option<bool>,
}

/// Links between chat users and users.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Links {
    /// Oldest first.
    pub links: Vec<Link>,
}

/// A chat user who is known to be a user here.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Link {
    /// `slack` or `mattermost`.
    pub platform: String,
    /// The workspace or team.
    pub team: String,
    /// The user's id there.
    pub id: String,
    /// The user's name there when the link was made.
    pub name: String,
    /// The user here.
    pub username: String,
    /// When.
    pub linked_at: Time,
}

/// Users with another role than viewer.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Roles {
    /// By user.
    pub roles: Vec<Role>,
}

/// What a user may do by command.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// The user.
    pub username: String,
    /// `viewer`, `developer`, `release` or `admin`.
    pub role: &'static str,
}

/// A role to give.
#[derive(Deserialize, ToSchema, Debug)]
pub struct RoleInput {
    /// `viewer`, `developer`, `release` or `admin`.
    pub role: String,
}

/// What waits to be said, and what was given up.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct WaitingMessage {
    /// Rising.
    pub id: i64,
    /// Where to: `channel:#production`, `annotation`, `event`.
    pub destination: String,
    /// When it was made.
    pub at: Time,
    /// When it is tried next; null if it was given up.
    pub due_at: Option<Time>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it did not go out the last time.
    pub last_error: Option<String>,
}
