use std::fmt;
use wigwag_base::{GroupId, ProjectId};

/// What a callout is about: whose hooks fail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// A project's own hooks.
    Project(ProjectId),
    /// A group's own hooks.
    Group(GroupId),
}

impl Scope {
    /// The access level, in GitLab's numbers, from which on one may administer these hooks.
    pub const fn level_min(self) -> i64 {
        match self {
            Self::Project(_) => 40,
            Self::Group(_) => 50,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(id) => write!(f, "Project:{id}"),
            Self::Group(id) => write!(f, "Group:{id}"),
        }
    }
}

/// The kinds of callout.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Feature {
    /// A hook of the project or group fails.
    WebHookDisabled,
}

impl Feature {
    /// All kinds.
    pub const ALL: [Feature; 1] = [Self::WebHookDisabled];

    /// The stable name that the API and the stores use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebHookDisabled => "web_hook_disabled",
        }
    }

    /// The kind with this stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The flag behind which it lives.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::WebHookDisabled => "webhooks_failed_callout",
        }
    }
}
