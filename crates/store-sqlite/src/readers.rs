//! A few threads that read beside the writer, so that no read blocks the runtime.

use crate::error::Outcome;
use crate::limits::WAITING_READS_MAX;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use wigwag_ports::StoreError;

type Read = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Default)]
struct Waiting {
    reads: VecDeque<Read>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

/// The queue of reads and its threads.
#[derive(Clone)]
pub(crate) struct Readers(Arc<Shared>);

impl Readers {
    /// Starts one thread for each connection; they end when the queue is closed.
    pub(crate) fn spawn(connections: Vec<Connection>) -> std::io::Result<(Self, Vec<JoinHandle<()>>)> {
        let shared = Arc::new(Shared::default());
        let mut threads = Vec::new();
        for connection in connections {
            let shared = Arc::clone(&shared);
            let run = move || turns(&connection, &shared);
            threads.push(std::thread::Builder::new().name("wigwag-reader".into()).spawn(run)?);
        }
        Ok((Self(shared), threads))
    }

    /// Runs a read inside one transaction, so that all its statements see the same state.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let run = move |connection: &Connection| {
            let outcome = in_transaction(connection, read).map_err(StoreError::from);
            // A caller that went away needs no answer.
            let _ = reply.send(outcome);
        };
        {
            let mut waiting = self.0.waiting.lock();
            if waiting.closed {
                return Err(StoreError::Unavailable("the store is closed".into()));
            }
            if waiting.reads.len() >= WAITING_READS_MAX {
                return Err(StoreError::Unavailable("too many reads wait".into()));
            }
            waiting.reads.push_back(Box::new(run));
        }
        self.0.bell.notify_one();
        answer.await.map_err(|_| StoreError::Unavailable("a read ended by a programming error".into()))?
    }

    /// Takes no more reads; what waits is still done.
    pub(crate) fn close(&self) {
        self.0.waiting.lock().closed = true;
        self.0.bell.notify_all();
    }
}

fn in_transaction<T>(connection: &Connection, read: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    let _snapshot = Snapshot::begin(connection)?;
    read(connection)
}

/// A transaction that only reads, by statements that stay compiled. It ends however the read ends.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn begin(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        // Nothing was written that could be lost.
        let ended = self.0.prepare_cached("COMMIT").and_then(|mut statement| statement.execute([]));
        if ended.is_err() && !self.0.is_autocommit() {
            // Else no later read could begin. If this fails too, each of them says so.
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

fn turns(connection: &Connection, shared: &Shared) {
    loop {
        let read = {
            let mut waiting = shared.waiting.lock();
            loop {
                if let Some(read) = waiting.reads.pop_front() {
                    break read;
                }
                if waiting.closed {
                    return;
                }
                shared.bell.wait(&mut waiting);
            }
        };
        // The caller learns of a panic by its lost reply; the thread goes on for the others.
        let _ = catch_unwind(AssertUnwindSafe(|| read(connection)));
    }
}
