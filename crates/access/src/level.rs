use std::fmt;

/// How much a member may do in a group or project. The numbers are GitLab's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum AccessLevel {
    /// May see that the project exists.
    Guest = 10,
    /// May read.
    Reporter = 20,
    /// May publish events.
    Developer = 30,
    /// May administer a project's hooks.
    Maintainer = 40,
    /// May administer a group's hooks and members.
    Owner = 50,
}

impl AccessLevel {
    /// All levels, lowest first.
    pub const ALL: [AccessLevel; 5] =
        [Self::Guest, Self::Reporter, Self::Developer, Self::Maintainer, Self::Owner];

    /// The level with GitLab's number, if there is one.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.number() == number)
    }

    /// GitLab's number.
    pub const fn number(self) -> i64 {
        self as i64
    }
}

impl fmt::Display for AccessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guest => "guest",
            Self::Reporter => "reporter",
            Self::Developer => "developer",
            Self::Maintainer => "maintainer",
            Self::Owner => "owner",
        })
    }
}
