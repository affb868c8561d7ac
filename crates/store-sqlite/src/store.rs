use crate::connection::{self, Role};
use crate::error::Outcome;
use crate::limits::READERS;
use crate::meta;
use crate::open::{self, OpenError, Options};
use crate::readers::Readers;
use crate::seal::Sealer;
use crate::settled::Settled;
use crate::writer::{Call, Checkpointer, Group, Job, Lanes, Shared, WalPages, Writer, spawn};
use parking_lot::Mutex;
use rusqlite::OptionalExtension;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::thread::JoinHandle;
use wigwag_base::{NodeEpoch, Secret};
use wigwag_ports::StoreError;

/// A store in one file. Dropping it does what `close` does.
pub struct SqliteStore {
    pub(crate) path: PathBuf,
    pub(crate) sealer: Sealer,
    root_key: Secret<[u8; 32]>,
    pub(crate) instance: [u8; 16],
    pub(crate) epoch: NodeEpoch,
    pub(crate) shared: Arc<Shared>,
    /// How far retention has searched the events.
    pub(crate) prune_cursor: Arc<AtomicI64>,
    readers: Readers,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the store at `path`, or makes it.
    ///
    /// # Errors
    /// [`OpenError`] says why not, and what to do.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let opened = open::open(path, options)?;
        let other = |reason: String| OpenError::Other { path: path.to_owned(), reason };
        let mut writer_connection = opened.connection;
        let load = |fault| other(StoreError::from(fault).to_string());
        let settled = Settled::load(&writer_connection).map_err(load)?;
        let now_ms = newest_time(&writer_connection).map_err(|error| other(error.to_string()))?;
        let shared = Arc::new(Shared {
            lanes: Lanes::new(),
            settled: Mutex::new(settled),
            full: AtomicBool::new(false),
        });
        let wal = Arc::<WalPages>::default();
        wal.watch(&mut writer_connection).map_err(|error| other(error.to_string()))?;
        let no_thread = |error: std::io::Error| other(format!("no thread could be started: {error}"));
        let file = std::fs::File::open(path)
            .map_err(|source| OpenError::Unwritable { path: path.to_owned(), source })?;
        let copying = hardened(path, Role::Checkpointer)?;
        let checkpointer = Checkpointer::spawn(copying, file, Arc::clone(&wal), Arc::clone(&shared));
        let reading = (0..READERS).map(|_| hardened(path, Role::Reader)).collect::<Result<_, _>>()?;
        let (readers, reader_threads) = Readers::spawn(reading).map_err(no_thread)?;
        let writer = Writer {
            connection: writer_connection,
            epoch: opened.epoch,
            now_ms,
            shared: Arc::clone(&shared),
            wal,
            checkpointer: checkpointer.map_err(no_thread)?,
            readers: reader_threads,
            lock: opened.lock,
        };
        let writer = Mutex::new(Some(spawn(writer).map_err(no_thread)?));
        let path = path.to_owned();
        let (sealer, root_key) = (opened.sealer, opened.root_key);
        let (instance, epoch) = (opened.instance, opened.epoch);
        let prune_cursor = Arc::default();
        Ok(Self { path, sealer, root_key, instance, epoch, shared, prune_cursor, readers, writer })
    }

    /// 32 random bytes that belong to this store for good, whatever its data key: what the keys of token hashes and the
    /// like are derived from.
    pub const fn root_key(&self) -> &Secret<[u8; 32]> {
        &self.root_key
    }

    /// Runs a read on a reader's connection.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&rusqlite::Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(read).await
    }

    /// Runs a change in the first lane, in a savepoint of its own; it may run twice.
    pub(crate) async fn change<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Group<'_>) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (call, answer) = Call::new(work);
        self.push(Box::new(call));
        answer.await.map_err(|_| lost())?
    }

    pub(crate) fn push(&self, job: Box<dyn Job>) {
        self.shared.lanes.push(job);
    }

    /// Lets readers and writer end; the thread to wait for, unless somebody does already.
    pub(crate) fn shut(&self) -> Option<JoinHandle<()>> {
        self.readers.close();
        self.shared.lanes.close();
        self.writer.lock().take()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Some(writer) = self.shut() {
            // It ended, or panicked and told so.
            let _ = writer.join();
        }
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// A reply that never came.
pub(crate) fn lost() -> StoreError {
    StoreError::Fatal("the writer ended by a programming error".into())
}

/// The newest time that the store was told of, in ms.
fn newest_time(connection: &rusqlite::Connection) -> rusqlite::Result<i64> {
    let seen: Option<i64> = meta::get(connection, meta::TIME_HIGH_WATER)?;
    let newest = "SELECT accepted_at FROM events ORDER BY id DESC LIMIT 1";
    let accepted: Option<i64> = connection.query_row(newest, [], |row| row.get(0)).optional()?;
    Ok(seen.unwrap_or(0).max(accepted.unwrap_or(0)))
}

fn hardened(path: &Path, role: Role) -> Result<rusqlite::Connection, OpenError> {
    let connection = connection::open(path, role)?;
    connection::harden(&connection, path, role)?;
    Ok(connection)
}
