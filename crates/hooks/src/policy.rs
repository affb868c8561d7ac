use std::time::Duration;

/// When failures in a row pause a hook, for how long, and when they disable it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FailurePolicy {
    /// The failure in a row that pauses first. GitLab: 4.
    pub threshold: u32,
    /// The first pause. GitLab: 1 minute.
    pub first_pause: Duration,
    /// By how much each pause is longer than the one before. GitLab: 2.
    pub factor: f64,
    /// The longest pause. GitLab: 24 hours.
    pub max_pause: Duration,
    /// The failure in a row that disables; `None` never does. GitLab: 40.
    pub permanent_at: Option<u32>,
}

impl FailurePolicy {
    /// GitLab's constants.
    pub const REFERENCE: FailurePolicy = FailurePolicy {
        threshold: 4,
        first_pause: Duration::from_secs(60),
        factor: 2.0,
        max_pause: Duration::from_secs(24 * 60 * 60),
        permanent_at: Some(40),
    };
}

/// What a hook or project says about failures.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum PolicyChoice {
    /// What the next level says.
    Inherit,
    /// Failures are counted, nothing pauses or disables.
    Off,
    /// This policy.
    Own(FailurePolicy),
}

/// After which delays a failed delivery is tried again; empty never does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RetryPolicy {
    /// The delay before each retry, before jitter.
    pub delays: Vec<Duration>,
}
