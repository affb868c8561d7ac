use std::fmt;

/// Declares one id type: a number that a store gave out, never mixed up with another kind's.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A user of the registry; `1` is `root`.
    UserId
);
id!(
    /// A group of the registry; groups nest.
    GroupId
);
id!(
    /// A project of the registry; always inside a namespace.
    ProjectId
);
id!(
    /// A hook of a project, a group or the system.
    HookId
);
id!(
    /// An accepted event; ids rise in the order of commit and are never given out twice.
    EventId
);
id!(
    /// One HTTP request of a delivery, as the delivery log lists it.
    AttemptId
);
id!(
    /// One change of a hook's health.
    TransitionId
);
id!(
    /// An API token's row (not its secret).
    TokenId
);

/// The number of partitions that the work is divided into; a project's work lies in one of them.
pub const PARTITIONS: u16 = 256;

/// One of the [`PARTITIONS`] shares of the work; a node dispatches only the partitions that it holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Partition(pub u16);

impl Partition {
    /// The partition of a project: its id spread by Fibonacci hashing, so that neighbours part.
    pub fn of(project: ProjectId) -> Self {
        let spread = (project.0 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self((spread >> 56) as u16 % PARTITIONS)
    }
}

/// The number under which a holder's writes are accepted; raised whenever the holder changes, so that a node which
/// was only asleep cannot write with an old one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeEpoch(pub i64);
