use crate::shell::Tone;
use crate::view::{Badge, When, health_badge};
use crate::words::{count, number, verb};
use askama::Template;
use askama::filters::HtmlSafe;
use wigwag_base::Timestamp;
use wigwag_engine::Engine;
use wigwag_engine::hook_admin::HookView;
use wigwag_hooks::health::{Health, PauseReason, Policy, effective};
use wigwag_hooks::{Hook, PolicyChoice, WhilePaused};

/// A hook's health: the state in one sentence, the last error, and what to do.
#[derive(Template, Clone, Debug)]
#[template(path = "parts/health.html")]
pub(crate) struct HealthLines {
    pub(crate) badge: Badge,
    state: State,
    /// `4 failures in a row`.
    failures: String,
    since: When,
    /// `; 12 events wait for it`, or nothing.
    waiting: String,
    has_waiting: bool,
    threshold: Option<String>,
    last_error: Option<(String, When)>,
    holds: bool,
}

impl HtmlSafe for HealthLines {}

/// What the sentence is made of.
#[derive(Clone, Debug)]
enum State {
    Off,
    Fresh,
    Healthy { last: When },
    Unhealthy { not_before: Option<When> },
    Paused { until: When, is_asked_for: bool },
    HalfOpen,
    Disabled,
}

/// The health of a hook in words. `last_success` is when it last took something, if the log still knows.
pub(crate) fn health_lines(
    engine: &Engine,
    view: &HookView,
    last_success: Option<Timestamp>,
    now: Timestamp,
) -> HealthLines {
    let hook = &view.hook;
    let waiting = match view.waiting {
        0 => String::new(),
        n => format!("{} {}", count(n, "event", "events"), verb(n, "waits", "wait")),
    };
    let last_error = hook
        .health
        .last_failure
        .as_ref()
        .filter(|_| hook.health.failures > 0 || hook.health.state.is_failing());
    HealthLines {
        badge: health_badge(hook),
        state: state(hook, last_success, now),
        failures: count(u64::from(hook.health.failures), "failure in a row", "failures in a row"),
        since: When::new(hook.health.since, now),
        has_waiting: view.waiting > 0,
        waiting,
        threshold: threshold(engine, hook),
        last_error: last_error.map(|note| (crate::words::sentence(&note.text), When::new(note.at, now))),
        holds: hook.while_paused == WhilePaused::Hold,
    }
}

fn state(hook: &Hook, last_success: Option<Timestamp>, now: Timestamp) -> State {
    if !hook.enabled.is_on() {
        return State::Off;
    }
    match hook.health.state {
        Health::Healthy => {
            last_success.map_or(State::Fresh, |at| State::Healthy { last: When::new(at, now) })
        }
        Health::Unhealthy { not_before } => {
            let not_before = not_before.filter(|at| *at > now).map(|at| When::new(at, now));
            State::Unhealthy { not_before }
        }
        Health::Paused { until, reason } => {
            State::Paused { until: When::new(until, now), is_asked_for: reason == PauseReason::RetryAfter }
        }
        Health::HalfOpen => State::HalfOpen,
        Health::Disabled => State::Disabled,
    }
}

/// At which failure in a row the hook is paused; none if nothing pauses it.
fn threshold(engine: &Engine, hook: &Hook) -> Option<String> {
    let instance = PolicyChoice::Own(engine.settings().failure_policy);
    match effective([hook.failure_policy, instance], engine.flag_board().auto_disabling()) {
        Policy::On(policy) => Some(number(u64::from(policy.threshold))),
        Policy::Off => None,
    }
}

impl HealthLines {
    /// The colour beside the sentence.
    pub(crate) const fn tone(&self) -> Tone {
        self.badge.tone
    }
}
