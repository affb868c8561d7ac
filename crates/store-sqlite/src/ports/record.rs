//! Writing results: one attempt, one row, one health change, one mark at a time, all in the group's transaction.

use crate::codec::attempt::{SUCCESS, body_blob, class_code, headers_blob, kind_code, sent_blob};
use crate::codec::delivery::{CANCELLED, Stored, place};
use crate::codec::hook::scope;
use crate::codec::registry::source_columns;
use crate::codec::{health, int};
use crate::error::{Fault, Outcome};
use crate::writer::{Group, Job, Lane, Weight};
use bytes::Bytes;
use rusqlite::{OptionalExtension, params, params_from_iter};
use tokio::sync::oneshot;
use wigwag_access::Source;
use wigwag_base::{AttemptId, EventId, HookId, NodeEpoch};
use wigwag_hooks::health::Transition;
use wigwag_hooks::{Attempt, Delivery, HookScope, Outcome as Sent};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{DeliveryChange, HealthChange, Record, Recorded, Waited};

/// Bytes of a record beside what it carries, roughly.
const ROW_BYTES: usize = 256;

type Answer = Result<Vec<Recorded>, StoreError>;

/// One call of `record`.
pub(crate) struct RecordJob {
    epoch: NodeEpoch,
    records: Vec<Record>,
    /// So many are written even where new events wait.
    at_least: usize,
    answer: Answer,
    reply: oneshot::Sender<Answer>,
}

impl RecordJob {
    pub(crate) fn new(
        epoch: NodeEpoch,
        records: Vec<Record>,
        at_least: usize,
    ) -> (Self, oneshot::Receiver<Answer>) {
        let (reply, receiver) = oneshot::channel();
        (Self { epoch, records, at_least: at_least.max(1), answer: Ok(Vec::new()), reply }, receiver)
    }

    fn write(&self, group: &mut Group<'_>) -> Outcome<Vec<Recorded>> {
        let mut written = Vec::with_capacity(self.records.len());
        for record in &self.records {
            if written.len() >= self.at_least && group.new_events_wait() {
                break;
            }
            written.push(write(group, record)?);
        }
        Ok(written)
    }
}

impl Job for RecordJob {
    fn lane(&self) -> Lane {
        Lane::Outcomes
    }

    fn weight(&self) -> Weight {
        let taken = match &self.answer {
            Ok(written) if !written.is_empty() => &self.records[..written.len()],
            _ => &self.records,
        };
        Weight { items: taken.len(), bytes: taken.iter().map(bytes).sum() }
    }

    fn run(&mut self, group: &mut Group<'_>) -> Result<(), StoreError> {
        self.answer = if self.epoch == group.epoch { Ok(self.write(group)?) } else { Err(StoreError::Stale) };
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        // A caller that went away needs no answer.
        let _ = self.reply.send(committed.and(self.answer));
    }
}

fn bytes(record: &Record) -> usize {
    let sent = record.attempt.as_ref().map_or(0, |attempt| {
        let answered = attempt.outcome.response().map_or(0, |response| response.body.len());
        attempt.request_body.bytes().map_or(0, Bytes::len) + answered
    });
    let body = match &record.delivery {
        Some(DeliveryChange::Put(delivery)) => delivery.body.len(),
        _ => 0,
    };
    ROW_BYTES + sent + body
}

fn write(group: &mut Group<'_>, record: &Record) -> Outcome<Recorded> {
    #[cfg(feature = "planted-faults")]
    let record = &crate::faults::claim_delivered(record);
    let attempt = record.attempt.as_ref().map(|attempt| insert_attempt(group, attempt)).transpose()?;
    let waited = match &record.delivery {
        Some(DeliveryChange::Put(delivery)) => {
            put(group, delivery)?;
            Waited::No
        }
        Some(DeliveryChange::Delivered { hook, event }) => delivered(group, *hook, *event)?,
        None => Waited::No,
    };
    group.settled.extend(record.settled.map(|event| event.0));
    match &record.health {
        None => Ok(Recorded::Written { attempt, worse_count: None, waited }),
        Some(change) => Ok(match change_health(group, change, attempt)? {
            Moved::Stale => Recorded::HealthStale { attempt, waited },
            Moved::Done { worse_count } => Recorded::Written { attempt, worse_count, waited },
        }),
    }
}

