//! The platform's environments, and how each stands with its flags.

use crate::Time;
use serde::Serialize;
use utoipa::ToSchema;

/// An environment.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct Environment {
    /// Its name: the chat option and the path segment.
    pub name: String,
    /// Whether users are on it.
    pub production: bool,
    /// The environment whose flags it reads, if not its own.
    pub flags_of: Option<String>,
    /// The other server that keeps the flags, if one does.
    pub remote: Option<RemoteEnvironment>,
}

/// How it stands with the flags that another server keeps.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct RemoteEnvironment {
    /// Where it is.
    pub url: String,
    /// `fresh`, `stale` (it cannot be read now, and what was known before counts), or `unread` (it never was).
    pub state: &'static str,
    /// When the flags were read last.
    pub read_at: Option<Time>,
    /// Since when they cannot be read.
    pub failing_since: Option<Time>,
    /// Why they cannot be read.
    pub error: Option<String>,
    /// What was wrong with single flags and definitions when they were read last.
    pub findings: Vec<RemoteFinding>,
}

/// Something wrong with one flag of another server.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct RemoteFinding {
    /// The flag, as it is named there.
    pub flag: String,
    /// The field or gate.
    pub field: Option<String>,
    /// The rule that it breaks, as the end of a sentence that begins with the field.
    pub rule: String,
}
