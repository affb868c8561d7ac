//! A delivery is one event for one hook. Most succeed at once and are known only by their attempt; what waits has a row.
//!
//! ```text
//!                 +--------------------------- success ---------------------------+
//!                 |                                                               v
//! pending --> in_flight -- failure, retries left, or ours --> retrying      delivered
//!    |          |    ^                                          |
//!    |          |    +----------- due, and hook may be called --+
//!    |          +-- failure, none left --> given_up
//!    |          +-- failure of a probe --> held
//!    +-- hook paused or disabled, hold --> held --(hook may be called)--> in_flight
//!    +-- hook paused or disabled, drop; switched off; in its own chain --> skipped
//!
//!  held, retrying -- limit or age --> expired          any that waits -- hook gone --> cancelled
//! ```
//!
//! Health says when a hook may be called, the retry policy when a delivery may. A probe counts for the hook's health,
//! not against its delivery's retries.

use crate::health::Permit;
use crate::limits::RETRY_OURS_DELAY;
use crate::policy::spread;
use crate::{AttemptKind, EventType, FailureClass, RetryPolicy, Switch, WhilePaused};
use bytes::Bytes;
use wigwag_base::{EventId, HookId, ProjectId, Timestamp};

/// One event for one hook that waits, or that ended in a way that the log must tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The event.
    pub event: EventId,
    /// The hook.
    pub hook: HookId,
    /// The event's project.
    pub project: ProjectId,
    /// The event's type.
    pub event_type: EventType,
    /// What goes out: the bytes of the first request, whatever is edited later.
    pub body: Bytes,
    /// The event's chain.
    pub chain: Option<[u8; 16]>,
    /// When the event was accepted.
    pub accepted_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts that counted against its retries so far.
    pub attempts: u32,
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// Waits for a free slot; nothing was sent yet.
    Pending,
    /// A request is under way. Never stored: after a restart it is sent again.
    InFlight,
    /// A request failed; the next goes out at `due` or, while the hook is paused, after that.
    Retrying {
        /// When the next request is due.
        due: Timestamp,
    },
    /// Waits for its paused or disabled hook.
    Held,
    /// The receiver answered 2xx.
    Delivered,
    /// Its retries are used up.
    GivenUp,
    /// Was not sent and will not be.
    Skipped(EndReason),
    /// Waited longer than the limits allow.
    Expired(EndReason),
    /// Its hook is gone.
    Cancelled,
}

/// Why a delivery ended without success.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndReason {
    /// The hook was paused and drops what arrives meanwhile.
    HookPaused,
    /// The hook was disabled and drops what arrives meanwhile.
    HookDisabled,
    /// The owner switched the hook off.
    SwitchedOff,
    /// More than the hook may have waiting.
    TooMany,
    /// Older than what waits may become.
    TooOld,
    /// The hook heard an earlier event of the same chain.
    Recursion,
    /// As many hooks as may heard earlier events of the same chain.
    ChainFull,
}

impl EndReason {
    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HookPaused => "hook_paused",
            Self::HookDisabled => "hook_disabled",
            Self::SwitchedOff => "switched_off",
            Self::TooMany => "too_many",
            Self::TooOld => "too_old",
            Self::Recursion => "recursion",
            Self::ChainFull => "chain_full",
        }
    }
}

impl DeliveryState {
    /// The stable word that the API, the pages and the stores use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in_flight",
            Self::Retrying { .. } => "retrying",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Skipped(_) => "skipped",
            Self::Expired(_) => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something will still be sent.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Pending | Self::InFlight | Self::Retrying { .. } | Self::Held)
    }
}

/// What happens to an event that a hook wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// It may be sent at once.
    SendNow,
    /// It waits ([`DeliveryState::Held`]); of a half-open hook the oldest that waits is the probe.
    Hold,
    /// It is not sent ([`DeliveryState::Skipped`]).
    Skip(EndReason),
}

/// Where an event goes that arrives for a hook whose owner's switch is `enabled` and whose health gives `permit`.
/// `drop` concerns a hook that may not be called; a half-open one waits for its next event.
pub const fn on_arrival(enabled: Switch, permit: Permit, while_paused: WhilePaused) -> Arrival {
    match (enabled, permit, while_paused) {
        (Switch::Off, _, _) => Arrival::Skip(EndReason::SwitchedOff),
        (Switch::On, Permit::Open, _) => Arrival::SendNow,
        (Switch::On, Permit::Probe, _) => Arrival::Hold,
        (Switch::On, Permit::NotBefore(_) | Permit::Closed, WhilePaused::Hold) => Arrival::Hold,
        (Switch::On, Permit::NotBefore(_), WhilePaused::Drop) => Arrival::Skip(EndReason::HookPaused),
        (Switch::On, Permit::Closed, WhilePaused::Drop) => Arrival::Skip(EndReason::HookDisabled),
    }
}

