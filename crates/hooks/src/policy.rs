use crate::limits::{
    FACTOR_MAX, FIRST_PAUSE_MIN, MAX_PAUSE_MAX, PERMANENT_AT_MAX, RETRIES_MAX, RETRY_DELAY_MAX, THRESHOLD_MAX,
};
use std::fmt;
use std::time::Duration;
use wigwag_base::Timestamp;

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

    /// A policy within the limits.
    ///
    /// # Errors
    /// The first [`PolicyError`] in the order of the fields.
    pub fn new(
        threshold: u32,
        first_pause: Duration,
        factor: f64,
        max_pause: Duration,
        permanent_at: Option<u32>,
    ) -> Result<Self, PolicyError> {
        if !(1..=THRESHOLD_MAX).contains(&threshold) {
            return Err(PolicyError::Threshold);
        }
        if first_pause < FIRST_PAUSE_MIN || first_pause > max_pause {
            return Err(PolicyError::FirstPause);
        }
        if !(1.0..=FACTOR_MAX).contains(&factor) {
            return Err(PolicyError::Factor);
        }
        if max_pause > MAX_PAUSE_MAX {
            return Err(PolicyError::MaxPause);
        }
        if permanent_at.is_some_and(|n| n < threshold || n > PERMANENT_AT_MAX) {
            return Err(PolicyError::PermanentAt);
        }
        Ok(Self { threshold, first_pause, factor, max_pause, permanent_at })
    }

    /// The pause after the `n`-th failure in a row: `min(first_pause * factor^(n - threshold), max_pause)`; below the
    /// threshold (a policy that was raised during a pause) the first.
    pub fn pause(&self, n: u32) -> Duration {
        let exponent = i32::try_from(n.saturating_sub(self.threshold)).unwrap_or(i32::MAX);
        let s = self.first_pause.as_secs_f64() * self.factor.powi(exponent);
        Duration::try_from_secs_f64(s).map_or(self.max_pause, |pause| pause.min(self.max_pause))
    }
}

/// Which part of a policy lies outside its limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyError {
    /// The failure that pauses first.
    Threshold,
    /// The first pause.
    FirstPause,
    /// The factor.
    Factor,
    /// The longest pause.
    MaxPause,
    /// The failure that disables.
    PermanentAt,
    /// Too many retries.
    Retries,
    /// A delay before a retry.
    RetryDelay,
}

impl PolicyError {
    /// The field's name in the API.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Threshold => "failure_policy.threshold",
            Self::FirstPause => "failure_policy.first_pause_s",
            Self::Factor => "failure_policy.factor",
            Self::MaxPause => "failure_policy.max_pause_s",
            Self::PermanentAt => "failure_policy.permanent_at",
            Self::Retries | Self::RetryDelay => "retry_policy.delays_s",
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.field())?;
        match self {
            Self::Threshold => write!(f, "must be between 1 and {THRESHOLD_MAX}"),
            Self::FirstPause => {
                write!(f, "must be between {} and max_pause_s", FIRST_PAUSE_MIN.as_secs())
            }
            Self::Factor => write!(f, "must be between 1 and {FACTOR_MAX}"),
            Self::MaxPause => write!(f, "must be at most {}", MAX_PAUSE_MAX.as_secs()),
            Self::PermanentAt => {
                write!(f, "must be between threshold and {PERMANENT_AT_MAX}, or null for never")
            }
            Self::Retries => write!(f, "must hold at most {RETRIES_MAX} delays"),
            Self::RetryDelay => {
                write!(f, "must hold delays between 0 and {}", RETRY_DELAY_MAX.as_secs())
            }
        }
    }
}

impl std::error::Error for PolicyError {}

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

impl RetryPolicy {
    /// The delays where nobody says otherwise.
    pub const REFERENCE_DELAYS: [Duration; 8] = [
        Duration::from_secs(5),
        Duration::from_secs(30),
        Duration::from_secs(2 * 60),
        Duration::from_secs(10 * 60),
        Duration::from_secs(60 * 60),
        Duration::from_secs(3 * 60 * 60),
        Duration::from_secs(8 * 60 * 60),
        Duration::from_secs(24 * 60 * 60),
    ];

    /// The policy where nobody says otherwise.
    pub fn reference() -> Self {
        Self { delays: Self::REFERENCE_DELAYS.to_vec() }
    }

    /// A policy within the limits; no delays means no retries.
    ///
    /// # Errors
    /// [`PolicyError::Retries`] or [`PolicyError::RetryDelay`].
    pub fn new(delays: Vec<Duration>) -> Result<Self, PolicyError> {
        if delays.len() > RETRIES_MAX {
            return Err(PolicyError::Retries);
        }
        if delays.iter().any(|delay| *delay > RETRY_DELAY_MAX) {
            return Err(PolicyError::RetryDelay);
        }
        Ok(Self { delays })
    }

    /// When the next attempt is due after `failed_attempts` (from 1) have failed; `None` when none is left. `jitter`
    /// is uniform in 0..1 and spreads the delay over 0.8 to 1.2 of itself.
    pub fn due(&self, failed_attempts: u32, now: Timestamp, jitter: f64) -> Option<Timestamp> {
        let delay = self.delays.get(failed_attempts.saturating_sub(1) as usize)?;
        Some(now + spread(*delay, jitter))
    }
}

