//! What became of the events for one hook: each delivery with its state, and why it stands there.

use crate::answer::{Outcome, page};
use crate::ask::Ask;
use crate::limits::DELIVERIES_PER_PAGE;
use crate::page::hook::{SPANS, span_start};
use crate::place::Place;
use crate::shell::Shell;
use crate::view::{Pager, When, hook_title};
use crate::words::{kept_for, number, sentence};
use askama::Template;
use wigwag_base::{HookId, PageOf, Timestamp};
use wigwag_engine::{DeliveryQuery, Explained};
use wigwag_hooks::{DeliveryState, EventType};

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    shell: Shell,
    title: String,
    hook_href: String,
    href: String,
    rows: Vec<DeliveryRow>,
    pager: Pager,
    states: Vec<(&'static str, &'static str, bool)>,
    spans: Vec<(&'static str, &'static str, bool)>,
    event_type: String,
    is_filtered: bool,
    kept: String,
}

/// A delivery with its reason.
pub(crate) struct DeliveryRow {
    pub(crate) event: String,
    pub(crate) event_type: String,
    pub(crate) accepted: When,
    pub(crate) state: &'static str,
    pub(crate) why: String,
    pub(crate) until: Option<When>,
    pub(crate) attempts: String,
}

/// How states are called where one is chosen.
const STATES: [(&str, &str); 9] = [
    ("", "all"),
    ("held", "held for the hook"),
    ("retrying", "between two tries"),
    ("pending", "about to go out, or throttled"),
    ("given_up", "given up"),
    ("skipped", "skipped"),
    ("expired", "expired"),
    ("cancelled", "cancelled"),
    ("delivered", "delivered"),
];

/// Shows them, newest event first.
pub(crate) async fn show(ask: &Ask, place: &Place, id: HookId) -> Outcome {
    let view = ask.engine.hook(&ask.principal, place.scope, id).await?;
    let (hook_href, title) = (place.hook_href(id), hook_title(&view.hook));
    let href = format!("{hook_href}/deliveries");
    let asked = |name: &str| ask.query.filled(name).unwrap_or_default();
    let state = STATES.iter().map(|(word, _)| *word).find(|word| *word == asked("state")).unwrap_or_default();
    let since = span_start(asked("since"), ask.now);
    let event_type =
        Some(asked("event_type")).filter(|text| EventType::new(text).is_some()).unwrap_or_default();
    let query = DeliveryQuery {
        state: Some(state.to_owned()).filter(|state| !state.is_empty()),
        event_type: Some(event_type.to_owned()).filter(|text| !text.is_empty()),
        since,
        ..DeliveryQuery::default()
    };
    let number = ask.query.page(DELIVERIES_PER_PAGE);
    let found = ask.engine.hook_deliveries(&ask.principal, place.scope, id, query, number).await?;
    let told = ask.engine.explained(&ask.principal, found.rows).await?;
    let listing = PageOf { rows: told, page: found.page, total: found.total };
    let chosen_span = if since.is_some() { asked("since") } else { "" };
    let fields = [("state", state), ("event_type", event_type), ("since", chosen_span)];
    let crumbs = place.crumbs_to(&[(&title, Some(hook_href.clone())), ("Deliveries", Some(href.clone()))]);
    let template = DeliveriesPage {
        shell: Shell::of(ask, place.nav()).at(&crumbs),
        title,
        pager: Pager::new(&listing, "Pages of the deliveries", &href, &fields, ""),
        rows: listing.rows.iter().map(|told| delivery_row(told, ask.now)).collect(),
        states: STATES.iter().map(|(word, words)| (*word, *words, *word == state)).collect(),
        spans: SPANS.iter().map(|(word, words, _)| (*word, *words, *word == chosen_span)).collect(),
        event_type: event_type.to_owned(),
        is_filtered: fields.iter().any(|(_, value)| !value.is_empty()),
        kept: kept_for(ask.engine.settings().retention),
        hook_href,
        href,
    };
    Ok(page(&template))
}

/// One delivery as pages show it.
pub(crate) fn delivery_row(told: &Explained, now: Timestamp) -> DeliveryRow {
    let Explained { delivery, why } = told;
    let is_throttled = why.as_ref().is_some_and(|why| why.reason.starts_with("throttled"));
    DeliveryRow {
        event: delivery.event.to_string(),
        event_type: delivery.event_type.to_string(),
        accepted: When::new(delivery.accepted_at, now),
        state: match delivery.state {
            DeliveryState::Pending if is_throttled => "throttled",
            DeliveryState::Pending => "about to go out",
            DeliveryState::Held => "held",
            DeliveryState::Retrying { .. } => "between two tries",
            DeliveryState::GivenUp => "given up",
            other => other.name(),
        },
        why: why.as_ref().map_or_else(|| "It arrived.".to_owned(), |why| sentence(&why.text)),
        until: why.as_ref().and_then(|why| why.until).filter(|at| *at > now).map(|at| When::new(at, now)),
        attempts: number(u64::from(delivery.attempts)),
    }
}