/// What a failed attempt leaves of its delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AfterFailure {
    /// Where it stands now.
    pub state: DeliveryState,
    /// Attempts that count against its retries so far.
    pub attempts: u32,
}

/// Where a delivery goes after an attempt failed. `attempts` counts those before it; `jitter` is uniform in 0..1. Tests
/// and resends, which a person sends by hand, are over with their answer.
pub fn after_failure(
    policy: &RetryPolicy,
    attempts: u32,
    kind: AttemptKind,
    class: FailureClass,
    now: Timestamp,
    jitter: f64,
) -> AfterFailure {
    match (kind, class) {
        (AttemptKind::Test | AttemptKind::Resend, _) => {
            AfterFailure { state: DeliveryState::GivenUp, attempts }
        }
        (_, FailureClass::Ours) => {
            let due = now + spread(RETRY_OURS_DELAY, jitter);
            AfterFailure { state: DeliveryState::Retrying { due }, attempts }
        }
        (AttemptKind::Probe, _) => AfterFailure { state: DeliveryState::Held, attempts },
        (AttemptKind::First | AttemptKind::Retry, _) => {
            let attempts = attempts.saturating_add(1);
            let state = match policy.due(attempts, now, jitter) {
                Some(due) => DeliveryState::Retrying { due },
                None => DeliveryState::GivenUp,
            };
            AfterFailure { state, attempts }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AfterFailure, Arrival, DeliveryState, EndReason, after_failure, on_arrival};
    use crate::health::Permit;
    use crate::{AttemptKind, FailureClass, RetryPolicy, Switch, WhilePaused};
    use wigwag_base::Timestamp;

    const NOW: Timestamp = Timestamp::from_secs(100);

    #[test]
    fn switch_health_and_choice_tell_where_an_event_goes() {
        let check = |enabled, permit, while_paused, arrival| {
            assert_eq!(on_arrival(enabled, permit, while_paused), arrival, "{enabled:?} {permit:?}");
        };
        let permits = [Permit::Open, Permit::Probe, Permit::NotBefore(NOW), Permit::Closed];
        for choice in [WhilePaused::Hold, WhilePaused::Drop] {
            for permit in permits {
                check(Switch::Off, permit, choice, Arrival::Skip(EndReason::SwitchedOff));
            }
            check(Switch::On, Permit::Open, choice, Arrival::SendNow);
            check(Switch::On, Permit::Probe, choice, Arrival::Hold);
        }
        let closed =
            [(Permit::NotBefore(NOW), EndReason::HookPaused), (Permit::Closed, EndReason::HookDisabled)];
        for (permit, reason) in closed {
            check(Switch::On, permit, WhilePaused::Hold, Arrival::Hold);
            check(Switch::On, permit, WhilePaused::Drop, Arrival::Skip(reason));
        }
    }

    #[test]
    fn a_failed_delivery_is_tried_eight_times_more_and_given_up() {
        let policy = RetryPolicy::reference();
        let mut after = AfterFailure { state: DeliveryState::Pending, attempts: 0 };
        let mut kind = AttemptKind::First;
        for delay_s in [5, 30, 120, 600, 3_600, 10_800, 28_800, 86_400] {
            let before = after.attempts;
            after = after_failure(&policy, before, kind, FailureClass::Timeout, NOW, 0.5);
            let due = Timestamp::from_secs(100 + delay_s);
            assert_eq!(after, AfterFailure { state: DeliveryState::Retrying { due }, attempts: before + 1 });
            kind = AttemptKind::Retry;
        }
        let last = after_failure(&policy, after.attempts, kind, FailureClass::Timeout, NOW, 0.5);
        assert_eq!(last, AfterFailure { state: DeliveryState::GivenUp, attempts: 9 });
    }

    #[test]
    fn only_first_attempts_and_retries_use_up_retries() {
        let none = RetryPolicy { delays: Vec::new() };
        let check = |kind, class, state, attempts| {
            let after = after_failure(&none, 3, kind, class, NOW, 0.0);
            assert_eq!(after, AfterFailure { state, attempts }, "{kind:?} {class:?}");
        };
        let again = DeliveryState::Retrying { due: Timestamp::from_secs(104) };
        for class in FailureClass::ALL {
            let ours = class == FailureClass::Ours;
            let counted = if ours { (again, 3) } else { (DeliveryState::GivenUp, 4) };
            check(AttemptKind::First, class, counted.0, counted.1);
            check(AttemptKind::Retry, class, counted.0, counted.1);
            check(AttemptKind::Probe, class, if ours { again } else { DeliveryState::Held }, 3);
            check(AttemptKind::Test, class, DeliveryState::GivenUp, 3);
            check(AttemptKind::Resend, class, DeliveryState::GivenUp, 3);
        }
    }
}