/// `delay` x uniform(0.8, 1.2), where `jitter` is uniform in 0..1.
pub(crate) fn spread(delay: Duration, jitter: f64) -> Duration {
    delay.mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{FailurePolicy, PolicyError, RetryPolicy};
    use crate::limits::*;
    use std::time::Duration;
    use wigwag_base::Timestamp;

    const fn s(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn pauses_grow_as_tabled() {
        let min = |n| FailurePolicy::REFERENCE.pause(n).as_secs_f64() / 60.0;
        let table = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
        for (n, pause) in (4..).zip(table) {
            assert_eq!(min(n), pause, "{n}");
        }
        assert!((15..=39).chain([u32::MAX]).all(|n| min(n) == 1440.0));
        assert!((0..4).all(|n| min(n) == 1.0));
        let nonsense = FailurePolicy { factor: f64::NAN, ..FailurePolicy::REFERENCE };
        assert_eq!(nonsense.pause(9), nonsense.max_pause);
        assert_eq!(FailurePolicy { factor: -3.0, ..nonsense }.pause(5), nonsense.max_pause);
    }

    #[test]
    fn a_policy_lies_within_its_limits() {
        let check = |threshold, first, factor, max, last, verdict: Result<(), PolicyError>| {
            assert_eq!(FailurePolicy::new(threshold, first, factor, max, last).map(|_| ()), verdict);
        };
        check(4, s(60), 2.0, s(86_400), Some(40), Ok(()));
        check(1, s(1), 1.0, s(1), Some(1), Ok(()));
        check(THRESHOLD_MAX, s(1), FACTOR_MAX, MAX_PAUSE_MAX, Some(PERMANENT_AT_MAX), Ok(()));
        check(4, s(60), 2.0, s(86_400), None, Ok(()));
        check(0, s(60), 2.0, s(86_400), None, Err(PolicyError::Threshold));
        check(THRESHOLD_MAX + 1, s(60), 2.0, s(86_400), None, Err(PolicyError::Threshold));
        check(4, Duration::from_millis(999), 2.0, s(86_400), None, Err(PolicyError::FirstPause));
        check(4, s(61), 2.0, s(60), None, Err(PolicyError::FirstPause));
        check(4, s(60), 0.99, s(86_400), None, Err(PolicyError::Factor));
        check(4, s(60), f64::NAN, s(86_400), None, Err(PolicyError::Factor));
        check(4, s(60), f64::INFINITY, s(86_400), None, Err(PolicyError::Factor));
        check(4, s(60), FACTOR_MAX + 0.1, s(86_400), None, Err(PolicyError::Factor));
        check(4, s(60), 2.0, MAX_PAUSE_MAX + s(1), None, Err(PolicyError::MaxPause));
        check(4, s(60), 2.0, s(86_400), Some(3), Err(PolicyError::PermanentAt));
        check(4, s(60), 2.0, s(86_400), Some(PERMANENT_AT_MAX + 1), Err(PolicyError::PermanentAt));
    }

    #[test]
    fn retries_are_due_after_their_delays_spread_by_a_fifth() {
        let now = Timestamp::from_secs(1_000);
        let policy = RetryPolicy::reference();
        let check = |failed, jitter, ms: Option<i64>| {
            let due = policy.due(failed, now, jitter).map(|due| due.as_millis() - now.as_millis());
            assert_eq!(due, ms, "{failed} {jitter}");
        };
        for (failed, delay_s) in (1..).zip([5, 30, 120, 600, 3_600, 10_800, 28_800, 86_400]) {
            check(failed, 0.5, Some(delay_s * 1_000));
            check(failed, 0.0, Some(delay_s * 800));
            check(failed, 1.0, Some(delay_s * 1_200));
        }
        check(9, 0.5, None);
        check(u32::MAX, 0.5, None);
        check(1, f64::INFINITY, Some(6_000));
        assert_eq!(RetryPolicy { delays: vec![] }.due(1, now, 0.5), None);
    }

    #[test]
    fn a_retry_policy_lies_within_its_limits() {
        let check = |delays: Vec<Duration>, verdict: Result<(), PolicyError>| {
            assert_eq!(RetryPolicy::new(delays).map(|_| ()), verdict);
        };
        check(vec![], Ok(()));
        check(vec![RETRY_DELAY_MAX; RETRIES_MAX], Ok(()));
        check(vec![s(1); RETRIES_MAX + 1], Err(PolicyError::Retries));
        check(vec![RETRY_DELAY_MAX + s(1)], Err(PolicyError::RetryDelay));
    }

    #[test]
    fn an_error_names_the_field_and_its_rule() {
        insta::assert_snapshot!(PolicyError::FirstPause, @"failure_policy.first_pause_s must be between 1 and max_pause_s");
        insta::assert_snapshot!(PolicyError::Retries, @"retry_policy.delays_s must hold at most 32 delays");
    }
}
