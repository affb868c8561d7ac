//! How a hook's health came about: each change with the attempts behind it.

use crate::limits::{ATTEMPTS_PER_CHANGE_MAX, TIMELINE_SHOWN_MAX};
use crate::view::{Badge, When, answer, outcome_badge, word_badge};
use crate::words::count;
use wigwag_base::Timestamp;
use wigwag_engine::history;
use wigwag_hooks::PastAttempt;

/// One change of health.
pub(super) struct Change {
    pub(super) badge: Badge,
    pub(super) at: When,
    pub(super) failures: String,
    /// None where it is the same as that of the change above.
    pub(super) error: Option<String>,
    pub(super) attempts: Vec<Cause>,
    pub(super) attempts_more: u64,
}

/// An attempt behind a change.
pub(super) struct Cause {
    pub(super) href: String,
    pub(super) badge: Badge,
    pub(super) kind: &'static str,
    pub(super) answer: String,
}

/// The newest changes, newest first.
pub(super) fn changes(changes: &[history::Change], href: &str, now: Timestamp) -> Vec<Change> {
    let change = |(index, change): (usize, &history::Change)| {
        let transition = &change.transition;
        let newer = index.checked_sub(1).and_then(|newer| changes[newer].transition.error.as_ref());
        let is_news = newer != transition.error.as_ref();
        let shown = change.attempts.len().min(ATTEMPTS_PER_CHANGE_MAX);
        let last = &change.attempts[change.attempts.len() - shown..];
        Change {
            badge: word_badge(transition.to),
            at: When::new(transition.at, now),
            failures: match transition.failures {
                0 => String::new(),
                n => count(u64::from(n), "failure in a row", "failures in a row"),
            },
            error: transition.error.as_deref().filter(|_| is_news).map(crate::words::sentence),
            attempts_more: change.attempts_count.saturating_sub(shown as u64),
            attempts: last.iter().map(|attempt| cause(attempt, href)).collect(),
        }
    };
    changes.iter().take(TIMELINE_SHOWN_MAX).enumerate().map(change).collect()
}

fn cause(attempt: &PastAttempt, hook_href: &str) -> Cause {
    Cause {
        href: format!("{hook_href}/attempts/{}", attempt.id),
        badge: outcome_badge(&attempt.outcome),
        kind: attempt.kind.name(),
        answer: answer(&attempt.outcome),
    }
}
