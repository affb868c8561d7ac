use wigwag_base::Timestamp;

/// How a hook does, as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthRecord {
    /// The state.
    pub state: Health,
    /// Failures in a row that counted.
    pub failures: u32,
    /// When the state's word last changed; of a hook that goes to and fro between paused and half open, when that began.
    pub since: Timestamp,
    /// The newest failure that counted in the present row of failures, or that a test brought.
    pub last_failure: Option<FailureNote>,
    /// Raised by every change, by more if a person made it; a write names the one that it saw (compare-and-set).
    pub version: i64,
}

/// By how much more a person raises the version: by more than there are results that wait to be written. These raise it by one
/// each, computed one from the other; the first was computed from what the person changed and is refused, and so must be all
/// behind it, whose numbers would fit else.
const BY_HAND: i64 = 1 << 20;

impl HealthRecord {
    /// As a person's change is written.
    #[must_use]
    pub fn by_hand(self) -> Self {
        Self { version: self.version + BY_HAND, ..self }
    }

    /// The record of a hook that nothing was sent to yet.
    pub const fn new(created_at: Timestamp) -> Self {
        Self { state: Health::Healthy, failures: 0, since: created_at, last_failure: None, version: 0 }
    }
}

/// A failure in short.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailureNote {
    /// When.
    pub at: Timestamp,
    /// What happened and what to do.
    pub text: String,
}

/// The state of a hook's health. *Failing* = paused, half open or disabled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// The last counted attempt succeeded, or there was none.
    Healthy,
    /// Fails, but not yet often enough to pause.
    Unhealthy {
        /// No request before this time, because the receiver asked so (429 or 503 with Retry-After).
        not_before: Option<Timestamp>,
    },
    /// No request before `until`.
    Paused {
        /// When the next request may go out.
        until: Timestamp,
        /// Why.
        reason: PauseReason,
    },
    /// The pause is over; the next request decides.
    HalfOpen,
    /// No request until someone re-enables it or a test succeeds.
    Disabled,
}

/// Why a hook is paused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PauseReason {
    /// Failures in a row.
    Failures,
    /// The receiver asked for it (429 or 503 with Retry-After).
    RetryAfter,
}

impl Health {
    /// The stable word that the API, the pages and the stores use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy { .. } => "unhealthy",
            Self::Paused { .. } => "paused",
            Self::HalfOpen => "half_open",
            Self::Disabled => "disabled",
        }
    }

    /// Whether it is between its first pause and what ends the pauses.
    pub const fn pauses(self) -> bool {
        matches!(self, Self::Paused { .. } | Self::HalfOpen)
    }

    /// Whether a callout tells of it.
    pub const fn is_failing(self) -> bool {
        matches!(self, Self::Paused { .. } | Self::HalfOpen | Self::Disabled)
    }
}

/// One change of a hook's health, which is an event of its own: callouts, notices and operational hooks hang on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transition {
    /// What it is called.
    pub kind: TransitionKind,
    /// The state's word before.
    pub from: &'static str,
    /// The state's word after.
    pub to: &'static str,
    /// When.
    pub at: Timestamp,
    /// Failures in a row at that time; of a recovery, those that it ends.
    pub failures: u32,
    /// The last error at that time; of a recovery, that of the row of failures that it ends.
    pub error: Option<String>,
    /// Whether the hook got worse in the sense of the callouts: from healthy or unhealthy to paused or disabled, or
    /// from paused or half open to disabled. Dismissed banners come back then, and only then.
    pub got_worse: bool,
}

/// The kinds of transition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TransitionKind {
    /// The first failure in a row.
    Unhealthy,
    /// A pause began (again).
    Paused,
    /// A pause ran out.
    HalfOpen,
    /// Disabled.
    Disabled,
    /// Works again, by a success, a test or a person; or may be called again, because the policy went off (then the
    /// word after it can be `unhealthy`).
    Recovered,
}

impl TransitionKind {
    /// All kinds.
    pub const ALL: [TransitionKind; 5] =
        [Self::Unhealthy, Self::Paused, Self::HalfOpen, Self::Disabled, Self::Recovered];

    /// The stable event name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unhealthy => "hook.unhealthy",
            Self::Paused => "hook.paused",
            Self::HalfOpen => "hook.half_open",
            Self::Disabled => "hook.disabled",
            Self::Recovered => "hook.recovered",
        }
    }
}
