use crate::Direction;
use std::fmt;

/// What a user may do by command (chat, terminal, console), in every environment; each role may what those before it may.
/// Administrators of the server have the highest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub enum ChatRole {
    /// Reads.
    #[default]
    Viewer,
    /// Writes where no users are, and turns off anywhere.
    Developer,
    /// Writes in production.
    Release,
    /// Gives roles.
    Admin,
}

/// Whether an environment's users are real.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EnvironmentKind {
    /// They are.
    Production,
    /// They are not.
    NonProduction,
}

impl ChatRole {
    /// Every role, lowest first.
    pub const ALL: [ChatRole; 4] = [Self::Viewer, Self::Developer, Self::Release, Self::Admin];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Developer => "developer",
            Self::Release => "release",
            Self::Admin => "admin",
        }
    }

    /// The role that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// The lowest role that may change flags in this direction, in such an environment: the way back is open to all who
    /// may write at all.
    pub const fn to_write(direction: Direction, kind: EnvironmentKind) -> Self {
        match (direction, kind) {
            (Direction::OffWard, _) | (Direction::OnWard, EnvironmentKind::NonProduction) => Self::Developer,
            (Direction::OnWard, EnvironmentKind::Production) => Self::Release,
        }
    }
}

impl fmt::Display for ChatRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
