//! The talk about a flag's way to everyone.

/// Does something with a flag's rollout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rollout {
    /// The flag, or the rollout's name, as written.
    pub name: String,
    /// What.
    pub verb: RolloutVerb,
}

/// What is done with a rollout.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RolloutVerb {
    /// Begins it.
    Start,
    /// Shows where it stands.
    Status,
    /// Takes the next step.
    Next,
    /// Holds it.
    Pause,
    /// Goes on.
    Resume,
    /// Ticks a condition.
    Tick,
    /// Approves the next step.
    Approve,
    /// Acknowledges a roll-back: the flag may be turned on again.
    Ack {
        /// Why, for the audit log.
        reason: Option<String>,
    },
    /// Tells the channels.
    Announce {
        /// When it will be enabled, in words.
        at: Option<String>,
        /// What to say instead of the template.
        text: Option<String>,
        /// Whom to tell.
        audiences: Audiences,
        /// Only show what would be said.
        dry_run: bool,
    },
    /// Keeps a remark, or the result of somebody's test, and tells the flag's own channel.
    Note {
        /// What.
        text: String,
        /// Whether it is the result of a test.
        qa: bool,
    },
    /// Sets the default to on.
    Release,
    /// Removes the flag.
    Cleanup,
    /// Turns it off in every environment.
    Rollback {
        /// Why, for the audit log.
        reason: Option<String>,
    },
    /// Ends it.
    Close,
}

/// Whom an announcement goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audiences {
    /// The flag's own channel, the production channel and support's, as far as they are configured.
    All,
    /// These alone, by word (`team`, `production`, `support`, `log`) or by a channel's name with its `#`.
    Some(Vec<String>),
}
