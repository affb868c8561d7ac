//! What one environment's streams share.

use super::body::{Listener, Stream};
use super::difference::{View, difference, whole};
use super::ring::{Message, Next, Ring};
use super::{Place, encode};
use crate::limits::{STREAM_AGE_MAX, STREAM_KEEP_ALIVE};
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};
use wigwag_engine::Engine;
use wigwag_engine::flags::FlagBoard;

/// How often heartbeats and ages are looked at. Each stream's heartbeat falls on one tick of a round, so that they are
/// spread over it.
const TICK: Duration = Duration::from_secs(1);

/// Ticks of a round: each stream has one heartbeat in it.
const ROUND: u64 = STREAM_KEEP_ALIVE.as_secs() / TICK.as_secs();

/// What a stream is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// What changed.
    Changes,
    /// That something changed.
    Notices,
}

/// The feed of one environment.
pub(crate) struct Hub {
    environment: String,
    epoch: String,
    /// Held while a change is found out and written down.
    publishing: Mutex<()>,
    log: RwLock<Log>,
    /// [`Ring::head`], to be read without a lock.
    head: AtomicU64,
    listeners: Mutex<Listeners>,
    /// Rings when the first listener comes, and when the hub is dropped.
    awake: Arc<Notify>,
}

struct Log {
    now: Arc<Edition>,
    ring: Ring,
}

#[derive(Default)]
struct Listeners {
    all: HashMap<u64, Arc<Listener>>,
    next: u64,
}

/// Everything at one version.
pub(crate) struct Edition {
    /// The version.
    pub(crate) version: String,
    number: u64,
    view: View,
    json: OnceLock<Bytes>,
}

impl Edition {
    /// All of it as JSON, written once.
    pub(crate) fn json(&self, environment: &str) -> Bytes {
        let write = || encode::json(&whole(&self.view, environment, &self.version)).into();
        self.json.get_or_init(write).clone()
    }
}

impl Hub {
    /// A hub with a task of its own, which ends when the hub or the engine's flags are dropped; `None` if there is no such
    /// environment.
    pub(super) fn start(engine: &Engine, environment: &str, epoch: &str) -> Option<Arc<Self>> {
        let hub = Arc::new(Self::new(engine.flag_board(), environment, epoch)?);
        tokio::spawn(keep_level(Arc::downgrade(&hub), engine.clone(), hub.awake.clone()));
        // What changed before the task listens is no news to it.
        hub.catch_up(engine.flag_board());
        Some(hub)
    }

    fn new(board: &FlagBoard, environment: &str, epoch: &str) -> Option<Self> {
        let view = view(board, environment)?;
        let number = view.snapshot.version();
        let version = encode::version(epoch, number);
        let now = Arc::new(Edition { version, number, view, json: OnceLock::new() });
        Some(Self {
            environment: environment.to_owned(),
            epoch: epoch.to_owned(),
            publishing: Mutex::default(),
            log: RwLock::new(Log { now, ring: Ring::default() }),
            head: AtomicU64::new(0),
            listeners: Mutex::default(),
            awake: Arc::default(),
        })
    }

    /// Everything as it is now.
    pub(crate) fn now(&self) -> Arc<Edition> {
        self.log.read().now.clone()
    }

    /// The environment.
    pub(crate) fn environment(&self) -> &str {
        &self.environment
    }

    /// Takes in what changed since the last time, and tells every stream.
    pub(crate) fn catch_up(&self, board: &FlagBoard) {
        let is_news = |view: &View| view.snapshot.version() > self.log.read().now.number;
        if !view(board, &self.environment).as_ref().is_some_and(is_news) {
            return;
        }
        let publishing = self.publishing.lock();
        let Some(view) = view(board, &self.environment).filter(is_news) else { return };
        let before = self.now();
        let number = view.snapshot.version();
        let version = encode::version(&self.epoch, number);
        let change = difference(&before.view, &view, &before.version, &version);
        let message = Message {
            since: before.version.clone(),
            change: encode::event("change", &version, &encode::json(&change)),
            notice: encode::notice(&version),
        };
        let mut log = self.log.write();
        log.ring.push(message);
        log.now = Arc::new(Edition { version, number, view, json: OnceLock::new() });
        self.head.store(log.ring.head(), Ordering::Release);
        drop(log);
        drop(publishing);
        self.listeners.lock().all.values().for_each(|listener| listener.wake());
    }

