//! A fresh store, a clock that is moved by hand, dice that never show the same twice, and engines upon them.

use super::hand_file::HandFile;
use super::watched_store::WatchedStore;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::UdpSocket;
use wigwag_base::{Secret, Timestamp};
use wigwag_engine::{Engine, EngineError, Outside, Parts, Settings};
use wigwag_ports::{Clock, DefinitionSource, Entropy};
use wigwag_store_sqlite::{DataKey, Options, SqliteStore};

pub(crate) struct Ground {
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) file: Arc<HandFile>,
    settings: Settings,
    pub(crate) outside: Outside,
    /// Where flag definitions come from besides the product itself.
    pub(crate) definitions: Vec<Arc<dyn DefinitionSource>>,
    folder: TempDir,
}

impl Ground {
    /// A store in a folder of its own; its life begins at `now`.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self::with(now, Settings::default())
    }

    /// The same, with settings of its own.
    pub(crate) fn with(now: Timestamp, settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        let clock = Arc::new(HandClock(AtomicI64::new(now.as_millis())));
        Self {
            store,
            clock,
            file: Arc::default(),
            settings,
            outside: Outside::default(),
            definitions: Vec::new(),
            folder,
        }
    }

    /// Opens the store anew, after an engine has closed it.
    pub(crate) fn reopen(&mut self) {
        self.store = open(&self.folder);
    }

    /// An engine on the store: the first, or another as after a restart.
    pub(crate) async fn engine(&self) -> Engine {
        self.try_engine().await.unwrap()
    }

    pub(crate) async fn try_engine(&self) -> Result<Engine, EngineError> {
        self.engine_with(self.settings.clone()).await
    }

    /// The same, with settings of its own.
    pub(crate) async fn engine_with(&self, settings: Settings) -> Result<Engine, EngineError> {
        let allow = vec!["127.0.0.1".parse().unwrap()];
        let name_servers = Some(vec![refusing_name_server().await]);
        let egress = wigwag_egress::Config { allow, name_servers, ..Default::default() };
        let parts = Parts {
            store: self.store.clone(),
            egress: Arc::new(wigwag_egress::Client::new(&egress).unwrap()),
            clock: self.clock.clone(),
            entropy: Arc::new(Dice),
            // No suite waits for it: on a busy machine an answer that is only late must not become a failure.
            settings: Settings { delivery_deadline: Duration::from_secs(600), ..settings },
            definitions: self.definitions.clone(),
            overrides: Some(self.file.opened()),
            outside: self.outside.clone(),
            root_key: Secret::new([7; 32]),
        };
        Engine::start(parts).await
    }
}

fn open(folder: &TempDir) -> Arc<WatchedStore> {
    let options = Options::new(DataKey::new([7; 32]));
    let sqlite = SqliteStore::open(&folder.path().join("wigwag.db"), &options).unwrap();
    Arc::new(WatchedStore::new(Arc::new(sqlite)))
}

/// A name server that refuses every question: whatever has a name fails as when our own network is down.
async fn refusing_name_server() -> SocketAddr {
    const REFUSED: [u8; 2] = [0x81, 0x85];
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut message = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut message).await {
            message[2..4].copy_from_slice(&REFUSED);
            let _ = socket.send_to(&message[..length], from).await;
        }
    });
    address
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
