use crate::limits::ADDRESS_CHARACTERS_MAX;
use crate::view::{Badge, When, attempt_badge, health_badge};
use crate::words::{cut_middle, number, took};
use wigwag_base::Timestamp;
use wigwag_engine::hook_admin::HookView;
use wigwag_hooks::{Attempt, FailureClass, Hook, Outcome, masked_url};

/// A hook as lists show one.
#[derive(Clone, Debug)]
pub(crate) struct HookRow {
    pub(crate) href: String,
    pub(crate) title: String,
    /// The path of its project or group, where the list is of several.
    pub(crate) place: String,
    pub(crate) address: String,
    pub(crate) whole_address: String,
    pub(crate) badge: Badge,
    pub(crate) error: Option<String>,
    pub(crate) since: When,
    /// Failures in a row.
    pub(crate) failures: String,
    pub(crate) waiting: String,
    pub(crate) has_waiting: bool,
    pub(crate) next: Option<When>,
}

/// A hook's line at `href`.
pub(crate) fn hook_row(view: &HookView, href: String, place: &str, now: Timestamp) -> HookRow {
    let hook = &view.hook;
    let address = masked_url(hook.url.expose());
    let is_bad = hook.health.failures > 0 || hook.health.state.is_failing();
    let last = hook.health.last_failure.as_ref().filter(|_| is_bad);
    HookRow {
        href,
        title: hook_title(hook),
        place: place.to_owned(),
        address: cut_middle(&address, ADDRESS_CHARACTERS_MAX),
        whole_address: address.into_owned(),
        badge: health_badge(hook),
        error: last.map(|note| crate::words::sentence(&note.text)),
        since: When::new(hook.health.since, now),
        failures: number(u64::from(hook.health.failures)),
        waiting: number(view.waiting),
        has_waiting: view.waiting > 0,
        next: view.disabled_until.map(|at| When::new(at, now)),
    }
}

/// What people call a hook: its name, else its host, else its number.
pub(crate) fn hook_title(hook: &Hook) -> String {
    match hook.title().trim() {
        "" => format!("Hook {}", hook.id),
        title => title.to_owned(),
    }
}

/// An attempt as the delivery log shows it.
#[derive(Clone, Debug)]
pub(crate) struct AttemptRow {
    pub(crate) href: String,
    pub(crate) badge: Badge,
    /// `404`, or what happened instead of an answer.
    pub(crate) answer: String,
    pub(crate) event_type: String,
    pub(crate) kind: &'static str,
    pub(crate) at: When,
    pub(crate) took: String,
    pub(crate) error: Option<String>,
}

/// An attempt's line; `hook_href` is the page of its hook.
pub(crate) fn attempt_row(attempt: &Attempt, hook_href: &str, now: Timestamp) -> AttemptRow {
    AttemptRow {
        href: format!("{hook_href}/attempts/{}", attempt.id),
        badge: attempt_badge(attempt),
        answer: answer(&attempt.outcome),
        event_type: attempt.event_type.to_string(),
        kind: attempt.kind.name(),
        at: When::new(attempt.started_at, now),
        took: took(attempt.duration),
        error: match &attempt.outcome {
            Outcome::Success(_) => None,
            Outcome::Failure(failure) => Some(crate::words::sentence(&failure.text)),
        },
    }
}

/// What came back, in one word or number.
pub(crate) fn answer(outcome: &Outcome) -> String {
    match (outcome.response(), outcome) {
        (Some(response), _) => response.status.to_string(),
        (None, Outcome::Failure(failure)) => no_answer(failure.class).to_owned(),
        (None, Outcome::Success(_)) => String::new(),
    }
}

const fn no_answer(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Timeout => "timed out",
        FailureClass::Dns => "unknown host",
        FailureClass::Connection => "no connection",
        FailureClass::Tls => "TLS failed",
        FailureClass::Forbidden => "forbidden",
        FailureClass::BadRequest => "not sent",
        FailureClass::Ours => "not sent",
        FailureClass::ClientError
        | FailureClass::Gone
        | FailureClass::ServerError
        | FailureClass::Redirect
        | FailureClass::OddStatus => "no answer",
    }
}
