//! The writer's loop.

use super::checkpoint::{Checkpointer, WalPages};
use super::lanes::Work;
use super::{Group, Job, Lane, Lanes};
use crate::error::Outcome;
use crate::settled::Settled;
use parking_lot::Mutex;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, MAIN_DB};
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use wigwag_base::NodeEpoch;
use wigwag_ports::StoreError;

/// What callers, readers and the writer share.
pub(crate) struct Shared {
    pub(crate) lanes: Lanes,
    pub(crate) settled: Mutex<Settled>,
    /// The last commit found no room.
    pub(crate) full: AtomicBool,
}

/// The writer's own things.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) epoch: NodeEpoch,
    pub(crate) now_ms: i64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) wal: Arc<WalPages>,
    pub(crate) checkpointer: Checkpointer,
    /// Waited for at the end: a reader's connection would keep the log from being brought in.
    pub(crate) readers: Vec<JoinHandle<()>>,
    /// Held as long as the file is ours.
    pub(crate) lock: File,
}

/// What happens to new events that come while a group is being run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// They join it: else they would wait for one more commit.
    Joins,
    /// They wait: it is one call that may be at fault, and fails alone.
    Waits,
}

/// Fails the lanes when the thread ends in a way that nobody wrote.
struct Guard(Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lanes.fail("the writer ended by a programming error");
        }
    }
}

/// Starts the thread; it ends when the lanes are closed or failed.
pub(crate) fn spawn(writer: Writer) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("wigwag-writer".into()).spawn(move || writer.run())
}

impl Writer {
    fn run(mut self) {
        let _guard = Guard(Arc::clone(&self.shared));
        while let Work::Group(jobs) = self.shared.lanes.take() {
            self.commit(jobs);
            if let Err(error) = self.checkpointer.after_commit(&self.connection, &self.wal) {
                self.shared.lanes.fail(&error.to_string());
            }
        }
        self.end();
    }

    /// One group, or each of its calls alone if one of them broke it.
    fn commit(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        match self.try_commit(&mut jobs, Late::Joins) {
            Ok(()) => answer(jobs, &Ok(())),
            Err(error) if jobs.len() == 1 || concerns_all(&error) => self.refuse(jobs, error),
            Err(_) => {
                for job in jobs {
                    self.commit_alone(job);
                }
            }
        }
    }

    fn commit_alone(&mut self, job: Box<dyn Job>) {
        let mut jobs = vec![job];
        match self.try_commit(&mut jobs, Late::Waits) {
            Ok(()) => answer(jobs, &Ok(())),
            Err(error) => self.refuse(jobs, error),
        }
    }

    fn try_commit(&mut self, jobs: &mut Vec<Box<dyn Job>>, late: Late) -> Result<(), StoreError> {
        if let Some(error @ StoreError::Fatal(_)) = self.shared.lanes.refusal() {
            return Err(error);
        }
        let outcome = self.transact(jobs, late);
        if outcome.is_err() && !self.connection.is_autocommit() {
            let undone = self.connection.execute_batch("ROLLBACK");
            undone.map_err(|error| StoreError::Fatal(format!("a rollback failed: {error}")))?;
        }
        outcome
    }

    fn transact(&mut self, jobs: &mut Vec<Box<dyn Job>>, late: Late) -> Result<(), StoreError> {
        let has_events = jobs.iter().any(|job| job.lane() == Lane::Intake);
        let lanes = &self.shared.lanes;
        let mut group = Group::begin(&self.connection, lanes, has_events, self.epoch, self.now_ms)?;
        for job in jobs.iter_mut() {
            job.run(&mut group)?;
        }
        if late == Late::Joins {
            let came_in_time = jobs.len();
            jobs.extend(lanes.take_late(jobs));
            for job in &mut jobs[came_in_time..] {
                job.run(&mut group)?;
            }
        }
        group.finish(&self.shared.settled.lock())?;
        #[cfg(feature = "planted-faults")]
        crate::faults::linger_before_commit();
        group.commit()?;
        self.now_ms = group.now_ms;
        self.shared.full.store(false, Ordering::Relaxed);
        group.committed(&mut self.shared.settled.lock());
        Ok(())
    }

    fn refuse(&self, jobs: Vec<Box<dyn Job>>, error: StoreError) {
        match &error {
            StoreError::Full => self.shared.full.store(true, Ordering::Relaxed),
            StoreError::Fatal(reason) => self.shared.lanes.fail(reason),
            _ => {}
        }
        answer(jobs, &Err(error));
    }

    /// Brings the log into the file, unless the file can no longer be trusted.
    fn end(self) {
        let Self { connection, checkpointer, shared, readers, lock, .. } = self;
        checkpointer.stop();
        if !matches!(shared.lanes.refusal(), Some(StoreError::Fatal(_))) {
            for reader in readers {
                // Closed before the lanes were; it ended, or panicked and told so.
                let _ = reader.join();
            }
            // Both only spare the next start some work: all that they would write is durable in the log already.
            let _ = move_mark(&connection, &shared.settled.lock());
            let _ = connection.wal_checkpoint_v2(Some(MAIN_DB), CheckpointMode::TRUNCATE);
        }
        drop(connection);
        drop(lock);
    }
}

fn move_mark(connection: &Connection, settled: &Settled) -> Outcome<()> {
    let transaction = connection.unchecked_transaction()?;
    settled.write_move(connection)?;
    Ok(transaction.commit()?)
}

/// Those who published first: others wait for them.
fn answer(mut jobs: Vec<Box<dyn Job>>, outcome: &Result<(), StoreError>) {
    jobs.sort_by_key(|job| job.lane() != Lane::Intake);
    for job in jobs {
        job.answer(outcome.clone());
    }
}

/// Whether trying the calls one by one would only fail again.
fn concerns_all(error: &StoreError) -> bool {
    matches!(error, StoreError::Full | StoreError::Fatal(_))
}
