//! The work: results in, what waits out.

use super::expire::{Bounds, excess, expire};
use super::record::RecordJob;
use super::replay::{Found, Range, first_upto, replay, replayable};
use super::waiting::{oldest_waiting, unsettled_of, waiting};
use crate::codec::attempt::event_type;
use crate::codec::{count, time};
use crate::error::Outcome;
use crate::store::{SqliteStore, lost};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use wigwag_base::{EventId, HookId, NodeEpoch, ProjectId, Timestamp};
use wigwag_hooks::{Delivery, Event};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{
    Backlog, ChainQuery, ChainedEvent, Deliveries, DeliveryKey, Record, Recorded, ReplayFilter, Unsettled,
    WaitingHook, WaitingQuery,
};

#[async_trait]
impl Deliveries for SqliteStore {
    async fn record_at_least(
        &self,
        epoch: NodeEpoch,
        records: Vec<Record>,
        at_least: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let (job, answer) = RecordJob::new(epoch, records, at_least);
        self.push(Box::new(job));
        answer.await.map_err(|_| lost())?
    }

    async fn waiting(&self, query: WaitingQuery) -> Result<Backlog, StoreError> {
        self.read(move |connection| waiting(connection, &query)).await
    }

    async fn oldest_waiting(&self, hook: HookId, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.read(move |connection| oldest_waiting(connection, hook, limit)).await
    }

    async fn waiting_hooks(&self) -> Result<Vec<WaitingHook>, StoreError> {
        self.read(waiting_hooks).await
    }

    async fn unsettled(&self, after: EventId, limit: u32) -> Result<Vec<Unsettled>, StoreError> {
        #[cfg(feature = "planted-faults")]
        if crate::faults::planted("skip-recovery") {
            return Ok(Vec::new());
        }
        let ids = self.shared.settled.lock().above(after.0, limit as usize);
        self.read(move |connection| unsettled_of(connection, &ids)).await
    }

    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        self.read(move |connection| event(connection, id)).await
    }

    async fn replayable(
        &self,
        filter: ReplayFilter,
        after: DeliveryKey,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, StoreError> {
        let mut range = Range { after, upto: first_upto(&filter, after) };
        loop {
            let (asked, wanted) = (range, filter.clone());
            let found = self.read(move |connection| replayable(connection, &wanted, asked, limit)).await?;
            match found {
                Found::Some(keys) => return Ok(keys),
                Found::NoneUpto(event) => range = Range::behind(event),
            }
        }
    }

    async fn replay(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, StoreError> {
        self.change(move |group| replay(group, &deliveries)).await
    }

    async fn chain(&self, query: ChainQuery) -> Result<Vec<ChainedEvent>, StoreError> {
        self.read(move |connection| chain(connection, query)).await
    }

    async fn expire(
        &self,
        hook: HookId,
        accepted_before: Timestamp,
        count_max: u64,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let bounds = Bounds { hook, accepted_before, count_max, limit };
        // Asked often and mostly for nothing: the writer is not held up to find that out.
        if self.read(move |connection| excess(connection, bounds)).await? == (0, 0) {
            return Ok(0);
        }
        self.change(move |group| expire(group, bounds)).await
    }
}

fn chain(connection: &Connection, query: ChainQuery) -> Outcome<Vec<ChainedEvent>> {
    let ChainQuery { chain, root, before, since, limit } = query;
    let mut statement = connection.prepare_cached(
        // The index ends the walk: one chain may have any number of events.
        "SELECT id, project_id, accepted_at, type FROM events WHERE id = ?1 AND id < ?3 AND accepted_at >= ?4 \
         UNION SELECT * FROM (SELECT id, project_id, accepted_at, type FROM events INDEXED BY events_chain \
             WHERE chain = ?2 AND id < ?3 AND accepted_at >= ?4 ORDER BY accepted_at, id LIMIT ?5) \
         ORDER BY id LIMIT ?5",
    )?;
    let root = root.map(|event| event.0);
    let rows = statement.query_map(params![root, chain, before.0, since.as_millis(), limit], |row| {
        Ok(ChainedEvent {
            event: EventId(row.get("id")?),
            project: ProjectId(row.get("project_id")?),
            event_type: event_type(row, "type")?,
            accepted_at: time(row, "accepted_at")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn waiting_hooks(connection: &Connection) -> Outcome<Vec<WaitingHook>> {
    // due is 0 for what waits for nothing but its hook, so the least is the earliest in both senses. A deleted hook's
    // rows are being cancelled.
    let mut statement = connection.prepare_cached(
        "SELECT hook_id, count(*) AS count, min(due) AS next_due FROM waiting GROUP BY hook_id \
         HAVING EXISTS (SELECT 1 FROM hooks WHERE id = hook_id)",
    )?;
    let rows = statement.query_map([], |row| {
        let hook = HookId(row.get("hook_id")?);
        Ok(WaitingHook { hook, count: count(row, "count")?, next_due: time(row, "next_due")? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One event.
pub(super) fn event(connection: &Connection, id: EventId) -> Outcome<Option<Event>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, project_id, accepted_at, type, chain, payload FROM events WHERE id = ?1",
    )?;
    Ok(statement.query_row([id.0], event_row).optional()?)
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: EventId(row.get("id")?),
        project: ProjectId(row.get("project_id")?),
        event_type: event_type(row, "type")?,
        payload: row.get::<_, Vec<u8>>("payload")?.into(),
        chain: row.get("chain")?,
        accepted_at: time(row, "accepted_at")?,
    })
}
