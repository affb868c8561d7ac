//! A delivery: one row in `waiting` or in `ended`, or none once it succeeded.

use super::{attempt::event_type, time};
use crate::error::odd;
use bytes::Bytes;
use rusqlite::{Result, Row};
use wigwag_base::{EventId, HookId, ProjectId, Timestamp};
use wigwag_hooks::{Delivery, DeliveryState, EndReason};
use wigwag_ports::deliveries::Replayable;

/// `state` of `waiting`.
pub(crate) const PENDING: i64 = 0;
const HELD: i64 = 1;
pub(crate) const RETRYING: i64 = 2;
/// `state` of `ended`.
pub(crate) const GIVEN_UP: i64 = 10;
pub(crate) const CANCELLED: i64 = 11;
const SKIPPED_PAUSED: i64 = 20;
const SKIPPED_SWITCHED_OFF: i64 = 21;
const SKIPPED_TOO_MANY: i64 = 22;
const SKIPPED_TOO_OLD: i64 = 23;
const SKIPPED_RECURSION: i64 = 24;
const SKIPPED_DISABLED: i64 = 25;
const SKIPPED_CHAIN_FULL: i64 = 26;
const EXPIRED_PAUSED: i64 = 30;
const EXPIRED_SWITCHED_OFF: i64 = 31;
pub(crate) const EXPIRED_TOO_MANY: i64 = 32;
pub(crate) const EXPIRED_TOO_OLD: i64 = 33;
const EXPIRED_RECURSION: i64 = 34;
const EXPIRED_DISABLED: i64 = 35;
const EXPIRED_CHAIN_FULL: i64 = 36;
/// The highest `state` of `ended`.
pub(crate) const ENDED_LAST: i64 = EXPIRED_CHAIN_FULL;
/// In listings: seen by its attempt alone.
pub(crate) const DELIVERED: i64 = 40;

/// Where a state lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stored {
    /// In `waiting`: state and due.
    Waiting(i64, i64),
    /// In `ended`: state.
    Ended(i64),
    /// Nowhere.
    None,
}

/// Where and how a state is stored.
pub(crate) fn place(state: DeliveryState) -> Stored {
    match state {
        DeliveryState::Pending | DeliveryState::InFlight => Stored::Waiting(PENDING, 0),
        DeliveryState::Held => Stored::Waiting(HELD, 0),
        DeliveryState::Retrying { due } => Stored::Waiting(RETRYING, due.as_millis()),
        DeliveryState::GivenUp => Stored::Ended(GIVEN_UP),
        DeliveryState::Cancelled => Stored::Ended(CANCELLED),
        DeliveryState::Skipped(reason) => Stored::Ended(match reason {
            EndReason::HookPaused => SKIPPED_PAUSED,
            EndReason::SwitchedOff => SKIPPED_SWITCHED_OFF,
            EndReason::TooMany => SKIPPED_TOO_MANY,
            EndReason::TooOld => SKIPPED_TOO_OLD,
            EndReason::Recursion => SKIPPED_RECURSION,
            EndReason::HookDisabled => SKIPPED_DISABLED,
            EndReason::ChainFull => SKIPPED_CHAIN_FULL,
        }),
        DeliveryState::Expired(reason) => Stored::Ended(match reason {
            EndReason::HookPaused => EXPIRED_PAUSED,
            EndReason::SwitchedOff => EXPIRED_SWITCHED_OFF,
            EndReason::TooMany => EXPIRED_TOO_MANY,
            EndReason::TooOld => EXPIRED_TOO_OLD,
            EndReason::Recursion => EXPIRED_RECURSION,
            EndReason::HookDisabled => EXPIRED_DISABLED,
            EndReason::ChainFull => EXPIRED_CHAIN_FULL,
        }),
        DeliveryState::Delivered => Stored::None,
    }
}

