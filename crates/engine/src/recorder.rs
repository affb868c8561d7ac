//! Writes results in groups: of what waits when the last group is durable a part goes into one transaction, a larger one
//! the more there is. In order, so that the last delivery of an event settles it after all others are kept.

mod pace;

use crate::dispatch::{Committed, HookFacts, Message};
use crate::limits::{RECORD_BYTES_PER_COMMIT_MAX, RECORD_RETRY_AFTER, RECORD_TRIES_AT_STOP};
use crate::{Engine, EngineError};
use bytes::Bytes;
use pace::Pace;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use wigwag_base::{AttemptId, EventId, HookId, NodeEpoch, Timestamp};
use wigwag_hooks::Hook;
use wigwag_hooks::health::{self, Signal};
use wigwag_ports::deliveries::{DeliveryChange, HealthChange, Record, Recorded, Waited};
use wigwag_ports::{Clock, Store, StoreError};

/// The way to the recorder.
pub(crate) struct Recorder {
    entries: mpsc::UnboundedSender<Item>,
    hurry: Arc<Hurry>,
    fatal: Arc<watch::Sender<Option<String>>>,
    clock: Arc<dyn Clock>,
}

/// The recorder before it runs.
pub(crate) struct RecorderLoop {
    store: Arc<dyn Store>,
    epoch: NodeEpoch,
    entries: mpsc::UnboundedReceiver<Item>,
    hurry: Arc<Hurry>,
    fatal: Arc<watch::Sender<Option<String>>>,
    clock: Arc<dyn Clock>,
    /// How the last group was written.
    pace: Pace,
}

/// What was submitted and is waited for.
#[derive(Default)]
struct Hurry {
    /// How many items of the queue.
    queued: AtomicUsize,
    /// Rung when one comes.
    bell: Notify,
}

enum Item {
    /// And when it was submitted.
    Entry(Box<Entry>, Timestamp),
    Flush(oneshot::Sender<()>),
}

impl Item {
    /// Whether somebody waits for it.
    fn hurries(&self) -> bool {
        match self {
            Self::Entry(entry, _) => entry.record.hurries,
            Self::Flush(_) => true,
        }
    }

    /// How long ago it was submitted.
    fn waited(&self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Entry(_, since) => Some(now.since(*since)),
            Self::Flush(_) => None,
        }
    }
}

/// A result, and who must know when it is durable.
pub(crate) struct Entry {
    pub(crate) record: Record,
    /// Of what the body of its row is to be made.
    pub(crate) unmade: Option<Unmade>,
    row: Option<Committed>,
    /// The hook whose health moves with it, as it is afterwards.
    pub(crate) moved: Option<Moved>,
    reply: Option<oneshot::Sender<Result<Recorded, StoreError>>>,
}

/// A body that a hook's template makes when it is written: until then the payload alone lies in memory, once for all
/// hooks.
pub(crate) struct Unmade {
    /// The hook.
    pub(crate) facts: Arc<HookFacts>,
    /// The payload.
    pub(crate) payload: Bytes,
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
        Self { record, unmade: None, row: None, moved: None, reply: None }
    }

    /// The hook whose row it writes or ends.
    pub(crate) fn hook_of_row(&self) -> Option<HookId> {
        self.row.map(|row| row.hook)
    }

    /// It writes or ends a row, which may be sent at `due`.
    pub(crate) fn of_row(mut self, hook: HookId, event: EventId, due: Option<Timestamp>) -> Self {
        self.row = Some(Committed { hook, event, due });
        self
    }
}

