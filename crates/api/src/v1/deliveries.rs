//! Which deliveries are meant, and what the routes of all kinds of hooks do with theirs.

use crate::convert;
use crate::errors::Problem;
use crate::listing::listing;
use axum::http::Uri;
use axum::response::Response;
use wigwag_access::Principal;
use wigwag_base::{EventId, HookId, Page, PageOf, Timestamp};
use wigwag_engine::{DeliveryQuery as Filter, Engine, ReplayMode, ReplayQuery};
use wigwag_hooks::HookScope;
use wigwag_wire::deliveries::{DeliveryQuery, ReplayInput, Replayed};

/// One hook's, of whichever projects.
pub(super) async fn list(
    engine: &Engine,
    caller: &Principal,
    (scope, hook): (HookScope, i64),
    query: DeliveryQuery,
    page: Page,
    uri: &Uri,
) -> Result<Response, Problem> {
    same_hook(query.hook_id, hook)?;
    let found = engine.hook_deliveries(caller, scope, HookId(hook), filter(query)?, page).await?;
    let PageOf { rows, page, total } = found;
    let found = PageOf { rows: engine.explained(caller, rows).await?, page, total };
    Ok(listing(engine.settings(), uri, found, convert::delivery))
}

/// Those of one hook wait once more, or are counted.
pub(super) async fn replay(
    engine: &Engine,
    caller: &Principal,
    (scope, hook): (HookScope, i64),
    input: ReplayInput,
) -> Result<Replayed, Problem> {
    same_hook(input.filter.hook_id, hook)?;
    let (query, mode) = replay_query(input)?;
    Ok(replayed(engine.replay_hook(caller, scope, HookId(hook), query, mode).await?))
}

pub(super) fn filter(query: DeliveryQuery) -> Result<Filter, Problem> {
    Ok(Filter {
        state: given(query.state),
        hook: query.hook_id.map(HookId),
        event: query.event_id.map(EventId),
        event_type: given(query.event_type),
        since: time("since", query.since)?,
        until: time("until", query.until)?,
    })
}

pub(super) fn replay_query(input: ReplayInput) -> Result<(ReplayQuery, ReplayMode), Problem> {
    let mode = if input.dry_run == Some(true) { ReplayMode::Count } else { ReplayMode::Replay };
    let query = ReplayQuery {
        states: input.filter.state.unwrap_or_default(),
        hook: input.filter.hook_id.map(HookId),
        event_type: given(input.filter.event_type),
        since: time("since", input.filter.since)?,
        until: time("until", input.filter.until)?,
    };
    Ok((query, mode))
}

pub(super) const fn replayed(replayed: wigwag_engine::Replayed) -> Replayed {
    Replayed { count: replayed.count, more: replayed.more }
}

/// What is sent again is told by the body: `?dry_run=true` there would not be read, and send.
pub(super) fn no_query(uri: &Uri) -> Result<(), Problem> {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    match pairs.into_iter().find(|(name, _)| name != "sudo" && name != "private_token") {
        Some(_) => Err(Problem::invalid("query", "must be empty; filter and dry_run go into the body")),
        None => Ok(()),
    }
}

/// The address names the hook already.
fn same_hook(asked: Option<i64>, hook: i64) -> Result<(), Problem> {
    match asked {
        Some(asked) if asked != hook => {
            Err(Problem::invalid("hook_id", "names another hook than the address"))
        }
        _ => Ok(()),
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn time(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let wrong = || Problem::invalid(field, "is no time; write 2026-01-31 or 2026-01-31T12:00:00Z");
    given(text).map(|text| convert::day_or_time(&text).ok_or_else(wrong)).transpose()
}
