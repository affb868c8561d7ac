//! One transaction of the writer, with what must be done when it commits.

use crate::error::Fault;
use crate::limits::FIGURES_SLICE;
use crate::settled::{Move, Settled};
use crate::writer::Lanes;
use rusqlite::{CachedStatement, Connection, params};
use std::collections::BTreeMap;
use wigwag_base::NodeEpoch;
use wigwag_ports::StoreError;

/// An open transaction.
pub(crate) struct Group<'c> {
    pub(crate) connection: &'c Connection,
    lanes: &'c Lanes,
    /// New events are part of it.
    has_events: bool,
    /// The epoch of this start.
    pub(crate) epoch: NodeEpoch,
    /// The newest time that any call named, in ms: when what ends in this transaction ended.
    pub(crate) now_ms: i64,
    /// Ids of the events that are new.
    pub(crate) appended: Vec<i64>,
    /// Ids of the events that are settled.
    pub(crate) settled: Vec<i64>,
    /// Attempts by slice of time: (succeeded, failed).
    figures: BTreeMap<i64, (i64, i64)>,
    settled_row: Option<(i64, i64)>,
    moved: Option<Move>,
}

impl<'c> Group<'c> {
    /// Begins the transaction; whether new events will be part of it.
    pub(crate) fn begin(
        connection: &'c Connection,
        lanes: &'c Lanes,
        has_events: bool,
        epoch: NodeEpoch,
        now_ms: i64,
    ) -> Result<Self, Fault> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Self {
            connection,
            lanes,
            has_events,
            epoch,
            now_ms,
            appended: Vec::new(),
            settled: Vec::new(),
            figures: BTreeMap::new(),
            settled_row: None,
            moved: None,
        })
    }

    /// A prepared statement, kept by the connection.
    pub(crate) fn sql(&self, text: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.connection.prepare_cached(text)
    }

    /// Whether new events wait for this transaction, or for its end: what can wait should leave off.
    pub(crate) fn new_events_wait(&self) -> bool {
        self.has_events || self.lanes.new_events_wait()
    }

    /// Remembers a time that a call named.
    pub(crate) fn saw(&mut self, ms: i64) {
        self.now_ms = self.now_ms.max(ms);
    }

    /// Counts an attempt.
    pub(crate) fn count_attempt(&mut self, at_ms: i64, succeeded: bool) {
        let slice_ms = FIGURES_SLICE.as_millis() as i64;
        let counts = self.figures.entry(at_ms.div_euclid(slice_ms) * slice_ms).or_default();
        counts.0 += i64::from(succeeded);
        counts.1 += i64::from(!succeeded);
    }

    /// Opens the savepoint of one call.
    pub(crate) fn savepoint(&self) -> Result<(), StoreError> {
        self.execute("SAVEPOINT call")
    }

    /// Keeps what the call did.
    pub(crate) fn release(&self) -> Result<(), StoreError> {
        self.execute("RELEASE call")
    }

    /// Undoes what the call did.
    pub(crate) fn undo(&self) -> Result<(), StoreError> {
        self.execute("ROLLBACK TO call")?;
        self.execute("RELEASE call")
    }

    fn execute(&self, text: &str) -> Result<(), StoreError> {
        let run = || self.sql(text)?.execute([]);
        run().map(|_| ()).map_err(|error| Fault::Sql(error).into())
    }

    /// Commits: durable when it returns.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        self.execute("COMMIT").map_err(|error| match error {
            StoreError::Full => StoreError::Full,
            // Whether it is on the disk is not known: only a restart can tell.
            other => StoreError::Fatal(format!("a commit failed: {other}")),
        })
    }

    /// Writes what belongs to the whole group.
    pub(crate) fn finish(&mut self, settled: &Settled) -> Result<(), Fault> {
        self.settled_row = Settled::write(self.connection, &mut self.settled)?;
        if settled.wants_move() {
            self.moved = Some(settled.write_move(self.connection)?);
        }
        let mut statement = self.sql(
            "INSERT INTO figures (at, succeeded, failed) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE \
             SET succeeded = succeeded + ?2, failed = failed + ?3",
        )?;
        for (at, (succeeded, failed)) in &self.figures {
            statement.execute(params![at, succeeded, failed])?;
        }
        Ok(())
    }

    /// Takes over into memory what was committed.
    pub(crate) fn committed(self, settled: &mut Settled) {
        settled.committed(&self.appended, &self.settled, self.settled_row, self.moved);
    }
}
