//! How a hook's health came about: each change with the attempts behind it.

use crate::limits::{ATTEMPTS_PER_CHANGE_MAX, TIMELINE_SHOWN_MAX};
use crate::view::{AttemptRow, Badge, When, attempt_row, word_badge};
use crate::words::count;
use wigwag_base::Timestamp;
use wigwag_hooks::health::Transition;
use wigwag_hooks::{Attempt, AttemptKind};

/// One change of health.
pub(super) struct Change {
    pub(super) badge: Badge,
    pub(super) at: When,
    pub(super) failures: String,
    /// None where it is the same as that of the change above.
    pub(super) error: Option<String>,
    pub(super) attempts: Vec<AttemptRow>,
    pub(super) attempts_more: usize,
}

/// The newest changes, newest first. Both listings begin with the newest, as the store gives them.
pub(super) fn changes(
    transitions: &[Transition],
    recent: &[Attempt],
    href: &str,
    now: Timestamp,
) -> Vec<Change> {
    let attempts = behind(transitions, recent);
    let change = |(index, (transition, attempts)): (usize, (&Transition, Vec<&Attempt>))| {
        let newer = index.checked_sub(1).and_then(|newer| transitions[newer].error.as_ref());
        let is_news = newer != transition.error.as_ref();
        Change {
            badge: word_badge(transition.to),
            at: When::new(transition.at, now),
            failures: match transition.failures {
                0 => String::new(),
                n => count(u64::from(n), "failure in a row", "failures in a row"),
            },
            error: transition.error.as_deref().filter(|_| is_news).map(crate::words::sentence),
            attempts_more: attempts.len().saturating_sub(ATTEMPTS_PER_CHANGE_MAX),
            attempts: attempts
                .into_iter()
                .take(ATTEMPTS_PER_CHANGE_MAX)
                .map(|attempt| attempt_row(attempt, href, now))
                .collect(),
        }
    };
    transitions.iter().zip(attempts).take(TIMELINE_SHOWN_MAX).enumerate().map(change).collect()
}

/// The attempts that led to each change, in the order of the changes. A failure counts once and in its order; what was
/// under way when a pause began counts for nothing, and the end of a pause needs no attempt.
fn behind<'a>(transitions: &[Transition], recent: &'a [Attempt]) -> Vec<Vec<&'a Attempt>> {
    let mut left: Vec<&Attempt> = recent.iter().rev().collect();
    left.sort_by_key(|attempt| attempt.started_at + attempt.duration);
    let mut counted = 0;
    let mut all: Vec<Vec<&Attempt>> = Vec::with_capacity(transitions.len());
    for transition in transitions.iter().rev() {
        let is_over = |attempt: &Attempt| attempt.started_at <= transition.at;
        let taken: Vec<&Attempt> = match transition.to {
            "half_open" => Vec::new(),
            "healthy" => left
                .iter()
                .rfind(|one| is_over(one) && one.outcome.is_success())
                .copied()
                .into_iter()
                .collect(),
            _ => {
                let fits = |one: &&&Attempt| {
                    let was_probe = one.kind == AttemptKind::Probe;
                    is_over(one) && !one.outcome.is_success() && was_probe == (transition.from == "half_open")
                };
                let new = transition.failures.saturating_sub(counted).max(1) as usize;
                left.iter().filter(fits).take(new).copied().collect()
            }
        };
        counted = if transition.to == "healthy" { 0 } else { transition.failures };
        // Whatever else was over by then counted for nothing; the probe may have gone out in the same millisecond.
        let is_past = |one: &Attempt| match transition.to {
            "half_open" => is_over(one) && one.kind != AttemptKind::Probe,
            "healthy" => is_over(one),
            _ => false,
        };
        left.retain(|one| !taken.iter().any(|other| other.id == one.id) && !is_past(one));
        all.push(taken);
    }
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::behind;
    use std::time::Duration;
    use wigwag_base::{AttemptId, EventId, HookId, ProjectId, Timestamp};
    use wigwag_hooks::health::{Transition, TransitionKind};
    use wigwag_hooks::{Attempt, AttemptKind, EventType, Failure, FailureClass, Outcome, Response, SentBody};

    fn attempt(id: i64, at: i64, kind: AttemptKind, status: u16) -> Attempt {
        let response = Response { status, headers: Vec::new(), body: bytes::Bytes::new() };
        let outcome = match status {
            200 => Outcome::Success(response),
            _ => Outcome::Failure(Failure::without_answer(FailureClass::ServerError, "no".into())),
        };
        Attempt {
            id: AttemptId(id),
            event: Some(EventId(id)),
            hook: HookId(1),
            project: Some(ProjectId(1)),
            event_type: EventType::new("push").expect("a plain word is an event type"),
            kind,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: SentBody::Payload,
            started_at: Timestamp::from_secs(at),
            duration: Duration::ZERO,
            outcome,
        }
    }

    fn change(from: &'static str, to: &'static str, at: i64, failures: u32) -> Transition {
        let at = Timestamp::from_secs(at);
        Transition { kind: TransitionKind::Paused, from, to, at, failures, error: None, got_worse: false }
    }

    #[test]
    fn each_failure_stands_behind_the_change_that_it_led_to() {
        use AttemptKind::{First, Probe};
        let transitions = [
            change("half_open", "healthy", 90, 3),
            change("paused", "half_open", 80, 3),
            change("half_open", "paused", 60, 3),
            change("paused", "half_open", 60, 2),
            change("unhealthy", "paused", 10, 2),
            change("healthy", "unhealthy", 10, 1),
        ];
        let recent = [
            attempt(5, 90, Probe, 200),
            attempt(4, 60, Probe, 500),
            // Under way when the pause began.
            attempt(3, 11, First, 500),
            attempt(2, 10, First, 500),
            attempt(1, 10, First, 500),
        ];
        let ids: Vec<Vec<i64>> = behind(&transitions, &recent)
            .iter()
            .map(|attempts| attempts.iter().map(|attempt| attempt.id.0).collect())
            .collect();
        assert_eq!(ids, [vec![5], vec![], vec![4], vec![], vec![2], vec![1]]);
    }

    #[test]
    fn a_change_by_a_person_has_no_attempt_behind_it() {
        let transitions = [change("disabled", "healthy", 90, 6)];
        assert_eq!(
            behind(&transitions, &[attempt(1, 10, AttemptKind::First, 500)]),
            [Vec::<&Attempt>::new()]
        );
    }
}
