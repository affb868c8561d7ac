//! A hook's health and its changes.

use super::{codes, time, time_if_any};
use crate::error::odd;
use rusqlite::{Result, Row, types::Value};
use wigwag_base::Timestamp;
use wigwag_hooks::health::{FailureNote, Health, HealthRecord, PauseReason, Transition, TransitionKind};

codes!(reason_code, reason, PauseReason { PauseReason::Failures = 0, PauseReason::RetryAfter = 1 });
codes!(kind_code, kind, TransitionKind {
    TransitionKind::Unhealthy = 0,
    TransitionKind::Paused = 1,
    TransitionKind::HalfOpen = 2,
    TransitionKind::Disabled = 3,
    TransitionKind::Recovered = 4,
});

/// The stable words of the states, at the numbers under which they are stored; from 2 on a hook is failing.
const WORDS: [&str; 5] = ["healthy", "unhealthy", "paused", "half_open", "disabled"];

/// The number of a state's word.
pub(crate) fn word_code(word: &str) -> Result<i64> {
    WORDS.iter().position(|known| *known == word).map(|at| at as i64).ok_or_else(|| odd("health word"))
}

fn word(code: i64) -> Result<&'static str> {
    usize::try_from(code).ok().and_then(|at| WORDS.get(at).copied()).ok_or_else(|| odd("health word"))
}

/// state, until, reason.
pub(crate) fn state_columns(health: Health) -> (i64, Option<i64>, Option<i64>) {
    let ms = |at: Timestamp| at.as_millis();
    match health {
        Health::Healthy => (0, None, None),
        Health::Unhealthy { not_before } => (1, not_before.map(ms), None),
        Health::Paused { until, reason } => (2, Some(ms(until)), Some(reason_code(reason))),
        Health::HalfOpen => (3, None, None),
        Health::Disabled => (4, None, None),
    }
}

fn state(code: i64, until: Option<Timestamp>, reason_number: Option<i64>) -> Result<Health> {
    match (code, until, reason_number) {
        (0, _, _) => Ok(Health::Healthy),
        (1, not_before, _) => Ok(Health::Unhealthy { not_before }),
        (2, Some(until), Some(number)) => Ok(Health::Paused { until, reason: reason(number)? }),
        (3, _, _) => Ok(Health::HalfOpen),
        (4, _, _) => Ok(Health::Disabled),
        _ => Err(odd("health")),
    }
}

/// All columns of `hook_health` but the id, in the table's order.
pub(crate) fn columns(record: &HealthRecord) -> [Value; 8] {
    let (state, until, reason) = state_columns(record.state);
    let failed_at = record.last_failure.as_ref().map(|note| note.at.as_millis());
    [
        state.into(),
        until.into(),
        reason.into(),
        i64::from(record.failures).into(),
        record.since.as_millis().into(),
        failed_at.into(),
        record.last_failure.as_ref().map(|note| note.text.clone()).into(),
        record.version.into(),
    ]
}

/// Reads the columns of `hook_health`; its `state` and `version` may go by these names in a join.
pub(crate) fn record(row: &Row<'_>) -> Result<HealthRecord> {
    let last_failure = match (time_if_any(row, "failed_at")?, row.get("failure")?) {
        (Some(at), Some(text)) => Some(FailureNote { at, text }),
        _ => None,
    };
    Ok(HealthRecord {
        state: state(row.get("state")?, time_if_any(row, "until")?, row.get("reason")?)?,
        failures: row.get("failures")?,
        since: time(row, "since")?,
        last_failure,
        version: row.get("version")?,
    })
}

/// Reads a row of `transitions`.
pub(crate) fn transition(row: &Row<'_>) -> Result<Transition> {
    Ok(Transition {
        kind: kind(row.get("kind")?)?,
        from: word(row.get("was")?)?,
        to: word(row.get("becomes")?)?,
        at: time(row, "at")?,
        failures: row.get("failures")?,
        error: row.get("error")?,
        got_worse: row.get("got_worse")?,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{word, word_code};
    use wigwag_base::Timestamp;
    use wigwag_hooks::health::{Health, PauseReason};

    #[test]
    fn the_words_are_those_of_the_states_and_failing_begins_at_2() {
        let until = Timestamp::from_millis(1);
        for (code, state) in (0..).zip([
            Health::Healthy,
            Health::Unhealthy { not_before: None },
            Health::Paused { until, reason: PauseReason::Failures },
            Health::HalfOpen,
            Health::Disabled,
        ]) {
            assert_eq!(word_code(state.name()).unwrap(), code);
            assert_eq!(word(code).unwrap(), state.name());
            assert_eq!(super::state_columns(state).0, code);
            assert_eq!(state.is_failing(), code >= 2);
        }
        assert!(word(5).is_err() && word_code("ill").is_err());
    }
}
