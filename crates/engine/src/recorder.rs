//! Writes results in groups: whatever waits when the last group is durable, or has waited a moment for company, goes
//! into one transaction. In order, so that the last delivery of an event settles it after all others are kept.

use crate::dispatch::{Committed, Message};
use crate::limits::{
    RECORD_BYTES_PER_COMMIT_MAX, RECORD_RETRY_AFTER, RECORD_TRIES_AT_STOP, RECORD_WAIT_MAX,
    RECORDS_PER_COMMIT_MAX,
};
use crate::{Engine, EngineError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot, watch};
use wigwag_base::{AttemptId, EventId, HookId, NodeEpoch, Timestamp};
use wigwag_hooks::Hook;
use wigwag_hooks::health::{self, Signal};
use wigwag_ports::deliveries::{DeliveryChange, HealthChange, Record, Recorded};
use wigwag_ports::{Store, StoreError};

/// The way to the recorder.
pub(crate) struct Recorder {
    entries: mpsc::UnboundedSender<Item>,
    fatal: Arc<watch::Sender<Option<String>>>,
}

/// The recorder before it runs.
pub(crate) struct RecorderLoop {
    store: Arc<dyn Store>,
    epoch: NodeEpoch,
    entries: mpsc::UnboundedReceiver<Item>,
    fatal: Arc<watch::Sender<Option<String>>>,
}

enum Item {
    Entry(Box<Entry>),
    Flush(oneshot::Sender<()>),
}

/// A result, and who must know when it is durable.
pub(crate) struct Entry {
    record: Record,
    row: Option<Committed>,
    /// The hook whose health moves with it, as it is afterwards.
    pub(crate) moved: Option<Moved>,
    reply: Option<oneshot::Sender<Result<Recorded, StoreError>>>,
}

/// A hook whose health moves.
pub(crate) struct Moved {
    /// The hook with its new health.
    pub(crate) hook: Hook,
    /// How many of its deliveries wait.
    pub(crate) waiting: u64,
}

impl Entry {
    /// A result that nobody waits for.
    pub(crate) fn of(record: Record) -> Self {
        Self { record, row: None, moved: None, reply: None }
    }

    /// It writes or ends a row, which may be sent at `due`.
    pub(crate) fn of_row(mut self, hook: HookId, event: EventId, due: Option<Timestamp>) -> Self {
        self.row = Some(Committed { hook, event, due });
        self
    }
}

impl Recorder {
    /// A recorder and the loop behind it.
    pub(crate) fn new(store: Arc<dyn Store>, epoch: NodeEpoch) -> (Self, RecorderLoop) {
        let (sender, entries) = mpsc::unbounded_channel();
        let fatal = Arc::new(watch::Sender::new(None));
        (Self { entries: sender, fatal: fatal.clone() }, RecorderLoop { store, epoch, entries, fatal })
    }

    /// Writes a result soon. What is submitted is bounded by the requests under way and by what intake lets in.
    pub(crate) fn submit(&self, entry: Entry) {
        let _ = self.entries.send(Item::Entry(Box::new(entry)));
    }

    /// Returns when everything submitted before is durable.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.entries.send(Item::Flush(done)).is_ok() {
            let _ = flushed.await;
        }
    }

    /// Returns when the store can no longer be trusted, with the reason.
    pub(crate) async fn fatal(&self) -> String {
        let mut fatal = self.fatal.subscribe();
        match fatal.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => "the recorder ended".to_owned(),
        }
    }

    /// Somebody else than the recorder was told that the store can no longer be trusted.
    pub(crate) fn distrust(&self, reason: &str) {
        self.fatal.send_replace(Some(reason.to_owned()));
    }

    async fn write(&self, mut entry: Entry) -> Result<Recorded, StoreError> {
        let (reply, answer) = oneshot::channel();
        entry.reply = Some(reply);
        self.submit(entry);
        answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the server is stopping".into())))
    }
}

impl RecorderLoop {
    /// Runs until the engine is gone.
    pub(crate) fn spawn(self, engine: Engine) {
        tokio::spawn(self.run(engine));
    }

