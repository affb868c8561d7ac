use crate::shell::Tone;
use askama::Template;
use askama::filters::HtmlSafe;
use wigwag_flags::State;
use wigwag_hooks::health::Health;
use wigwag_hooks::{Attempt, FailureClass, Hook, Outcome};
use wigwag_ports::deployments::DeploymentStatus;

/// A state as icon and word.
#[derive(Template, Clone, Copy, PartialEq, Eq, Debug)]
#[template(path = "parts/badge.html")]
pub(crate) struct Badge {
    pub(crate) icon: Icon,
    pub(crate) tone: Tone,
    pub(crate) word: &'static str,
}

impl HtmlSafe for Badge {}

/// What the icon shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Icon {
    /// A tick.
    Tick,
    /// A triangle.
    Triangle,
    /// Two bars.
    Bars,
    /// Half a disc.
    Half,
    /// A cross.
    Cross,
    /// A stroke.
    Stroke,
}

/// How a hook does; switched off goes before everything else.
pub(crate) const fn health_badge(hook: &Hook) -> Badge {
    if !hook.enabled.is_on() {
        return Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "switched off" };
    }
    match hook.health.state {
        Health::Healthy => Badge { icon: Icon::Tick, tone: Tone::Good, word: "healthy" },
        Health::Unhealthy { .. } => Badge { icon: Icon::Triangle, tone: Tone::Warning, word: "unhealthy" },
        Health::Paused { .. } => Badge { icon: Icon::Bars, tone: Tone::Warning, word: "paused" },
        Health::HalfOpen => Badge { icon: Icon::Half, tone: Tone::Warning, word: "half open" },
        Health::Disabled => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "disabled" },
    }
}

/// How a state is called in a timeline, by its stable word.
pub(crate) fn word_badge(word: &str) -> Badge {
    match word {
        "healthy" => Badge { icon: Icon::Tick, tone: Tone::Good, word: "healthy" },
        "unhealthy" => Badge { icon: Icon::Triangle, tone: Tone::Warning, word: "unhealthy" },
        "paused" => Badge { icon: Icon::Bars, tone: Tone::Warning, word: "paused" },
        "half_open" => Badge { icon: Icon::Half, tone: Tone::Warning, word: "half open" },
        _ => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "disabled" },
    }
}

/// A flag's state; an override goes before everything else.
pub(crate) const fn flag_badge(state: State, is_overridden: bool) -> Badge {
    match state {
        _ if is_overridden => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "overridden" },
        State::On => Badge { icon: Icon::Tick, tone: Tone::Good, word: "on" },
        State::Conditional => Badge { icon: Icon::Half, tone: Tone::Part, word: "conditional" },
        State::Off => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "off" },
    }
}

/// Where a deployment stands.
pub(crate) const fn deployment_badge(status: DeploymentStatus) -> Badge {
    match status {
        DeploymentStatus::Created => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "announced" },
        DeploymentStatus::Running => Badge { icon: Icon::Half, tone: Tone::Part, word: "under way" },
        DeploymentStatus::Success => Badge { icon: Icon::Tick, tone: Tone::Good, word: "in place" },
        DeploymentStatus::Failed => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "failed" },
        DeploymentStatus::Canceled => Badge { icon: Icon::Stroke, tone: Tone::Plain, word: "canceled" },
    }
}

/// What came of an attempt.
pub(crate) const fn attempt_badge(attempt: &Attempt) -> Badge {
    outcome_badge(&attempt.outcome)
}

/// Likewise, by its outcome alone.
pub(crate) const fn outcome_badge(outcome: &Outcome) -> Badge {
    match outcome {
        Outcome::Success(_) => Badge { icon: Icon::Tick, tone: Tone::Good, word: "delivered" },
        Outcome::Failure(failure) if matches!(failure.class, FailureClass::Ours) => {
            Badge { icon: Icon::Triangle, tone: Tone::Warning, word: "our fault" }
        }
        Outcome::Failure(_) => Badge { icon: Icon::Cross, tone: Tone::Bad, word: "failed" },
    }
}
