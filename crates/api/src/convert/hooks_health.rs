use super::hooks::alert_word;
use wigwag_engine::Engine;
use wigwag_engine::hooks_health::{PlacedView, ToldWhom};
use wigwag_hooks::{HookScope, masked_url};
use wigwag_wire::{Time, hooks};

/// A hook's health with where it hangs.
pub(crate) fn hook_health(engine: &Engine, row: &PlacedView) -> hooks::HookHealth {
    let hook = &row.view.hook;
    let (kind, id) = match hook.scope {
        HookScope::Project(id) => ("project", Some(id.0)),
        HookScope::Group(id) => ("group", Some(id.0)),
        HookScope::System => ("system", None),
    };
    let last_failure = hook.health.last_failure.as_ref();
    hooks::HookHealth {
        id: hook.id.0,
        name: hook.title().to_owned(),
        url: masked_url(hook.url.expose()).into_owned(),
        scope: hooks::HookPlace { kind, id, path: row.place.clone() },
        page_url: engine.page_url_of(hook),
        health: hook.health.state.name(),
        alert_status: alert_word(row.view.alert_status),
        enabled: hook.enabled.is_on(),
        since: Time(hook.health.since),
        recent_failures: hook.health.failures,
        last_failure_at: last_failure.map(|failure| Time(failure.at)),
        last_error: last_failure.map(|failure| failure.text.clone()),
        next_try_at: row.view.disabled_until.map(Time),
        waiting: row.view.waiting,
        told: row.told.iter().map(told).collect(),
    }
}

fn told(whom: &ToldWhom) -> hooks::HookTold {
    hooks::HookTold {
        user: whom.username.clone(),
        channel: whom.channel.name(),
        at: Time(whom.at),
        state: whom.state.name(),
    }
}
