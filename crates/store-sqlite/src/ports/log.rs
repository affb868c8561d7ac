//! Reads of the past.

use super::listing::{Listing, Value};
use crate::codec::attempt::{SUCCESS, attempt, kind_code, past_attempt};
use crate::codec::{count, delivery, health, time};
use crate::error::Outcome;
use crate::limits::FIGURES_SLICE;
use crate::store::SqliteStore;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;
use wigwag_base::{AttemptId, HookId, Page, PageOf, Timestamp, TransitionId};
use wigwag_hooks::health::Transition;
use wigwag_hooks::{Attempt, AttemptKind, Delivery, PastAttempt, SentBody};
use wigwag_ports::StoreError;
use wigwag_ports::log::{AttemptFilter, DeliveryFilter, DeliveryLog, Figures, StatusClass};

#[async_trait]
impl DeliveryLog for SqliteStore {
    async fn attempts(&self, filter: AttemptFilter, page: Page) -> Result<PageOf<Attempt>, StoreError> {
        self.read(move |connection| attempts(&filter).page(connection, page, |row| Ok(attempt(row)?))).await
    }

    async fn past_attempts(
        &self,
        hook: HookId,
        since: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<PastAttempt>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(PAST)?;
            let since = since.map_or(i64::MIN, Timestamp::as_millis);
            let rows = statement.query_map(params![hook.0, since, limit], past_attempt)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        self.read(move |connection| one_attempt(connection, id)).await
    }

    async fn deliveries(&self, filter: DeliveryFilter, page: Page) -> Result<PageOf<Delivery>, StoreError> {
        self.read(move |connection| match deliveries(&filter) {
            Some(listing) => listing.page(connection, page, |row| Ok(delivery::delivery(row)?)),
            None => Ok(PageOf { rows: Vec::new(), page, total: 0 }),
        })
        .await
    }

