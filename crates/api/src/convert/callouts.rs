use wigwag_callouts::{Callout, CalloutHook, Scope};
use wigwag_engine::callouts::CalloutOutcomes;
use wigwag_wire::{Time, callouts};

/// The banners that show.
pub(crate) fn callouts(shown: &[Callout]) -> callouts::Callouts {
    callouts::Callouts { callouts: shown.iter().map(callout).collect() }
}

fn callout(shown: &Callout) -> callouts::Callout {
    let (kind, id) = match shown.scope {
        Scope::Project(id) => ("project", id.0),
        Scope::Group(id) => ("group", id.0),
    };
    callouts::Callout {
        feature_name: shown.feature.name(),
        scope: callouts::CalloutScope { kind, id },
        variant: shown.tone.name(),
        title: shown.title.clone(),
        text: shown.text.clone(),
        url: shown.url.clone(),
        dismissible: shown.dismissible,
        hooks: shown.hooks.iter().map(hook).collect(),
    }
}

/// What banners did and led to.
pub(crate) fn callout_outcomes(found: &CalloutOutcomes) -> callouts::CalloutOutcomes {
    let figures = &found.figures;
    callouts::CalloutOutcomes {
        since: Time(found.since),
        until: Time(found.until),
        shown: figures.shown,
        followed: figures.followed,
        dismissed: figures.dismissed,
        hooks: callouts::CalloutHookOutcomes {
            mended: figures.mended,
            deleted: figures.deleted,
            switched_off: figures.switched_off,
            ignored: figures.ignored,
            failing: figures.open,
        },
        time_to_mend_s: callouts::MendTimes {
            median: figures.mend_median.map(|time| time.as_secs()),
            p90: figures.mend_p90.map(|time| time.as_secs()),
        },
    }
}

fn hook(hook: &CalloutHook) -> callouts::CalloutHook {
    callouts::CalloutHook {
        id: hook.id.0,
        name: hook.name.to_string(),
        health: hook.health,
        alert_status: hook.alert_status,
        last_error: hook.last_error.to_string(),
        since: Time(hook.since),
        next_try_at: hook.next_try_at.map(Time),
        waiting: hook.waiting,
    }
}