/// A body that is the event's payload is not kept twice.
fn insert_attempt(group: &mut Group<'_>, attempt: &Attempt) -> Outcome<AttemptId> {
    let (class, error, retry_after) = match &attempt.outcome {
        Sent::Success(_) => (SUCCESS, None, None),
        Sent::Failure(failure) => (class_code(failure.class), Some(&failure.text), failure.retry_after),
    };
    let response = attempt.outcome.response();
    let started_at = attempt.started_at.as_millis();
    let id = group
        .sql(
            "INSERT INTO attempts (event_id, hook_id, project_id, kind, class, status, started_at, duration_us, \
             event_type, url, error, retry_after_ms, request_headers, request_body, response_headers, response_body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
             CASE WHEN length(?14) > 0 THEN nullif(?14, (SELECT payload FROM events WHERE id = ?1)) ELSE ?14 END, \
             ?15, ?16)",
        )?
        .insert(params![
            attempt.event.map(|id| id.0),
            attempt.hook.0,
            attempt.project.map(|id| id.0),
            kind_code(attempt.kind),
            class,
            response.map(|response| response.status),
            started_at,
            int(attempt.duration.as_micros().try_into().unwrap_or(u64::MAX)),
            attempt.event_type.as_str(),
            attempt.url,
            error,
            retry_after.map(|after| int(after.as_millis().try_into().unwrap_or(u64::MAX))),
            headers_blob(&attempt.request_headers),
            sent_blob(&attempt.request_body),
            response.and_then(|response| headers_blob(&response.headers)),
            response.and_then(|response| body_blob(&response.body)),
        ])?;
    group.saw(started_at);
    group.count_attempt(started_at, class == SUCCESS);
    Ok(AttemptId(id))
}

/// Removes the row of a delivery. It lies in one of the two tables, if anywhere.
fn delivered(group: &Group<'_>, hook: HookId, event: EventId) -> Outcome<Waited> {
    let waited =
        group.sql("DELETE FROM waiting WHERE hook_id = ?1 AND event_id = ?2")?.execute([hook.0, event.0])?;
    if waited == 0 {
        group.sql("DELETE FROM ended WHERE hook_id = ?1 AND event_id = ?2")?.execute([hook.0, event.0])?;
    }
    Ok(if waited > 0 { Waited::Yes } else { Waited::No })
}

fn put(group: &Group<'_>, delivery: &Delivery) -> Outcome<()> {
    match place(delivery.state) {
        Stored::None => delivered(group, delivery.hook, delivery.event).map(drop),
        Stored::Ended(state) => put_ended(group, delivery, state),
        Stored::Waiting(state, due) => {
            if put_waiting(group, delivery, state, due)? {
                return Ok(());
            }
            put_ended(group, delivery, state)
        }
    }
}

/// Whether the hook is there still. A body that is the event's payload is not kept twice.
fn put_waiting(group: &Group<'_>, delivery: &Delivery, state: i64, due: i64) -> Outcome<bool> {
    let (hook, event) = (delivery.hook.0, delivery.event.0);
    let written = group
        .sql(
            "INSERT INTO waiting (hook_id, event_id, project_id, state, due, attempts, body) \
             SELECT ?1, id, project_id, ?3, ?4, ?5, nullif(?6, payload) FROM events \
             WHERE id = ?2 AND EXISTS (SELECT 1 FROM hooks WHERE id = ?1) \
             ON CONFLICT DO UPDATE SET state = excluded.state, due = excluded.due, attempts = excluded.attempts, \
             body = excluded.body",
        )?
        .execute(params![hook, event, state, due, delivery.attempts, &delivery.body[..]])?;
    if written > 0 {
        group.sql("DELETE FROM ended WHERE hook_id = ?1 AND event_id = ?2")?.execute([hook, event])?;
    }
    Ok(written > 0)
}