    async fn run(mut self, engine: Engine) {
        let mut items = Vec::new();
        while self.gather(&mut items).await {
            let mut records = Vec::with_capacity(items.len());
            let mut after = Vec::with_capacity(items.len());
            let mut flushed = Vec::new();
            for item in items.drain(..) {
                match item {
                    Item::Entry(entry) => {
                        let Entry { record, row, moved, reply } = *entry;
                        let changed = record.health.as_ref().map(|change| change.hook);
                        records.push(record);
                        after.push((row, moved, reply, changed));
                    }
                    Item::Flush(done) => flushed.push(done),
                }
            }
            let mut results = Vec::with_capacity(records.len());
            for group in groups(records) {
                results.extend(self.commit(group, &engine).await);
            }
            for ((row, moved, reply, changed), result) in after.into_iter().zip(results) {
                tell(&engine, row, moved, changed, &result);
                if let Some(reply) = reply {
                    let _ = reply.send(result);
                }
            }
            for done in flushed {
                let _ = done.send(());
            }
        }
    }

    /// Waits for a first item, then a moment for company.
    async fn gather(&mut self, items: &mut Vec<Item>) -> bool {
        if self.entries.recv_many(items, RECORDS_PER_COMMIT_MAX).await == 0 {
            return false;
        }
        let urgent = |items: &[Item]| {
            items.iter().any(|item| match item {
                Item::Entry(entry) => entry.moved.is_some() || entry.row.is_some() || entry.reply.is_some(),
                Item::Flush(_) => true,
            })
        };
        let deadline = tokio::time::Instant::now() + RECORD_WAIT_MAX;
        while items.len() < RECORDS_PER_COMMIT_MAX && !urgent(items) {
            let room = RECORDS_PER_COMMIT_MAX - items.len();
            match tokio::time::timeout_at(deadline, self.entries.recv_many(items, room)).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
        true
    }

    /// Commits a group, again and again while the store has no room or does not answer: a result is never dropped, but
    /// by a server that stops and would never end; what it belongs to is sent again after the next start.
    async fn commit(&self, records: Vec<Record>, engine: &Engine) -> Vec<Result<Recorded, StoreError>> {
        if records.is_empty() {
            return Vec::new();
        }
        let count = records.len();
        let mut wait = RECORD_RETRY_AFTER;
        let mut tries_at_stop = 0;
        loop {
            match self.store.record(self.epoch, records.clone()).await {
                Ok(recorded) => {
                    engine.inner.healthy_store.send_replace(None);
                    return recorded.into_iter().map(Ok).collect();
                }
                Err(error @ (StoreError::Full | StoreError::Unavailable(_))) => {
                    tracing::error!(%error, results = count, "results wait for the store");
                    engine.inner.healthy_store.send_replace(Some(error.to_string()));
                    if engine.inner.stopping.load(Ordering::Relaxed) {
                        tries_at_stop += 1;
                        if tries_at_stop == RECORD_TRIES_AT_STOP {
                            return vec![Err(error); count];
                        }
                        wait = RECORD_RETRY_AFTER;
                    }
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(RECORD_RETRY_AFTER * 20);
                }
                Err(error) => {
                    tracing::error!(%error, results = count, "the store refused results; stopping");
                    self.fatal.send_replace(Some(error.to_string()));
                    return vec![Err(error); count];
                }
            }
        }
    }
}

/// Parts of one transaction each: large bodies must not make one that the store never has room for.
fn groups(records: Vec<Record>) -> Vec<Vec<Record>> {
    let mut groups: Vec<Vec<Record>> = Vec::new();
    let mut bytes = RECORD_BYTES_PER_COMMIT_MAX;
    for record in records {
        let weight = match &record.delivery {
            Some(DeliveryChange::Put(delivery)) => delivery.body.len(),
            Some(DeliveryChange::Delivered { .. }) | None => 0,
        };
        if bytes + weight >= RECORD_BYTES_PER_COMMIT_MAX {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += weight;
        if let Some(group) = groups.last_mut() {
            group.push(record);
        }
    }
    groups
}

/// Tells the dispatcher and the callout index what is durable now.
fn tell(
    engine: &Engine,
    row: Option<Committed>,
    moved: Option<Moved>,
    changed: Option<HookId>,
    result: &Result<Recorded, StoreError>,
) {
    let inner = &engine.inner;
    match (result, moved, changed) {
        (Ok(Recorded::Written { worse_count, .. }), Some(moved), _) => {
            inner.watch.hook_moved(&moved.hook, moved.waiting, *worse_count);
            inner.notices.ring();
        }
        (Ok(Recorded::HealthStale { .. }), _, Some(hook)) => inner.dispatch.tell(Message::HealthStale(hook)),
        _ => {}
    }
    if let (Some(row), Ok(_)) = (row, result) {
        inner.dispatch.tell(Message::Committed(row));
    }
}

/// How often a person's change is computed anew because a delivery moved the hook's health at the same moment.
const COMPARE_AND_SET_TRIES: usize = 16;

impl Engine {
    /// Returns when the store can no longer be trusted: the process must end, and recover at restart.
    pub async fn fatal(&self) -> String {
        self.inner.recorder.fatal().await
    }

    /// Moves a hook's health by what a person did (enable, test, resend), by compare-and-set, and writes with it the
    /// attempt behind it and what becomes of its delivery.
    pub(crate) async fn move_health(
        &self,
        id: HookId,
        signal: Signal<'_>,
        mut result: Record,
    ) -> Result<(Hook, Option<AttemptId>), EngineError> {
        let mut attempt_id = None;
        for _ in 0..COMPARE_AND_SET_TRIES {
            let hook = self.inner.store.hook(id).await?.ok_or(EngineError::NotFound("hook"))?;
            let step = health::step(&hook.health, signal, self.inner.clock.now(), &self.policy(&hook));
            let changed = step.record.version != hook.health.version;
            let seen_version = hook.health.version;
            let hook = Hook { health: step.record.clone(), ..hook };
            if !changed && result == Record::default() {
                return Ok((hook, attempt_id));
            }
            let health = changed.then_some(HealthChange {
                hook: id,
                seen_version,
                record: step.record,
                transition: step.transition,
            });
            let waiting = self.inner.store.waiting_count(id).await?;
            let mut entry = Entry::of(Record { health, ..std::mem::take(&mut result) });
            entry.moved = changed.then(|| Moved { hook: hook.clone(), waiting });
            match self.inner.recorder.write(entry).await? {
                Recorded::Written { attempt, .. } => {
                    self.inner.dispatch.hook_written(&hook);
                    return Ok((hook, attempt_id.or(attempt)));
                }
                Recorded::HealthStale { attempt } => attempt_id = attempt_id.or(attempt),
            }
        }
        Err(EngineError::Conflict("the hook's health is changing right now; try again".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::groups;
    use crate::limits::RECORD_BYTES_PER_COMMIT_MAX;
    use bytes::Bytes;
    use wigwag_base::{EventId, HookId, ProjectId, Timestamp};
    use wigwag_hooks::{Delivery, DeliveryState, EventType};
    use wigwag_ports::deliveries::{DeliveryChange, Record};

    fn row(bytes: usize) -> Record {
        let delivery = Delivery {
            event: EventId(1),
            hook: HookId(1),
            project: ProjectId(1),
            event_type: EventType::new("push").expect("fits the pattern"),
            body: Bytes::from(vec![b'x'; bytes]),
            chain: None,
            accepted_at: Timestamp::from_secs(1),
            state: DeliveryState::Held,
            attempts: 0,
        };
        Record { delivery: Some(DeliveryChange::Put(delivery)), ..Record::default() }
    }

    #[test]
    fn large_bodies_part_a_group_and_keep_its_order() {
        let check = |sizes: &[usize], lengths: &[usize]| {
            let parted = groups(sizes.iter().copied().map(row).collect());
            assert_eq!(parted.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{sizes:?}");
        };
        let third = RECORD_BYTES_PER_COMMIT_MAX / 3 + 1;
        check(&[], &[]);
        check(&[0; 512], &[512]);
        check(&[third, third, third, third], &[2, 2]);
        check(&[2 * RECORD_BYTES_PER_COMMIT_MAX, 1, 1], &[1, 2]);
    }
}
