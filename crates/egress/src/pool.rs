//! Idle connections, kept by address and by how they are encrypted.
//!
//! The name of the host is compared too: a connection serves only the host it was opened for.

use crate::connection::{Connection, Scheme};
use crate::limits::{IDLE_PER_ADDRESS_MAX, IDLE_SWEEP_INTERVAL, IDLE_TIME_MAX, IDLE_TOTAL_MAX};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use tokio::time::Instant;

/// Locks, so that two threads rarely wait for one.
const SHARDS: usize = 16;

type Key = (SocketAddr, Scheme);

struct Idle {
    connection: Connection,
    since: Instant,
}

/// The pool of one client.
pub(crate) struct Pool {
    shards: [Mutex<HashMap<Key, Vec<Idle>>>; SHARDS],
    hasher: RandomState,
    idle: AtomicUsize,
    swept: AtomicBool,
}

impl Pool {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            shards: Default::default(),
            hasher: RandomState::new(),
            idle: AtomicUsize::new(0),
            swept: AtomicBool::new(false),
        })
    }

    /// The connection used last that still stands open, if there is one.
    pub(crate) fn take(&self, peer: SocketAddr, scheme: Scheme, host: &str) -> Option<Connection> {
        let key = (peer, scheme);
        let mut shard = self.shard(&key).lock();
        let idles = shard.get_mut(&key)?;
        // Newest first: the older ones grow old together and are swept.
        for index in (0..idles.len()).rev() {
            let idle = &idles[index];
            if idle.connection.sender.is_closed() || idle.since.elapsed() >= IDLE_TIME_MAX {
                idles.remove(index);
                self.idle.fetch_sub(1, Ordering::Relaxed);
            } else if &*idle.connection.host == host && idle.connection.sender.is_ready() {
                self.idle.fetch_sub(1, Ordering::Relaxed);
                return Some(idles.remove(index).connection);
            }
            // Not ready: its driver has not come round to the end of its last answer yet.
        }
        None
    }

    /// Keeps a connection whose answer was read to its end; closes it when there are enough.
    pub(crate) fn put(self: &Arc<Self>, connection: Connection) {
        if connection.sender.is_closed() || self.idle.load(Ordering::Relaxed) >= IDLE_TOTAL_MAX {
            return;
        }
        self.sweep_from_now_on();
        let key = (connection.peer, connection.scheme);
        let mut shard = self.shard(&key).lock();
        let idles = shard.entry(key).or_default();
        if idles.len() < IDLE_PER_ADDRESS_MAX {
            idles.push(Idle { connection, since: Instant::now() });
            self.idle.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn shard(&self, key: &Key) -> &Mutex<HashMap<Key, Vec<Idle>>> {
        // The remainder is below SHARDS, so the cast loses nothing.
        #[allow(clippy::cast_possible_truncation)]
        let index = (self.hasher.hash_one(key.0) % SHARDS as u64) as usize;
        &self.shards[index]
    }

    fn sweep_from_now_on(self: &Arc<Self>) {
        if !self.swept.swap(true, Ordering::Relaxed) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn drop_expired(&self) {
        for shard in &self.shards {
            shard.lock().retain(|_, idles| {
                let before = idles.len();
                idles.retain(|idle| {
                    !idle.connection.sender.is_closed() && idle.since.elapsed() < IDLE_TIME_MAX
                });
                self.idle.fetch_sub(before - idles.len(), Ordering::Relaxed);
                !idles.is_empty()
            });
        }
    }
}

/// Closes what lies idle too long, until the pool is gone.
async fn sweep(pool: Weak<Pool>) {
    let mut ticks = tokio::time::interval(IDLE_SWEEP_INTERVAL);
    loop {
        ticks.tick().await;
        let Some(pool) = pool.upgrade() else { return };
        pool.drop_expired();
    }
}