/// Of a hook that was deleted meanwhile a delivery is cancelled, whatever it was to be.
fn put_ended(group: &Group<'_>, delivery: &Delivery, state: i64) -> Outcome<()> {
    let (hook, event) = (delivery.hook.0, delivery.event.0);
    let written = group
        .sql(
            "INSERT INTO ended (hook_id, event_id, project_id, state, attempts, ended_at, body) \
             SELECT ?1, id, project_id, iif(EXISTS (SELECT 1 FROM hooks WHERE id = ?1), ?3, ?7), ?4, ?5, \
             nullif(?6, payload) FROM events WHERE id = ?2 \
             ON CONFLICT DO UPDATE SET state = excluded.state, attempts = excluded.attempts, \
             ended_at = excluded.ended_at, body = excluded.body",
        )?
        .execute(params![
            hook,
            event,
            state,
            delivery.attempts,
            group.now_ms,
            &delivery.body[..],
            CANCELLED
        ])?;
    if written == 0 {
        return Err(StoreError::NotFound("event").into());
    }
    group.sql("DELETE FROM waiting WHERE hook_id = ?1 AND event_id = ?2")?.execute([hook, event])?;
    Ok(())
}

/// What became of a health change.
pub(super) enum Moved {
    /// It was computed from another version, or the hook is gone.
    Stale,
    Done {
        worse_count: Option<u64>,
    },
}

/// Moves a hook's health by compare-and-set, with its transition, the request that brought it, and the counters that it
/// raises.
pub(super) fn change_health(
    group: &Group<'_>,
    change: &HealthChange,
    cause: Option<AttemptId>,
) -> Outcome<Moved> {
    let columns = health::columns(&change.record);
    let key = [change.hook.0.into(), change.seen_version.into()];
    let moved = group
        .sql(
            "UPDATE hook_health SET state = ?1, until = ?2, reason = ?3, failures = ?4, since = ?5, failed_at = ?6, \
             failure = ?7, version = ?8 WHERE hook_id = ?9 AND version = ?10",
        )?
        .execute(params_from_iter(columns.into_iter().chain(key)))?;
    if moved == 0 {
        return Ok(Moved::Stale);
    }
    let Some(transition) = &change.transition else {
        return Ok(Moved::Done { worse_count: None });
    };
    insert_transition(group, change.hook, transition, cause)?;
    let worse_count = if transition.got_worse { raise_worse_count(group, change.hook)? } else { None };
    Ok(Moved::Done { worse_count })
}

fn insert_transition(
    group: &Group<'_>,
    hook: HookId,
    transition: &Transition,
    cause: Option<AttemptId>,
) -> Outcome<()> {
    let Transition { kind, from, to, at, failures, error, got_worse } = transition;
    group
        .sql(
            "INSERT INTO transitions (hook_id, kind, was, becomes, at, failures, error, got_worse, attempt_id) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            hook.0,
            health::kind_code(*kind),
            health::word_code(from)?,
            health::word_code(to)?,
            at.as_millis(),
            failures,
            error,
            got_worse,
            cause.map(|id| id.0),
        ])?;
    Ok(())
}

/// Hooks of the system belong to no project and no group: they raise nothing.
fn raise_worse_count(group: &Group<'_>, hook: HookId) -> Outcome<Option<u64>> {
    let found = group
        .sql("SELECT scope, scope_id FROM hooks WHERE id = ?1")?
        .query_row([hook.0], |row| scope(row.get(0)?, row.get(1)?))
        .optional()?;
    let source = match found {
        Some(HookScope::Project(id)) => Source::Project(id),
        Some(HookScope::Group(id)) => Source::Group(id),
        Some(HookScope::System) | None => return Ok(None),
    };
    let (kind, id) = source_columns(source);
    let count: i64 = group
        .sql(
            "INSERT INTO worse_counts (source_kind, source_id, count) VALUES (?1, ?2, 1) \
             ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
        )?
        .query_row([kind, id], |row| row.get(0))
        .map_err(Fault::Sql)?;
    Ok(Some(count.unsigned_abs()))
}
