//! What a client answers: the decision, the reason, where the knowledge came from and how old it is.

use std::fmt;
use std::time::Duration;

use wigwag_flags::Reason as FlagReason;

/// The answer to "is this flag enabled for these actors".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// Whether the feature is to be used.
    pub enabled: bool,
    /// Why.
    pub reason: Reason,
    /// Where the knowledge came from.
    pub source: Source,
    /// How long ago the knowledge was known to be right; `None` while it is live, and where nobody knows.
    pub stale_for: Option<Duration>,
}

/// Why a flag is on or off. [`Client::explain`](crate::Client::explain) names the actor, group or flag too.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// There is no snapshot yet: the caller's default.
    NotReady,
    /// The snapshot has no such flag: the caller's default.
    Unknown,
    /// Off: switched off by the override file, or by an override on the server.
    Override,
    /// Nothing is stored, so the definition's default decides.
    Default,
    /// Off: a flag on which it depends is off for the same actors.
    Dependency,
    /// On for everyone.
    Boolean,
    /// On: one of the actors is listed.
    Actors,
    /// On: the actors' bucket lies within the percentage.
    PercentageOfActors,
    /// On, this time, by chance.
    PercentageOfTime,
    /// On: one of the actors belongs to a group that has it.
    Groups,
    /// Off: something is stored, and no gate opens.
    Off,
    /// Off although a gate is open: one of the actors has opted out.
    OptOut,
}

impl Reason {
    /// The reason's stable word, for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::Unknown => "unknown",
            Self::Override => "override",
            Self::Default => "default",
            Self::Dependency => "dependency",
            Self::Boolean => "boolean",
            Self::Actors => "actors",
            Self::PercentageOfActors => "percentage_of_actors",
            Self::PercentageOfTime => "percentage_of_time",
            Self::Groups => "groups",
            Self::Off => "off",
            Self::OptOut => "opt_out",
        }
    }

    #[inline]
    pub(crate) const fn of(reason: &FlagReason<'_>) -> Self {
        match reason {
            FlagReason::Unknown => Self::Unknown,
            FlagReason::Override => Self::Override,
            FlagReason::Default => Self::Default,
            FlagReason::Dependency(_) => Self::Dependency,
            FlagReason::Boolean => Self::Boolean,
            FlagReason::Actor(_) => Self::Actors,
            FlagReason::PercentageOfActors(_) => Self::PercentageOfActors,
            FlagReason::PercentageOfTime => Self::PercentageOfTime,
            FlagReason::Group(_) => Self::Groups,
            FlagReason::Off => Self::Off,
            FlagReason::OptOut(_) => Self::OptOut,
        }
    }
}

/// Where the knowledge behind a decision came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    /// The stream is there: this is what the server knows.
    Live,
    /// The last good snapshot in memory: the stream is lost.
    Memory,
    /// The snapshot file: the server has not answered since this program started.
    SnapshotFile,
    /// The bootstrap: neither the server nor a snapshot file could be had since this program started.
    Bootstrap,
    /// The caller's own default: no snapshot, or none that knows the flag.
    Caller,
    /// The override file, which counts for more than any of these.
    OverrideFile,
}

impl Source {
    /// The source's stable word, for machines.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Memory => "memory",
            Self::SnapshotFile => "snapshot_file",
            Self::Bootstrap => "bootstrap",
            Self::Caller => "caller",
            Self::OverrideFile => "override_file",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.enabled { "on" } else { "off" };
        write!(f, "{word}: {} ({})", self.reason.as_str(), self.from())
    }
}

impl Decision {
    /// `live`, or `memory, stale for 12 s`.
    pub(crate) fn from(&self) -> String {
        let source = self.source.as_str();
        self.stale_for
            .map_or_else(|| source.to_owned(), |stale| format!("{source}, stale for {} s", stale.as_secs()))
    }
}
