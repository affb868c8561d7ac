//! Sending many of a hook's deliveries again: what is meant, how many that is, and then a button that does it.

use crate::answer::{Outcome, page_with};
use crate::ask::{Ask, done};
use crate::page::hook::{SPANS, span_start};
use crate::place::Place;
use crate::shell::{Notice, Shell, Tone};
use crate::view::hook_title;
use crate::words::{count, sentence};
use askama::Template;
use axum::http::StatusCode;
use wigwag_base::{HookId, Timestamp};
use wigwag_engine::{EngineError, ReplayMode, ReplayQuery};

#[derive(Template)]
#[template(path = "replay.html")]
struct ReplayPage {
    shell: Shell,
    title: String,
    hook_href: String,
    href: String,
    /// What would go out again: `12 deliveries`.
    counted: String,
    is_none: bool,
    more: bool,
    states: Vec<(&'static str, &'static str, bool)>,
    spans: Vec<(&'static str, &'static str, bool)>,
    event_type: String,
    /// What the button sends: the same that was counted, whatever the time is by then.
    fields: Vec<(&'static str, String)>,
    /// What keeps it from going out at once.
    holds: Option<&'static str>,
}

/// What may be sent again.
const STATES: [(&str, &str); 6] = [
    ("", "everything that did not arrive"),
    ("given_up", "given up"),
    ("skipped", "skipped"),
    ("expired", "expired"),
    ("delivered", "delivered, once more"),
    ("recursion", "skipped as what its own requests led to"),
];

/// Counts what the query means, and asks.
pub(crate) async fn ask_replay(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    render(ask, place, id, None, StatusCode::OK).await
}

async fn render(ask: &Ask, place: &Place, id: HookId, notice: Option<Notice>, status: StatusCode) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let (hook_href, title) = (place.hook_href(id), hook_title(&view.hook));
    let asked = |name: &str| ask.query.filled(name).unwrap_or_default();
    let state = STATES.iter().map(|(word, _)| *word).find(|word| *word == asked("state")).unwrap_or_default();
    let since = span_start(asked("since"), ask.now);
    let chosen_span = if since.is_some() { asked("since") } else { "" };
    let event_type = asked("event_type");
    let mut fields = vec![("state", state.to_owned()), ("event_type", event_type.to_owned())];
    fields.extend(since.map(|since| ("since_ms", since.as_millis().to_string())));
    // What ends after it was counted was not meant.
    fields.push(("until_ms", (ask.now.as_millis() + 1).to_string()));
    fields.retain(|(_, value)| !value.is_empty());
    let until = Some(Timestamp::from_millis(ask.now.as_millis() + 1));
    let query = query(state, event_type, since, until);
    let (engine, principal) = (&ask.engine, &ask.principal);
    let (counted, notice) =
        match engine.replay_hook(principal, place.scope, id, query, ReplayMode::Count).await {
            Ok(counted) => (counted, notice),
            Err(EngineError::Invalid { field: "event_type", rule }) => {
                let text = sentence(&format!("the event type {rule}"));
                (wigwag_engine::Replayed::default(), Some(Notice { tone: Tone::Bad, text }))
            }
            Err(other) => return Err(other),
        };
    let href = format!("{hook_href}/replay");
    let crumbs = place.crumbs_to(&[(&title, Some(hook_href.clone())), ("Send again", Some(href.clone()))]);
    let template = ReplayPage {
        shell: Shell::of(ask, place.nav()).at(&crumbs).telling(notice),
        title,
        counted: count(counted.count, "delivery", "deliveries"),
        is_none: counted.count == 0,
        more: counted.more,
        states: STATES.iter().map(|(word, words)| (*word, *words, *word == state)).collect(),
        spans: SPANS.iter().map(|(word, words, _)| (*word, *words, *word == chosen_span)).collect(),
        event_type: event_type.to_owned(),
        fields,
        holds: if !view.hook.enabled.is_on() {
            Some("The hook is switched off: they wait until it is on again.")
        } else if view.hook.health.state.is_failing() {
            Some("The hook fails at present: they wait until its receiver takes something again.")
        } else {
            None
        },
        hook_href,
        href,
    };
    Ok(page_with(status, &template))
}

/// Does it, and tells how many on the hook's page.
pub(crate) async fn replay(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let time = |name: &str| ask.form.filled(name).and_then(|ms| ms.parse().ok()).map(Timestamp::from_millis);
    let asked = |name: &str| ask.form.filled(name).unwrap_or_default();
    let query = query(asked("state"), asked("event_type"), time("since_ms"), time("until_ms"));
    match ask.engine.replay_hook(&ask.principal, place.scope, id, query, ReplayMode::Replay).await {
        Ok(replayed) => done(&format!("{}?done=replayed&count={}", place.hook_href(id), replayed.count)),
        Err(error @ EngineError::Invalid { .. }) => {
            let notice = Notice { tone: Tone::Bad, text: sentence(&error.to_string()) };
            render(ask, place, id, Some(notice), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(other) => Err(other),
    }
}

fn query(state: &str, event_type: &str, since: Option<Timestamp>, until: Option<Timestamp>) -> ReplayQuery {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    ReplayQuery {
        states: given(state).into_iter().collect(),
        hook: None,
        event_type: given(event_type),
        since,
        until,
    }
}
