use super::{Health, HealthRecord, Policy};
use wigwag_base::Timestamp;

/// Whether a hook may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permit {
    /// Freely.
    Open,
    /// With one request, whose outcome decides. A record that still says paused gets
    /// [`Signal::PauseOver`](super::Signal::PauseOver) first.
    Probe,
    /// Not before this time.
    NotBefore(Timestamp),
    /// Not until someone re-enables it or a test succeeds.
    Closed,
}

/// Whether the hook of this record may be called now.
pub fn permit(record: &HealthRecord, now: Timestamp, policy: &Policy) -> Permit {
    match (record.state, policy) {
        (_, Policy::Off) => Permit::Open,
        (Health::Paused { until: at, .. } | Health::Unhealthy { not_before: Some(at) }, _) if at > now => {
            Permit::NotBefore(at)
        }
        (Health::Healthy | Health::Unhealthy { .. }, _) => Permit::Open,
        (Health::Paused { .. } | Health::HalfOpen, _) => Permit::Probe,
        (Health::Disabled, _) => Permit::Closed,
    }
}

/// GitLab's word for a hook's health.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AlertStatus {
    /// Requests go out.
    Executable,
    /// None for a while.
    TemporarilyDisabled,
    /// None until someone re-enables it or a test succeeds.
    Disabled,
}

impl AlertStatus {
    /// The word in GitLab's API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::TemporarilyDisabled => "temporarily_disabled",
            Self::Disabled => "disabled",
        }
    }
}

/// GitLab's word: also a hook whose receiver's Retry-After runs is temporarily disabled, whatever its health's word.
pub fn alert_status(record: &HealthRecord, now: Timestamp) -> AlertStatus {
    match record.state {
        Health::Paused { .. } => AlertStatus::TemporarilyDisabled,
        Health::Unhealthy { not_before: Some(at) } if at > now => AlertStatus::TemporarilyDisabled,
        Health::Healthy | Health::Unhealthy { .. } | Health::HalfOpen => AlertStatus::Executable,
        Health::Disabled => AlertStatus::Disabled,
    }
}

/// Until when a temporarily disabled hook is so; `None` in every other case.
pub fn disabled_until(record: &HealthRecord, now: Timestamp) -> Option<Timestamp> {
    match record.state {
        Health::Paused { until, .. } => Some(until),
        Health::Unhealthy { not_before: Some(at) } if at > now => Some(at),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{alert_status, disabled_until, permit};
    use crate::{
        FailurePolicy,
        health::{
            Health::{self, *},
            HealthRecord, PauseReason, Permit, Policy,
        },
    };
    use wigwag_base::Timestamp;

    #[test]
    fn state_and_time_tell_what_may_be_sent_and_what_is_shown() {
        let at = Timestamp::from_secs;
        let on = Policy::On(FailurePolicy::REFERENCE);
        let check = |state: Health, permitted, word, until| {
            let record = HealthRecord { state, ..HealthRecord::new(at(0)) };
            assert_eq!(permit(&record, at(10), &on), permitted, "{state:?}");
            assert_eq!(permit(&record, at(10), &Policy::Off), Permit::Open, "{state:?}");
            assert_eq!(alert_status(&record, at(10)).name(), word, "{state:?}");
            assert_eq!(disabled_until(&record, at(10)), until, "{state:?}");
        };
        let paused = |s| Paused { until: at(s), reason: PauseReason::Failures };
        check(Healthy, Permit::Open, "executable", None);
        check(Unhealthy { not_before: None }, Permit::Open, "executable", None);
        check(Unhealthy { not_before: Some(at(10)) }, Permit::Open, "executable", None);
        let waits = Permit::NotBefore(at(11));
        check(Unhealthy { not_before: Some(at(11)) }, waits, "temporarily_disabled", Some(at(11)));
        check(paused(11), waits, "temporarily_disabled", Some(at(11)));
        check(paused(10), Permit::Probe, "temporarily_disabled", Some(at(10)));
        check(HalfOpen, Permit::Probe, "executable", None);
        check(Disabled, Permit::Closed, "disabled", None);
    }
}
