use super::Transition;
use crate::{AttemptKind, PastAttempt};

/// The attempts that led to each change of a hook's health, oldest first, in the order of the changes. Both listings begin
/// with the newest, as the store gives them. A failure counts once and in its order; what was under way when a pause began
/// counts for nothing, and the end of a pause needs no attempt, nor does what a person did.
pub fn causes<'a>(changes: &[Transition], recent: &'a [PastAttempt]) -> Vec<Vec<&'a PastAttempt>> {
    let mut left: Vec<&PastAttempt> = recent.iter().rev().collect();
    left.sort_by_key(|attempt| attempt.ended_at());
    let mut counted = 0;
    let mut all: Vec<Vec<&PastAttempt>> = Vec::with_capacity(changes.len());
    for change in changes.iter().rev() {
        let is_over = |attempt: &PastAttempt| attempt.started_at <= change.at;
        let taken: Vec<&PastAttempt> = match change.to {
            "half_open" => Vec::new(),
            "healthy" => left
                .iter()
                .rfind(|one| is_over(one) && one.outcome.is_success())
                .copied()
                .into_iter()
                .collect(),
            _ => {
                let fits = |one: &&&PastAttempt| {
                    let was_probe = one.kind == AttemptKind::Probe;
                    is_over(one) && !one.outcome.is_success() && was_probe == (change.from == "half_open")
                };
                let new = change.failures.saturating_sub(counted).max(1) as usize;
                left.iter().filter(fits).take(new).copied().collect()
            }
        };
        counted = if change.to == "healthy" { 0 } else { change.failures };
        // Whatever else was over by then counted for nothing; the probe may have gone out in the same millisecond.
        let is_past = |one: &PastAttempt| match change.to {
            "half_open" => is_over(one) && one.kind != AttemptKind::Probe,
            "healthy" => is_over(one),
            _ => false,
        };
        let last_taken = taken.last().map(|one| one.ended_at());
        left.retain(|one| {
            // What was taken lies at the front, up to its last: only there its ids are looked for.
            let may_be_taken = last_taken.is_some_and(|last| one.ended_at() <= last);
            let is_taken = may_be_taken && taken.iter().any(|other| other.id == one.id);
            !(is_taken || is_past(one))
        });
        all.push(taken);
    }
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::causes;
    use crate::health::{Transition, TransitionKind};
    use crate::{AttemptKind, Failure, FailureClass, Outcome, PastAttempt, Response};
    use std::time::Duration;
    use wigwag_base::{AttemptId, EventId, Timestamp};

    fn attempt(id: i64, at: i64, kind: AttemptKind, status: u16) -> PastAttempt {
        let response = Response { status, headers: Vec::new(), body: bytes::Bytes::new() };
        let outcome = match status {
            200 => Outcome::Success(response),
            _ => Outcome::Failure(Failure::without_answer(FailureClass::ServerError, "no".into())),
        };
        let (event, started_at) = (Some(EventId(id)), Timestamp::from_secs(at));
        PastAttempt { id: AttemptId(id), event, kind, started_at, duration: Duration::ZERO, outcome }
    }

    fn change(from: &'static str, to: &'static str, at: i64, failures: u32) -> Transition {
        let at = Timestamp::from_secs(at);
        Transition { kind: TransitionKind::Paused, from, to, at, failures, error: None, got_worse: false }
    }

    #[test]
    fn each_failure_stands_behind_the_change_that_it_led_to() {
        use AttemptKind::{First, Probe};
        let changes = [
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
        let ids: Vec<Vec<i64>> = causes(&changes, &recent)
            .iter()
            .map(|attempts| attempts.iter().map(|attempt| attempt.id.0).collect())
            .collect();
        assert_eq!(ids, [vec![5], vec![], vec![4], vec![], vec![2], vec![1]]);
    }

    #[test]
    fn a_change_by_a_person_has_no_attempt_behind_it() {
        let changes = [change("disabled", "healthy", 90, 6)];
        assert_eq!(
            causes(&changes, &[attempt(1, 10, AttemptKind::First, 500)]),
            [Vec::<&PastAttempt>::new()]
        );
    }
}
