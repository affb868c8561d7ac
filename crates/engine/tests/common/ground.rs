//! A fresh store, a clock that is moved by hand, dice that never show the same twice, and engines upon them.

use super::watched_store::WatchedStore;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use wigwag_base::{Secret, Timestamp};
use wigwag_engine::{Engine, Parts, Settings};
use wigwag_ports::{Clock, Entropy};
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

pub(crate) struct Ground {
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<HandClock>,
    _folder: TempDir,
}

impl Ground {
    /// A store in a folder of its own; its life begins at `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(DataKey::new([7; 32]));
        let sqlite = SqliteStore::open(&folder.path().join("wigwag.db"), &options).unwrap();
        let store = Arc::new(WatchedStore::new(Arc::new(sqlite)));
        Self { store, clock: Arc::new(HandClock(AtomicI64::new(now.as_millis()))), _folder: folder }
    }

    /// An engine on the store: the first, or another as after a restart.
    pub(crate) async fn engine(&self) -> Engine {
        let allow = vec!["127.0.0.1".parse().unwrap()];
        let egress = wigwag_egress::Config { allow, ..Default::default() };
        let parts = Parts {
            store: self.store.clone(),
            egress: Arc::new(wigwag_egress::Client::new(&egress).unwrap()),
            clock: self.clock.clone(),
            entropy: Arc::new(Dice),
            // No suite waits for it: on a busy machine an answer that is only late must not become a failure.
            settings: Settings { delivery_deadline: Duration::from_secs(600), ..Settings::default() },
            data_key: Secret::new([7; 32]),
        };
        Engine::start(parts).await.unwrap()
    }
}

/// A clock that is moved by hand.
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Dice that never show the same twice.
struct Dice;

impl Entropy for Dice {
    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&number().to_be_bytes());
        secret
    }

    fn uniform(&self) -> f64 {
        0.5
    }
}

/// A number that nothing else in this process has.
pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::SeqCst)
}
