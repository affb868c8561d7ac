//! Brings the write-ahead log into the file, off the commit path.
//!
//! A thread of its own copies most pages beside the writer (PASSIVE, then fsync). The log begins anew only when
//! everything in it is copied and the next write comes; beside a busy writer that never happens by itself, so once the
//! log is long and little is left to copy, the writer copies the rest between two groups.

use super::Shared;
use crate::error::Fault;
use crate::limits::{
    CHECKPOINT_FINISH_PAGES, CHECKPOINT_FORCE_PAGES, CHECKPOINT_RESET_PAGES, CHECKPOINT_STEP_PAGES,
};
use parking_lot::Mutex;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, ErrorCode, MAIN_DB};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use wigwag_ports::StoreError;

/// Pages in the log, and how many of them are copied.
#[derive(Default)]
pub(crate) struct WalPages {
    logged: AtomicU32,
    copied: AtomicU32,
    /// Held by whoever copies: SQLite would turn the other one away.
    turn: Mutex<()>,
}

impl WalPages {
    /// Lets the writer's connection tell how long the log is after each commit.
    pub(crate) fn watch(self: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let pages = Arc::clone(self);
        connection.wal_hook(Some(move |_: &mut _, logged| {
            pages.logged.store(u32::try_from(logged).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))
    }

    /// Logged, and left to copy. The log was begun anew when it is shorter than what was copied.
    fn read(&self) -> (u32, u32) {
        let logged = self.logged.load(Ordering::Relaxed);
        let copied = self.copied.load(Ordering::Relaxed);
        (logged, if copied > logged { logged } else { logged - copied })
    }
}

/// Copies what is in the log, as far as readers let it.
fn copy(connection: &Connection, wal: &WalPages) -> Result<(), StoreError> {
    match connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::PASSIVE) {
        Ok((_, copied)) => {
            wal.copied.store(u32::try_from(copied).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }
        // The other one is at it.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        Err(error) => match StoreError::from(Fault::Sql(error)) {
            // What is in the log stays there, durable, until there is room again.
            StoreError::Full => Ok(()),
            StoreError::Fatal(reason) => Err(StoreError::Fatal(format!("a checkpoint failed: {reason}"))),
            other => Err(StoreError::Fatal(format!("a checkpoint failed: {other}"))),
        },
    }
}

/// The writer's hold on the thread that copies.
pub(crate) struct Checkpointer {
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
    /// Length of the log at which the writer next tries to finish.
    finish_at: u32,
}

impl Checkpointer {
    /// Starts the thread. `file` is the database itself, for the fsync; it stays open until the thread ends, which is
    /// before the connections close: closing it earlier would drop the locks that they hold on the same file.
    pub(crate) fn spawn(
        connection: Connection,
        file: File,
        wal: Arc<WalPages>,
        shared: Arc<Shared>,
    ) -> std::io::Result<Self> {
        let (bell, rings) = sync_channel(1);
        let run = move || turns(&connection, &file, &rings, &wal, &shared);
        let thread = std::thread::Builder::new().name("wigwag-checkpoint".into()).spawn(run)?;
        Ok(Self { bell, thread, finish_at: CHECKPOINT_RESET_PAGES })
    }

    /// Called by the writer between two groups.
    pub(crate) fn after_commit(&mut self, connection: &Connection, wal: &WalPages) -> Result<(), StoreError> {
        let (logged, left) = wal.read();
        if logged < CHECKPOINT_RESET_PAGES {
            self.finish_at = CHECKPOINT_RESET_PAGES;
        }
        let turn = match logged {
            _ if logged < self.finish_at => None,
            CHECKPOINT_FORCE_PAGES.. => Some(wal.turn.lock()),
            _ if left <= CHECKPOINT_FINISH_PAGES => wal.turn.try_lock(),
            _ => None,
        };
        if let Some(_turn) = turn {
            // A reader may keep the log from beginning anew: not again before it has grown by a step.
            self.finish_at = logged.saturating_add(CHECKPOINT_STEP_PAGES);
            return copy(connection, wal);
        }
        if left >= CHECKPOINT_STEP_PAGES {
            // One ring that was not heard yet is enough.
            let _ = self.bell.try_send(());
        }
        Ok(())
    }

    /// Ends the thread.
    pub(crate) fn stop(self) {
        drop(self.bell);
        // It ended by itself or by a panic that is told elsewhere.
        let _ = self.thread.join();
    }
}

fn turns(connection: &Connection, file: &File, rings: &Receiver<()>, wal: &WalPages, shared: &Shared) {
    while rings.recv().is_ok() {
        let _turn = wal.turn.lock();
        // SQLite syncs the file only when it has copied everything, which would be on the writer's turn.
        let synced = copy(connection, wal).and_then(|()| {
            file.sync_data()
                .map_err(|error| StoreError::Fatal(format!("a checkpoint's fsync failed: {error}")))
        });
        if let Err(error) = synced {
            shared.lanes.fail(&error.to_string());
            return;
        }
    }
}