    /// A stream that goes on after the version `last`, if that is known still; else it begins with all there is.
    pub(crate) fn subscribe(self: &Arc<Self>, kind: Kind, last: Option<&str>, place: Place) -> Stream {
        let now = Instant::now();
        let mut listeners = self.listeners.lock();
        let id = listeners.next;
        listeners.next += 1;
        let listener = Arc::new(Listener::new(now + STREAM_AGE_MAX));
        listeners.all.insert(id, listener.clone());
        let first_one = listeners.all.len() == 1;
        drop(listeners);
        if first_one {
            self.awake.notify_one();
        }
        Stream::new(self.clone(), kind, (id, listener), self.beginning(kind, last), place)
    }

    /// What a stream is told before what will come, and the number of that.
    fn beginning(&self, kind: Kind, last: Option<&str>) -> (Vec<Bytes>, u64) {
        let log = self.log.read();
        let head = log.ring.head();
        let missed = match last {
            Some(last) if last == log.now.version => return (vec![encode::PROLOGUE], head),
            Some(last) => log.ring.after(last),
            None => None,
        };
        let now = log.now.clone();
        drop(log);
        match (kind, missed) {
            (Kind::Changes, Some(missed)) => (vec![encode::PROLOGUE], missed),
            (Kind::Changes, None) => {
                let whole = encode::event("snapshot", &now.version, &now.json(&self.environment));
                (vec![encode::PROLOGUE, whole], head)
            }
            // Whoever asked before it listened may have missed something between: it is told to ask once more.
            (Kind::Notices, _) => (vec![encode::PROLOGUE, encode::notice(&now.version)], head),
        }
    }

    /// What a stream of `kind` is told after the message before `next`; the number that it goes on with.
    pub(super) fn message(&self, kind: Kind, next: u64) -> Option<Result<(Bytes, u64), Lagging>> {
        if self.head.load(Ordering::Acquire) == next {
            return None;
        }
        let log = self.log.read();
        // One of several notices is enough.
        let next = if kind == Kind::Notices { log.ring.head().saturating_sub(1).max(next) } else { next };
        match log.ring.get(next) {
            Next::Wait => None,
            Next::Lost => Some(Err(Lagging)),
            Next::Told(message) => {
                let bytes = match kind {
                    Kind::Changes => &message.change,
                    Kind::Notices => &message.notice,
                };
                Some(Ok((bytes.clone(), next + 1)))
            }
        }
    }

    /// Forgets a stream that has ended.
    pub(super) fn leave(&self, id: u64) {
        self.listeners.lock().all.remove(&id);
    }

    /// Heartbeats of the streams whose turn it is, and the end of those that are old.
    fn tick(&self, tick: u64, now: Instant) {
        for (id, listener) in &self.listeners.lock().all {
            if listener.is_over(now) {
                listener.end();
            } else if id % ROUND == tick % ROUND {
                listener.beat();
            }
        }
    }

    /// Ends every stream.
    fn end(&self) {
        self.listeners.lock().all.values().for_each(|listener| listener.end());
    }

    fn is_quiet(&self) -> bool {
        self.listeners.lock().all.is_empty()
    }
}

/// A stream is so far behind that it cannot be told what it missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lagging;

impl Drop for Hub {
    fn drop(&mut self) {
        self.awake.notify_one();
    }
}

fn view(board: &FlagBoard, environment: &str) -> Option<View> {
    // The groups last: they are swapped before the snapshots that belong to them.
    let snapshot = board.of(environment)?;
    Some(View { snapshot, groups: board.groups() })
}

/// Keeps a hub level with the flags until either is gone.
async fn keep_level(hub: Weak<Hub>, engine: Engine, awake: Arc<Notify>) {
    let mut changed = engine.flag_board().changed();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tick = 0;
    loop {
        let Some(here) = hub.upgrade() else { return };
        let is_quiet = here.is_quiet();
        drop(here);
        let ticked = tokio::select! {
            rung = changed.changed() => match rung {
                Ok(()) => false,
                Err(_) => return,
            },
            () = awake.notified(), if is_quiet => false,
            _ = ticks.tick(), if !is_quiet => true,
        };
        let Some(here) = hub.upgrade() else { return };
        here.catch_up(engine.flag_board());
        if engine.is_stopping() {
            return here.end();
        }
        if ticked {
            tick += 1;
            here.tick(tick, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests;