    async fn timeline(
        &self,
        hook: HookId,
        limit: u32,
    ) -> Result<Vec<(TransitionId, Transition)>, StoreError> {
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT id, kind, was, becomes, at, failures, error, got_worse FROM transitions \
                 WHERE hook_id = ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![hook.0, limit], |row| {
                Ok((TransitionId(row.get("id")?), health::transition(row)?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn waiting_count(&self, hook: HookId) -> Result<u64, StoreError> {
        self.read(move |connection| {
            let mut statement =
                connection.prepare_cached("SELECT count(*) AS count FROM waiting WHERE hook_id = ?1")?;
            Ok(statement.query_row([hook.0], |row| count(row, "count"))?)
        })
        .await
    }

    async fn figures(&self, since: Timestamp, slice: Duration) -> Result<Vec<Figures>, StoreError> {
        self.read(move |connection| figures(connection, since, slice)).await
    }
}

/// None of its columns lies behind a large one, so no page of a body is read.
pub(super) const PAST: &str = "SELECT id, event_id, kind, class, status, started_at, duration_us, error, retry_after_ms \
    FROM attempts WHERE hook_id = ?1 AND started_at >= ?2 ORDER BY id DESC LIMIT ?3";

fn attempts(filter: &AttemptFilter) -> Listing {
    let AttemptFilter { hook, event, status, event_type, since, until } = filter;
    // The bodies of requests stay out: a page of them could be large.
    let mut listing = Listing::new(
        "SELECT id, event_id, hook_id, project_id, kind, class, status, started_at, duration_us, event_type, url, error, \
         retry_after_ms, request_headers, NULL AS request_body, response_headers, response_body FROM attempts WHERE true",
        "id DESC",
    );
    if let Some(hook) = hook {
        listing.narrow("hook_id = ?", [hook.0.into()]);
    }
    if let Some(event) = event {
        // By way of its project, because the index begins with it.
        let of_event = "project_id = (SELECT project_id FROM events WHERE id = ?) AND event_id = ?";
        listing.narrow(of_event, [event.0.into(), event.0.into()]);
    }
    match status {
        None => {}
        Some(StatusClass::Successful) => listing.narrow("class = ?", [SUCCESS.into()]),
        Some(StatusClass::ClientFailure) => listing.narrow("status BETWEEN 400 AND 499", []),
        Some(StatusClass::ServerFailure) => {
            listing.narrow("(status IS NULL OR status BETWEEN 500 AND 599)", [])
        }
        Some(StatusClass::Code(code)) => listing.narrow("status = ?", [i64::from(*code).into()]),
    }
    if let Some(event_type) = event_type {
        listing.narrow("event_type = ?", [event_type.clone().into()]);
    }
    if let Some(since) = since {
        listing.narrow("started_at >= ?", [since.as_millis().into()]);
    }
    if let Some(until) = until {
        listing.narrow("started_at < ?", [until.as_millis().into()]);
    }
    listing
}

fn one_attempt(connection: &Connection, id: AttemptId) -> Outcome<Option<Attempt>> {
    let mut statement = connection.prepare_cached("SELECT * FROM attempts WHERE id = ?1")?;
    let Some(mut found) = statement.query_row([id.0], attempt).optional()? else {
        return Ok(None);
    };
    if let (SentBody::Payload, Some(event)) = (&found.request_body, found.event)
        && let Some(event) = super::deliveries::event(connection, event)?
    {
        found.request_body = SentBody::Own(event.payload);
    }
    Ok(Some(found))
}

/// Rows of `waiting`, of `ended`, and attempts that succeeded where there is no row; `None` for a state that is never
/// stored. The bodies stay out: a page of them could be large.
fn deliveries(filter: &DeliveryFilter) -> Option<Listing> {
    let states = match filter.state {
        Some(word) => Some(delivery::range(word)?),
        None => None,
    };
    let within = |low, high| states.is_none_or(|(from, to)| from <= high && low <= to);
    let mut union = Listing::union("event_id DESC, hook_id DESC");
    for table in ["waiting", "ended"] {
        let (due, low, high) = match table {
            "waiting" => ("r.due", delivery::PENDING, delivery::RETRYING),
            _ => ("0", delivery::GIVEN_UP, delivery::ENDED_LAST),
        };
        if within(low, high) {
            let mut part = Listing::part(&format!(
                "SELECT r.event_id, r.hook_id, r.project_id, r.state, {due} AS due, r.attempts, e.type, e.chain, \
                 e.accepted_at FROM {table} r CROSS JOIN events e ON e.id = r.event_id WHERE true"
            ));
            if let Some((low, high)) = states {
                part.narrow("r.state BETWEEN ? AND ?", [low.into(), high.into()]);
            }
            narrow(&mut part, filter);
            union.add(part);
        }
    }
    if within(delivery::DELIVERED, delivery::DELIVERED) {
        let mut part = Listing::part(&delivered_sql());
        narrow(&mut part, filter);
        union.add(part);
    }
    Some(union)
}

/// A delivery that needed several attempts counts once: by its last success.
fn delivered_sql() -> String {
    let (delivered, test) = (delivery::DELIVERED, kind_code(AttemptKind::Test));
    let same = "o.hook_id = r.hook_id AND o.event_id = r.event_id";
    format!(
        "SELECT r.event_id, r.hook_id, r.project_id, {delivered} AS state, 0 AS due, \
         (SELECT count(*) FROM attempts o WHERE o.project_id = r.project_id AND {same}) AS attempts, \
         e.type, e.chain, e.accepted_at \
         FROM attempts r CROSS JOIN events e ON e.id = r.event_id \
         WHERE r.event_id IS NOT NULL AND r.class = {SUCCESS} AND r.kind <> {test} \
         AND NOT EXISTS (SELECT 1 FROM waiting o WHERE {same}) AND NOT EXISTS (SELECT 1 FROM ended o WHERE {same}) \
         AND NOT EXISTS (SELECT 1 FROM attempts o WHERE o.project_id = r.project_id AND {same} \
         AND o.class = {SUCCESS} AND o.kind <> {test} AND o.id > r.id)"
    )
}

fn narrow(part: &mut Listing, filter: &DeliveryFilter) {
    let DeliveryFilter { project, state: _, hook, event, event_type, since, until } = filter;
    if let Some(project) = project {
        part.narrow("r.project_id = ?", [Value::from(project.0)]);
    }
    if let Some(event) = event {
        part.narrow("r.event_id = ?", [event.0.into()]);
        if project.is_none() {
            // By way of its project, because the index of attempts begins with it.
            part.narrow("r.project_id = (SELECT project_id FROM events WHERE id = ?)", [event.0.into()]);
        }
    }
    if let Some(hook) = hook {
        part.narrow("r.hook_id = ?", [hook.0.into()]);
    }
    if let Some(event_type) = event_type {
        part.narrow("e.type = ?", [event_type.clone().into()]);
    }
    if let Some(since) = since {
        part.narrow("e.accepted_at >= ?", [since.as_millis().into()]);
    }
    if let Some(until) = until {
        part.narrow("e.accepted_at < ?", [until.as_millis().into()]);
    }
}

/// Counted in slices of [`FIGURES_SLICE`] as attempts are written, so that no log is read for a chart; `since` and
/// `slice` are exact to one of these.
fn figures(connection: &Connection, since: Timestamp, slice: Duration) -> Outcome<Vec<Figures>> {
    let unit = FIGURES_SLICE.as_millis() as i64;
    let from = since.as_millis().div_euclid(unit) * unit;
    let slice = i64::try_from(slice.as_millis()).unwrap_or(i64::MAX).max(1);
    let mut statement = connection.prepare_cached(
        "SELECT ?1 + (at - ?1) / ?2 * ?2 AS slice, sum(succeeded) AS succeeded, sum(failed) AS failed FROM figures \
         WHERE at >= ?1 GROUP BY slice ORDER BY slice",
    )?;
    let rows = statement.query_map([from, slice], |row| {
        Ok(Figures {
            from: time(row, "slice")?,
            succeeded: count(row, "succeeded")?,
            failed: count(row, "failed")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
