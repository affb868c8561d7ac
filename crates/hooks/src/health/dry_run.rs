//! What another policy would have done: the state machine, run once more over the attempts that were made.
//!
//! It knows what came back from the requests that were sent, and of no others. So:
//! - an attempt that falls into a pause of the tried policy *would have waited*: its outcome moves nothing, and when and
//!   how its delivery would have ended is not known;
//! - the next attempt after such a pause stands for its probe, although the probe itself would have gone out sooner;
//! - where the tried policy is more patient than the one that held, the requests that it would have sent during the
//!   real pauses were never sent: nothing is known of them, and the real probes stand for them;
//! - retries of a longer retry policy were never sent; those beyond a shorter one are left out, at the times that they
//!   had. Other delays between the same retries move nothing.
//!
//! Both replays begin healthy at the beginning of the log. What people did is kept: tests and resends as the log has
//! them, and where a disabled hook was enabled by somebody, it is enabled here too if it is disabled here by then.

use super::{Health, HealthRecord, Permit, Policy, Signal, Transition, permit, step};
use crate::{AttemptKind, Outcome, PastAttempt, RetryPolicy};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use wigwag_base::{EventId, Timestamp};

/// What is looked back at.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// The attempts of one hook, in any order.
    pub attempts: &'a [PastAttempt],
    /// The changes of its health, in any order.
    pub changes: &'a [Transition],
    /// From when on both are known.
    pub from: Timestamp,
    /// Up to when.
    pub until: Timestamp,
}

/// What a policy came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DryRun {
    /// Attempts that went out, tests and resends by hand among them.
    pub sent: u64,
    /// Attempts that would not have gone out when they did: they fell into a pause, or the hook was disabled.
    pub would_have_waited: u64,
    /// Retries that the retry policy would not have made.
    pub left_out: u64,
    /// Deliveries that arrived by a retry that the retry policy would not have made: they would have been given up.
    pub given_up: u64,
    /// Pauses that began, those that follow a failed probe too.
    pub pauses: u64,
    /// How long the hook was paused.
    pub paused: Duration,
    /// When it was disabled first.
    pub disabled_at: Option<Timestamp>,
    /// How long it was disabled.
    pub disabled: Duration,
    /// The word of its health at the end.
    pub health: &'static str,
}

impl DryRun {
    const NOTHING: DryRun = DryRun {
        sent: 0,
        would_have_waited: 0,
        left_out: 0,
        given_up: 0,
        pauses: 0,
        paused: Duration::ZERO,
        disabled_at: None,
        disabled: Duration::ZERO,
        health: "healthy",
    };

    /// Attempts that would have been spared at the time that they were made.
    pub const fn spared(&self) -> u64 {
        self.would_have_waited + self.left_out
    }

    fn lasts(&mut self, word: &str, time: Duration) {
        match word {
            "paused" => self.paused += time,
            "disabled" => self.disabled += time,
            _ => {}
        }
    }

    fn changes(&mut self, to: &'static str, at: Timestamp) {
        self.health = to;
        match to {
            "paused" => self.pauses += 1,
            "disabled" => self.disabled_at = self.disabled_at.or(Some(at)),
            _ => {}
        }
    }
}

/// What really happened, in the same terms.
pub fn what_happened(past: &Past<'_>, now: &'static str) -> DryRun {
    let mut changes: Vec<&Transition> =
        past.changes.iter().filter(|change| change.at >= past.from && change.at <= past.until).collect();
    // Stable: of the same millisecond the older one first.
    changes.reverse();
    changes.sort_by_key(|change| change.at);
    let mut found = DryRun { sent: past.attempts.len() as u64, ..DryRun::NOTHING };
    let (mut word, mut since) = (changes.first().map_or(now, |first| first.from), past.from);
    for change in changes {
        found.lasts(word, change.at.since(since));
        found.changes(change.to, change.at);
        (word, since) = (change.to, change.at);
    }
    found.lasts(word, past.until.since(since));
    found.health = now;
    found
}

/// What `policy` and, if one is tried, `retries` would have done.
pub fn dry_run(past: &Past<'_>, policy: &Policy, retries: Option<&RetryPolicy>) -> DryRun {
    let mut run = Run {
        policy,
        record: HealthRecord::new(past.from),
        at: past.from,
        probe: None,
        found: DryRun::NOTHING,
    };
    let (left_out, given_up) = retries.map_or_else(Default::default, |policy| beyond(past.attempts, policy));
    let mut sent = HashSet::new();
    for moment in moments(past) {
        match moment {
            Moment::Enabled(at) => run.enabled(at),
            Moment::Starts(attempt) if left_out.contains(&attempt.id.0) => run.found.left_out += 1,
            Moment::Starts(attempt) => {
                if run.starts(attempt) {
                    sent.insert(attempt.id.0);
                }
            }
            Moment::Ends(attempt) => {
                if sent.remove(&attempt.id.0) {
                    run.ends(attempt);
                }
            }
        }
    }
    run.upto(past.until);
    DryRun { given_up, ..run.found }
}

