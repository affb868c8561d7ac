//! What a banner says: the value behind the JSON, the fragment and the component. Nothing in it is escaped; that is the
//! faces' part.

use crate::limits::{HOOKS_LISTED_MAX, QUOTED_ERROR_CHARACTERS_MAX};
use crate::phrases::fill;
use crate::{Failing, FailingHook, FailingState, Feature, Phrases, Scope, plain};
use std::sync::Arc;
use wigwag_base::{HookId, Timestamp};

/// One banner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Callout {
    /// Which kind.
    pub feature: Feature,
    /// Whose hooks fail.
    pub scope: Scope,
    /// How it looks.
    pub tone: Tone,
    /// One line.
    pub title: String,
    /// What fails, why, since when, and what comes next.
    pub text: String,
    /// Where its button leads: the worst hook's page.
    pub url: String,
    /// Whether it has a close button.
    pub dismissible: bool,
    /// The failing hooks, worst first.
    pub hooks: Vec<CalloutHook>,
}

/// How bad the worst is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Paused or half open: it may mend itself.
    Warning,
    /// Disabled: somebody has to do something.
    Danger,
}

impl Tone {
    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

/// One failing hook of a banner, for platforms that write their own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalloutHook {
    /// The hook.
    pub id: HookId,
    /// Its name, else its host.
    pub name: Arc<str>,
    /// `paused`, `half_open` or `disabled`.
    pub health: &'static str,
    /// GitLab's word: `temporarily_disabled`, `executable` or `disabled`.
    pub alert_status: &'static str,
    /// What happened last, and what to do; may be empty.
    pub last_error: Arc<str>,
    /// Since when it is in this state.
    pub since: Timestamp,
    /// When it will be tried next, while it is paused.
    pub next_try_at: Option<Timestamp>,
    /// Events that wait for it.
    pub waiting: u64,
}

/// The banner for what fails in `scope`; none if nothing does. `url` gives the address of a hook's page.
pub fn callout(
    scope: Scope,
    failing: &Failing,
    phrases: &Phrases,
    now: Timestamp,
    url: impl FnOnce(HookId) -> String,
) -> Option<Callout> {
    let worst = failing.worst()?;
    let tone = match worst.state {
        FailingState::Disabled => Tone::Danger,
        FailingState::Paused { .. } | FailingState::HalfOpen => Tone::Warning,
    };
    Some(Callout {
        feature: Feature::WebHookDisabled,
        scope,
        tone,
        title: title(worst, failing.hooks().len() as u64, phrases),
        text: text(worst, failing.hooks().len() as u64, phrases, now),
        url: url(worst.id),
        dismissible: true,
        hooks: failing.hooks().iter().take(HOOKS_LISTED_MAX).map(CalloutHook::from).collect(),
    })
}

impl From<&FailingHook> for CalloutHook {
    fn from(hook: &FailingHook) -> Self {
        let next_try_at = match hook.state {
            FailingState::Paused { next_try_at } => Some(next_try_at),
            FailingState::HalfOpen | FailingState::Disabled => None,
        };
        Self {
            id: hook.id,
            name: Arc::clone(&hook.title),
            health: hook.state.health(),
            alert_status: hook.state.alert_status(),
            last_error: Arc::clone(&hook.last_error),
            since: hook.since,
            next_try_at,
            waiting: hook.waiting,
        }
    }
}

fn title(worst: &FailingHook, count: u64, phrases: &Phrases) -> String {
    match (count, worst.state) {
        (2.., _) => phrases.counted(phrases.several_title, count),
        (_, FailingState::Paused { .. }) => phrases.paused_title.to_owned(),
        (_, FailingState::HalfOpen) => phrases.half_open_title.to_owned(),
        (_, FailingState::Disabled) => phrases.disabled_title.to_owned(),
    }
}

/// The worst hook's state, what comes next for it, and how many others fail.
fn text(worst: &FailingHook, count: u64, phrases: &Phrases, now: Timestamp) -> String {
    let (state, next) = match worst.state {
        FailingState::Paused { .. } => (phrases.paused, phrases.paused_next),
        FailingState::HalfOpen => (phrases.half_open, phrases.half_open_next),
        FailingState::Disabled => (phrases.disabled, phrases.disabled_next),
    };
    let next_try = match worst.state {
        FailingState::Paused { next_try_at } => phrases.ahead(next_try_at, now),
        FailingState::HalfOpen | FailingState::Disabled => String::new(),
    };
    let hook = match &*worst.title {
        "" => fill(phrases.untitled, &[("id", &worst.id.to_string())]),
        title => title.to_owned(),
    };
    let because = match plain::clause(&worst.last_error, QUOTED_ERROR_CHARACTERS_MAX) {
        error if error.is_empty() => String::new(),
        error => fill(phrases.because, &[("error", &error)]),
    };
    let waiting = match worst.waiting {
        0 => String::new(),
        n => phrases.counted(phrases.waiting, n),
    };
    let state =
        fill(state, &[("hook", &hook), ("ago", &phrases.ago(worst.since, now)), ("because", &because)]);
    let next = fill(next, &[("next", &next_try), ("waiting", &waiting)]);
    match count {
        2.. => format!("{state} {next} {}", phrases.counted(phrases.others, count - 1)),
        _ => format!("{state} {next}"),
    }
}

#[cfg(test)]
mod tests;