/// The state under a number.
pub(crate) fn state(code: i64, due: i64) -> Result<DeliveryState> {
    Ok(match code {
        PENDING => DeliveryState::Pending,
        HELD => DeliveryState::Held,
        RETRYING => DeliveryState::Retrying { due: Timestamp::from_millis(due) },
        GIVEN_UP => DeliveryState::GivenUp,
        CANCELLED => DeliveryState::Cancelled,
        SKIPPED_PAUSED => DeliveryState::Skipped(EndReason::HookPaused),
        SKIPPED_SWITCHED_OFF => DeliveryState::Skipped(EndReason::SwitchedOff),
        SKIPPED_TOO_MANY => DeliveryState::Skipped(EndReason::TooMany),
        SKIPPED_TOO_OLD => DeliveryState::Skipped(EndReason::TooOld),
        SKIPPED_RECURSION => DeliveryState::Skipped(EndReason::Recursion),
        SKIPPED_DISABLED => DeliveryState::Skipped(EndReason::HookDisabled),
        SKIPPED_CHAIN_FULL => DeliveryState::Skipped(EndReason::ChainFull),
        EXPIRED_PAUSED => DeliveryState::Expired(EndReason::HookPaused),
        EXPIRED_SWITCHED_OFF => DeliveryState::Expired(EndReason::SwitchedOff),
        EXPIRED_TOO_MANY => DeliveryState::Expired(EndReason::TooMany),
        EXPIRED_TOO_OLD => DeliveryState::Expired(EndReason::TooOld),
        EXPIRED_RECURSION => DeliveryState::Expired(EndReason::Recursion),
        EXPIRED_DISABLED => DeliveryState::Expired(EndReason::HookDisabled),
        EXPIRED_CHAIN_FULL => DeliveryState::Expired(EndReason::ChainFull),
        DELIVERED => DeliveryState::Delivered,
        _ => return Err(odd("delivery state")),
    })
}

/// The stored numbers of a state's stable word, as a range; `None` for a word that is never stored.
pub(crate) fn range(word: &str) -> Option<(i64, i64)> {
    match word {
        "pending" => Some((PENDING, PENDING)),
        "held" => Some((HELD, HELD)),
        "retrying" => Some((RETRYING, RETRYING)),
        "given_up" => Some((GIVEN_UP, GIVEN_UP)),
        "cancelled" => Some((CANCELLED, CANCELLED)),
        "skipped" => Some((SKIPPED_PAUSED, SKIPPED_CHAIN_FULL)),
        "expired" => Some((EXPIRED_PAUSED, EXPIRED_CHAIN_FULL)),
        "delivered" => Some((DELIVERED, DELIVERED)),
        _ => None,
    }
}

/// The stored numbers of what may wait once more; `None` for what has no row.
pub(crate) const fn replayed(state: Replayable) -> Option<&'static [i64]> {
    match state {
        Replayable::GivenUp => Some(&[GIVEN_UP]),
        Replayable::Skipped => {
            Some(&[SKIPPED_PAUSED, SKIPPED_SWITCHED_OFF, SKIPPED_TOO_MANY, SKIPPED_TOO_OLD, SKIPPED_DISABLED])
        }
        Replayable::Recursion => Some(&[SKIPPED_RECURSION, SKIPPED_CHAIN_FULL]),
        Replayable::Expired => Some(&[EXPIRED_TOO_MANY, EXPIRED_TOO_OLD]),
        Replayable::Delivered => None,
    }
}

/// Reads a row joined with its event, without the body.
pub(crate) fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        event: EventId(row.get("event_id")?),
        hook: HookId(row.get("hook_id")?),
        project: ProjectId(row.get("project_id")?),
        event_type: event_type(row, "type")?,
        body: Bytes::new(),
        chain: row.get("chain")?,
        accepted_at: time(row, "accepted_at")?,
        state: state(row.get("state")?, row.get("due")?)?,
        attempts: row.get("attempts")?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Stored, place, range, state};
    use wigwag_base::Timestamp;
    use wigwag_hooks::{DeliveryState, EndReason};

    #[test]
    fn every_state_comes_back_and_lies_in_the_range_of_its_word() {
        let reasons = [
            EndReason::HookPaused,
            EndReason::HookDisabled,
            EndReason::ChainFull,
            EndReason::SwitchedOff,
            EndReason::TooMany,
            EndReason::TooOld,
            EndReason::Recursion,
        ];
        let mut states = vec![
            DeliveryState::Pending,
            DeliveryState::Held,
            DeliveryState::Retrying { due: Timestamp::from_millis(77) },
            DeliveryState::GivenUp,
            DeliveryState::Cancelled,
        ];
        states.extend(reasons.map(DeliveryState::Skipped));
        states.extend(reasons.map(DeliveryState::Expired));
        for is in states {
            let (code, due, waits) = match place(is) {
                Stored::Waiting(code, due) => (code, due, true),
                Stored::Ended(code) => (code, 0, false),
                Stored::None => unreachable!("{is:?}"),
            };
            assert_eq!(state(code, due).unwrap(), is);
            assert_eq!(is.is_waiting(), waits, "{is:?}");
            let (low, high) = range(is.name()).unwrap();
            assert!((low..=high).contains(&code), "{is:?}");
        }
        assert_eq!(place(DeliveryState::InFlight), Stored::Waiting(0, 0));
        assert_eq!(place(DeliveryState::Delivered), Stored::None);
        assert!(state(99, 0).is_err() && range("in_flight").is_none());
    }
}
