//! Writes results, many at a time: those that nobody waits for lie here until they are worth a transaction of their own or
//! have lain long enough, and are left off where new events wait to be written. In order, so that the last delivery of an
//! event settles it after all others are kept.

mod pace;
mod queue;

use crate::dispatch::{Committed, HookFacts, Message};
use crate::limits::{RECORD_RETRY_AFTER, RECORD_TRIES_AT_STOP};
use crate::{Engine, EngineError};
use bytes::Bytes;
use queue::{Item, Queue, Taken};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{oneshot, watch};
use wigwag_base::{AttemptId, EventId, HookId, NodeEpoch, Timestamp};
use wigwag_hooks::Hook;
use wigwag_hooks::health::{self, Signal};
use wigwag_ports::deliveries::{HealthChange, Record, Recorded, Waited};
use wigwag_ports::{Store, StoreError};

/// The way to the recorder.
pub(crate) struct Recorder {
    queue: Queue,
    fatal: Arc<watch::Sender<Option<String>>>,
}

/// The recorder before it runs.
pub(crate) struct RecorderLoop {
    store: Arc<dyn Store>,
    epoch: NodeEpoch,
    taken: Taken,
    fatal: Arc<watch::Sender<Option<String>>>,
}

/// A result, and who must know when it is durable.
pub(crate) struct Entry {
    pub(crate) record: Record,
    /// Of what the body of its row is to be made.
    pub(crate) unmade: Option<Unmade>,
    row: Option<Committed>,
    /// The hook whose health moves with it, as it is afterwards.
    pub(crate) moved: Option<Moved>,
    /// Whether somebody waits for it to be durable.
    pub(crate) hurries: bool,
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
        Self { record, unmade: None, row: None, moved: None, hurries: false, reply: None }
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
    pub(crate) fn new(store: Arc<dyn Store>, epoch: NodeEpoch) -> (Self, RecorderLoop) {
        let (queue, taken) = queue::new();
        let fatal = Arc::new(watch::Sender::new(None));
        (Self { queue, fatal: fatal.clone() }, RecorderLoop { store, epoch, taken, fatal })
    }

    /// Writes a result soon. What is submitted is bounded by the requests under way and by what intake lets in; the bodies
    /// that templates make of it, by what one transaction takes.
    pub(crate) fn submit(&self, entry: Entry) {
        self.queue.send(Item::Entry(Box::new(entry)));
    }

    /// Returns when everything submitted before is durable.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        self.queue.send(Item::Flush(done));
        // Nobody sends when the recorder has ended.
        let _ = flushed.await;
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
        entry.hurries = true;
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
        while self.taken.gather().await {
            let results = self.commit(&engine).await;
            for (entry, result) in self.taken.remove_first(results.len()).into_iter().zip(results) {
                tell(&engine, entry, result);
            }
        }
    }

    /// Commits some of the first, again and again while the store has no room or does not answer: a result is never
    /// dropped, but by a server that stops and would never end; what it belongs to is sent again after the next start. The
    /// answer is as long as what was committed.
    async fn commit(&mut self, engine: &Engine) -> Vec<Result<Recorded, StoreError>> {
        let mut wait = RECORD_RETRY_AFTER;
        let mut tries_at_stop = 0;
        loop {
            let pace = self.taken.pace();
            let records = self.taken.first_records(pace.offers()).await;
            let count = records.len();
            if count == 0 {
                return Vec::new();
            }
            match self.store.record_at_least(self.epoch, records, pace.at_least()).await {
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

/// Tells the dispatcher, the callout index and whoever waits for it what is durable now.
fn tell(engine: &Engine, entry: Entry, result: Result<Recorded, StoreError>) {
    let inner = &engine.inner;
    let Entry { record, row, moved, reply, .. } = entry;
    match (&result, moved, record.health) {
        (Ok(Recorded::Written { worse_count, .. }), Some(moved), _) => {
            inner.watch.hook_moved(&moved.hook, moved.waiting, *worse_count);
            inner.notices.ring();
        }
        (Ok(Recorded::HealthStale { .. }), _, Some(change)) => {
            inner.dispatch.tell(Message::HealthStale(change.hook));
        }
        _ => {}
    }
    if let (Some(row), Ok(_)) = (row, &result) {
        inner.dispatch.tell(Message::Committed(row));
    }
    if let Some(reply) = reply {
        let _ = reply.send(result);
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