/// What happens, in its order.
#[derive(Clone, Copy)]
enum Moment<'a> {
    /// Somebody enabled the disabled hook.
    Enabled(Timestamp),
    /// A request goes out.
    Starts(&'a PastAttempt),
    /// What came of it is known.
    Ends(&'a PastAttempt),
}

fn moments<'a>(past: &Past<'a>) -> Vec<Moment<'a>> {
    // Attempts get their numbers in the order of their ends, so of one millisecond the lower number is the earlier.
    let mut moments: Vec<((Timestamp, i64, u8), Moment<'a>)> = Vec::with_capacity(past.attempts.len() * 2);
    for attempt in past.attempts {
        moments.push(((attempt.started_at, attempt.id.0, 1), Moment::Starts(attempt)));
        moments.push(((attempt.ended_at(), attempt.id.0, 2), Moment::Ends(attempt)));
    }
    let by_somebody = |change: &&Transition| change.from == "disabled" && change.to == "healthy";
    for change in past.changes.iter().filter(by_somebody).filter(|change| change.at >= past.from) {
        moments.push(((change.at, 0, 0), Moment::Enabled(change.at)));
    }
    moments.sort_by_key(|(order, _)| *order);
    moments.into_iter().map(|(_, moment)| moment).collect()
}

/// The retries that a policy would not have made, and how many deliveries arrived by one of them.
fn beyond(attempts: &[PastAttempt], policy: &RetryPolicy) -> (HashSet<i64>, u64) {
    let mut in_order: Vec<&PastAttempt> =
        attempts.iter().filter(|attempt| attempt.kind == AttemptKind::Retry).collect();
    in_order.sort_by_key(|attempt| (attempt.started_at, attempt.id));
    let mut made: HashMap<EventId, usize> = HashMap::new();
    let (mut left_out, mut given_up) = (HashSet::new(), HashSet::new());
    for attempt in in_order {
        let Some(event) = attempt.event else { continue };
        let made = made.entry(event).or_default();
        *made += 1;
        if *made > policy.delays.len() {
            left_out.insert(attempt.id.0);
            if attempt.outcome.is_success() {
                given_up.insert(event);
            }
        }
    }
    (left_out, given_up.len() as u64)
}

/// One run of the machine.
struct Run<'a> {
    policy: &'a Policy,
    record: HealthRecord,
    /// Up to when time was counted.
    at: Timestamp,
    /// The request that decides about a half-open hook, while it is under way.
    probe: Option<i64>,
    found: DryRun,
}

impl Run<'_> {
    /// Lets time go by, and pauses with it.
    fn upto(&mut self, now: Timestamp) {
        if let Health::Paused { until, .. } = self.record.state
            && until <= now
        {
            self.lasts_until(until);
            self.signal(Signal::PauseOver, until);
        }
        self.lasts_until(now);
    }

    fn lasts_until(&mut self, now: Timestamp) {
        self.found.lasts(self.record.state.name(), now.since(self.at));
        self.at = self.at.max(now);
    }

    fn signal(&mut self, signal: Signal<'_>, now: Timestamp) {
        let done = step(&self.record, signal, now, self.policy);
        if let Some(change) = &done.transition {
            self.found.changes(change.to, change.at);
        }
        self.record = done.record;
    }

    fn enabled(&mut self, at: Timestamp) {
        self.upto(at);
        if self.record.state == Health::Disabled {
            self.signal(Signal::Enable, at);
        }
    }

    /// Whether it would have gone out.
    fn starts(&mut self, attempt: &PastAttempt) -> bool {
        self.upto(attempt.started_at);
        let by_hand = matches!(attempt.kind, AttemptKind::Test | AttemptKind::Resend);
        let goes = by_hand
            || match permit(&self.record, attempt.started_at, self.policy) {
                Permit::Open => true,
                Permit::Probe => self.probe.is_none(),
                Permit::NotBefore(_) | Permit::Closed => false,
            };
        if goes && !by_hand && self.record.state == Health::HalfOpen {
            self.probe = Some(attempt.id.0);
        }
        *(if goes { &mut self.found.sent } else { &mut self.found.would_have_waited }) += 1;
        goes
    }

    fn ends(&mut self, attempt: &PastAttempt) {
        let now = attempt.ended_at();
        self.upto(now);
        if self.probe == Some(attempt.id.0) {
            self.probe = None;
        }
        let by_hand = matches!(attempt.kind, AttemptKind::Test | AttemptKind::Resend);
        let signal = match (&attempt.outcome, by_hand) {
            (Outcome::Success(_), false) => Signal::Success,
            (Outcome::Success(_), true) => Signal::TestSucceeded,
            (Outcome::Failure(failure), false) => Signal::Failure(failure),
            (Outcome::Failure(failure), true) => Signal::TestFailed(failure),
        };
        self.signal(signal, now);
    }
}

#[cfg(test)]
mod tests;
