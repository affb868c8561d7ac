use wigwag_callouts::{Callout, CalloutHook, Scope};
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
