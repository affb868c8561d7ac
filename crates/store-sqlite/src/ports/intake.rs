//! Accepting events.

use crate::error::{Fault, is_foreign_key};
use crate::limits::IDEMPOTENCY_WINDOW;
use crate::store::{SqliteStore, lost};
use crate::writer::{Group, Job, Lane, Weight};
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use std::collections::HashMap;
use tokio::sync::oneshot;
use wigwag_base::{EventId, ProjectId};
use wigwag_hooks::NewEvent;
use wigwag_ports::StoreError;
use wigwag_ports::intake::{AppendError, Appended, Intake};

/// Bytes of an event's row beside its payload, roughly.
const ROW_BYTES: usize = 64;

type Answer = Result<Vec<Appended>, AppendError>;

#[async_trait]
impl Intake for SqliteStore {
    async fn append(&self, events: Vec<NewEvent>) -> Answer {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.push(Box::new(Append { events, answer: Ok(Vec::new()), reply: Some(reply) }));
        answer.await.map_err(|_| lost())?
    }
}

struct Append {
    events: Vec<NewEvent>,
    answer: Answer,
    reply: Option<oneshot::Sender<Answer>>,
}

impl Job for Append {
    fn lane(&self) -> Lane {
        Lane::Intake
    }

    fn weight(&self) -> Weight {
        let bytes = self.events.iter().map(|event| event.payload.len() + ROW_BYTES).sum();
        Weight { items: self.events.len(), bytes }
    }

    fn run(&mut self, group: &mut Group<'_>) -> Result<(), StoreError> {
        self.answer = match append(group, &self.events) {
            Err(AppendError::Store(error)) => return Err(error),
            answer => answer,
        };
        #[cfg(feature = "planted-faults")]
        if crate::faults::planted("acknowledge-early") {
            send(&mut self.reply, self.answer.clone());
        }
        Ok(())
    }

    fn answer(mut self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = committed.map_err(AppendError::Store).and(self.answer);
        send(&mut self.reply, answer);
    }
}

fn send(reply: &mut Option<oneshot::Sender<Answer>>, answer: Answer) {
    if let Some(reply) = reply.take() {
        // A caller that went away needs no answer.
        let _ = reply.send(answer);
    }
}

/// What becomes of one event, found out before anything is written.
enum Plan {
    New,
    /// As an event of an earlier call.
    Known(EventId),
    /// As the event at this index of the same call.
    As(usize),
}

fn append(group: &mut Group<'_>, events: &[NewEvent]) -> Answer {
    let plans = plan(group, events)?;
    let mut answers: Vec<Appended> = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let answer = match plans.get(index).unwrap_or(&Plan::New) {
            Plan::New => Appended::New(insert(group, event).map_err(StoreError::from)?),
            Plan::Known(id) => Appended::Repeated(*id),
            Plan::As(earlier) => match answers[*earlier] {
                Appended::New(id) | Appended::Repeated(id) => Appended::Repeated(id),
            },
        };
        answers.push(answer);
    }
    Ok(answers)
}

/// One plan for each event; none at all where no event has a key.
fn plan(group: &Group<'_>, events: &[NewEvent]) -> Result<Vec<Plan>, AppendError> {
    if events.iter().all(|event| event.idempotency_key.is_none()) {
        return Ok(Vec::new());
    }
    let mut plans = Vec::with_capacity(events.len());
    let mut seen: HashMap<(ProjectId, &str), usize> = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        let Some(key) = event.idempotency_key.as_deref() else {
            plans.push(Plan::New);
            continue;
        };
        if let Some(earlier) = seen.get(&(event.project, key)).copied() {
            if events[earlier].digest != event.digest {
                return Err(AppendError::KeyReused { index });
            }
            plans.push(Plan::As(earlier));
            continue;
        }
        seen.insert((event.project, key), index);
        plans.push(match known(group, event, key).map_err(StoreError::from)? {
            Some((digest, _)) if digest != event.digest => return Err(AppendError::KeyReused { index }),
            Some((_, id)) => Plan::Known(id),
            None => Plan::New,
        });
    }
    Ok(plans)
}

/// The digest and event of a key that was used within the window.
fn known(group: &Group<'_>, event: &NewEvent, key: &str) -> Result<Option<([u8; 32], EventId)>, Fault> {
    let since = event.accepted_at - IDEMPOTENCY_WINDOW;
    let found = group
        .sql("SELECT digest, event_id FROM idempotency WHERE project_id = ?1 AND key = ?2 AND at > ?3")?
        .query_row(params![event.project.0, key, since.as_millis()], |row| {
            Ok((row.get(0)?, EventId(row.get(1)?)))
        })
        .optional()?;
    Ok(found)
}

fn insert(group: &mut Group<'_>, event: &NewEvent) -> Result<EventId, Fault> {
    let at = event.accepted_at.as_millis();
    let chain = event.chain.as_ref().map(|chain| &chain[..]);
    let inserted = group
        .sql(
            "INSERT INTO events (project_id, accepted_at, type, chain, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .insert(params![event.project.0, at, event.event_type.as_str(), chain, &event.payload[..]]);
    let id = inserted.map_err(|error| match is_foreign_key(&error) {
        true => StoreError::NotFound("project").into(),
        false => Fault::Sql(error),
    })?;
    if let Some(key) = &event.idempotency_key {
        group
            .sql("INSERT OR REPLACE INTO idempotency (project_id, key, digest, event_id, at) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![event.project.0, key, &event.digest[..], id, at])?;
    }
    group.saw(at);
    group.appended.push(id);
    Ok(EventId(id))
}