impl Recorder {
    /// A recorder and the loop behind it.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        epoch: NodeEpoch,
        clock: Arc<dyn Clock>,
    ) -> (Self, RecorderLoop) {
        let (sender, entries) = mpsc::unbounded_channel();
        let (hurry, fatal) = (Arc::new(Hurry::default()), Arc::new(watch::Sender::new(None)));
        let recorder =
            Self { entries: sender, hurry: hurry.clone(), fatal: fatal.clone(), clock: clock.clone() };
        (recorder, RecorderLoop { store, epoch, entries, hurry, fatal, clock, pace: Pace::Patient })
    }

    /// Writes a result soon. What is submitted is bounded by the requests under way and by what intake lets in; the bodies
    /// that templates make of it, by what one transaction takes.
    pub(crate) fn submit(&self, entry: Entry) {
        let _ = self.send(Item::Entry(Box::new(entry), self.clock.now()));
    }

    /// Whether anybody takes it.
    fn send(&self, item: Item) -> bool {
        let hurries = item.hurries();
        if hurries {
            self.hurry.queued.fetch_add(1, Ordering::Relaxed);
        }
        let sent = self.entries.send(item).is_ok();
        if hurries {
            self.hurry.bell.notify_one();
        }
        sent
    }

    /// Returns when everything submitted before is durable.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.send(Item::Flush(done)) {
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
        entry.record.hurries = true;
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
            let mut results = Vec::with_capacity(items.len());
            let mut after = Vec::with_capacity(items.len());
            let mut flushed = Vec::new();
            let mut group = Group::default();
            for item in items.drain(..) {
                match item {
                    Item::Entry(entry, _) => {
                        let Entry { record, unmade, row, moved, reply } = *entry;
                        let changed = record.health.as_ref().map(|change| change.hook);
                        after.push((row, moved, reply, changed));
                        let mut record = with_body(record, unmade).await;
                        // Those that are taken together are written together: none of them may hold up the others.
                        record.hurries |= self.pace == Pace::Hurried;
                        if let Some(full) = group.add(record) {
                            results.extend(self.commit(full, &engine).await);
                        }
                    }
                    Item::Flush(done) => flushed.push(done),
                }
            }
            results.extend(self.commit(group.records, &engine).await);
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

    /// Waits for a first item, and takes some of what came with it; whether there was any. The store lets them wait for
    /// company, unless one that hurries is behind them or they waited long enough: new events are what others wait for, so
    /// these carry the results with them, a few each.
    async fn gather(&mut self, items: &mut Vec<Item>) -> bool {
        let hurrying = self.hurry.queued.load(Ordering::Relaxed);
        let takes = if hurrying > 0 { Pace::Hurried } else { self.pace }.takes(self.entries.len());
        let found = self.entries.recv_many(items, takes).await;
        let taken = items.iter().filter(|item| item.hurries()).count();
        self.hurry.queued.fetch_sub(taken, Ordering::Relaxed);
        let now = self.clock.now();
        let oldest = items.iter().find_map(|item| item.waited(now)).unwrap_or_default();
        self.pace = Pace::of(hurrying, oldest);
        found > 0
    }

    /// Writes records; where something comes meanwhile that hurries, they wait for company no longer.
    async fn record(&self, records: Vec<Record>) -> Result<Vec<Recorded>, StoreError> {
        let mut written = self.store.record(self.epoch, records);
        loop {
            tokio::select! {
                biased;
                recorded = &mut written => return recorded,
                () = self.hurry.bell.notified() => self.store.hurry().await?,
            }
        }
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
            match self.record(records.clone()).await {
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

/// A record with the body of its row. One that cannot be made yet is left empty: it is made when it is sent, which tells
/// its owner why.
async fn with_body(mut record: Record, unmade: Option<Unmade>) -> Record {
    if let (Some(DeliveryChange::Put(row)), Some(Unmade { facts, payload })) = (&mut record.delivery, unmade)
    {
        row.body = facts.body(&payload).await.unwrap_or_default();
    }
    record
}

/// What one transaction takes: large bodies must not make one that the store never has room for.
#[derive(Default)]
struct Group {
    records: Vec<Record>,
    bytes: usize,
}

impl Group {
    /// Adds a record. Gives those before it, if it is too much beside them.
    fn add(&mut self, record: Record) -> Option<Vec<Record>> {
        let bytes = bytes(&record);
        let is_full = !self.records.is_empty() && self.bytes + bytes >= RECORD_BYTES_PER_COMMIT_MAX;
        let full = is_full.then(|| std::mem::take(self).records);
        self.records.push(record);
        self.bytes += bytes;
        full
    }
}

/// Bytes of the bodies that a record writes.
fn bytes(record: &Record) -> usize {
    let waits = match &record.delivery {
        Some(DeliveryChange::Put(delivery)) => delivery.body.len(),
        Some(DeliveryChange::Delivered { .. }) | None => 0,
    };
    let sent = record.attempt.as_ref().and_then(|attempt| attempt.request_body.bytes());
    waits + sent.map_or(0, Bytes::len)
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

/// What came of moving a hook's health.
pub(crate) struct Moving {
    /// The hook with its new health.
    pub(crate) hook: Hook,
    /// The attempt behind it.
    pub(crate) attempt: Option<AttemptId>,
    /// Whether its delivery was one that waited.
    pub(crate) waited: Waited,
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
    ) -> Result<Moving, EngineError> {
        let (mut attempt_id, mut was) = (None, Waited::No);
        for _ in 0..COMPARE_AND_SET_TRIES {
            let hook = self.inner.store.hook(id).await?.ok_or(EngineError::NotFound("hook"))?;
            let step = health::step(&hook.health, signal, self.inner.clock.now(), &self.policy(&hook));
            let changed = step.record.version != hook.health.version;
            let seen_version = hook.health.version;
            let record = if changed { step.record.by_hand() } else { step.record };
            let hook = Hook { health: record.clone(), ..hook };
            if !changed && result == Record::default() {
                return Ok(Moving { hook, attempt: attempt_id, waited: was });
            }
            let health = changed.then_some(HealthChange {
                hook: id,
                seen_version,
                record,
                transition: step.transition,
            });
            let waiting = self.inner.store.waiting_count(id).await?;
            let mut entry = Entry::of(Record { health, ..std::mem::take(&mut result) });
            entry.moved = changed.then(|| Moved { hook: hook.clone(), waiting });
            match self.inner.recorder.write(entry).await? {
                Recorded::Written { attempt, waited, .. } => {
                    self.inner.dispatch.hook_written(&hook);
                    // The first time alone wrote an attempt and ended a delivery.
                    let waited = if attempt_id.is_some() { was } else { waited };
                    return Ok(Moving { hook, attempt: attempt_id.or(attempt), waited });
                }
                Recorded::HealthStale { attempt, waited } => {
                    if attempt_id.is_none() {
                        (attempt_id, was) = (attempt, waited);
                    }
                }
            }
        }
        Err(EngineError::Conflict("the hook's health is changing right now; try again".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::Group;
    use crate::limits::RECORD_BYTES_PER_COMMIT_MAX;
    use bytes::Bytes;
    use std::time::Duration;
    use wigwag_base::{AttemptId, EventId, HookId, ProjectId, Timestamp};
    use wigwag_hooks::{
        Attempt, AttemptKind, Delivery, DeliveryState, EventType, Failure, FailureClass, Outcome, SentBody,
    };
    use wigwag_ports::deliveries::{DeliveryChange, Record};

    fn record(sent: usize, waits: usize) -> Record {
        let delivery = Delivery {
            event: EventId(1),
            hook: HookId(1),
            project: ProjectId(1),
            event_type: EventType::new("push").expect("fits the pattern"),
            body: Bytes::from(vec![b'x'; waits]),
            chain: None,
            accepted_at: Timestamp::from_secs(1),
            state: DeliveryState::Held,
            attempts: 0,
        };
        let attempt = Attempt {
            id: AttemptId(0),
            event: Some(EventId(1)),
            hook: HookId(1),
            project: Some(ProjectId(1)),
            event_type: delivery.event_type.clone(),
            kind: AttemptKind::First,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: if sent == 0 { SentBody::Payload } else { SentBody::Own(vec![b'x'; sent].into()) },
            started_at: Timestamp::from_secs(1),
            duration: Duration::ZERO,
            outcome: Outcome::Failure(Failure::without_answer(FailureClass::Timeout, String::new())),
        };
        let delivery = Some(DeliveryChange::Put(delivery));
        Record { attempt: Some(attempt), delivery, ..Record::default() }
    }

    #[test]
    fn large_bodies_part_a_group_and_keep_its_order() {
        let check = |sizes: &[(usize, usize)], lengths: &[usize]| {
            let (mut group, mut parted) = (Group::default(), Vec::new());
            for (sent, waits) in sizes {
                parted.extend(group.add(record(*sent, *waits)));
            }
            parted.push(group.records);
            assert_eq!(parted.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "{sizes:?}");
        };
        let third = RECORD_BYTES_PER_COMMIT_MAX / 3 + 1;
        check(&[], &[0]);
        check(&[(0, 0); 512], &[512]);
        check(&[(0, third); 4], &[2, 2]);
        check(&[(third, 0); 4], &[2, 2]);
        check(&[(third, third), (0, third)], &[1, 1]);
        check(&[(0, 2 * RECORD_BYTES_PER_COMMIT_MAX), (0, 1), (1, 0)], &[1, 2]);
    }
}
