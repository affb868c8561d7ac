//! New events are what others wait for: results leave off for them, and they join a transaction that is under way.

#![allow(clippy::unwrap_used)]

use super::{Call, Group, Job, Lane, Lanes, Weight};
use crate::ports::RecordJob;
use crate::{DataKey, Options, SqliteStore};
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::Mutex;
use tokio::sync::oneshot;
use wigwag_base::{EventId, NodeEpoch};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{Record, Recorded};

type Answer = oneshot::Receiver<Result<(), StoreError>>;

/// A call with new events, which tells whether the transaction of another call was still open when it was run.
struct Events {
    other: Answer,
    joined: oneshot::Sender<bool>,
    has_joined: bool,
}

impl Job for Events {
    fn lane(&self) -> Lane {
        Lane::Intake
    }
    fn weight(&self) -> Weight {
        Weight { items: 1, bytes: 1 }
    }
    fn run(&mut self, _: &mut Group<'_>) -> Result<(), StoreError> {
        self.has_joined = matches!(self.other.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        Ok(())
    }
    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        self.joined.send(committed.is_ok() && self.has_joined).unwrap();
    }
}

fn events(other: Answer) -> (Box<Events>, oneshot::Receiver<bool>) {
    let (joined, answer) = oneshot::channel();
    (Box::new(Events { other, joined, has_joined: false }), answer)
}

#[tokio::test]
async fn new_events_join_the_transaction_that_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wigwag.db");
    let store = SqliteStore::open(&path, &Options::new(DataKey::new([7; 32]))).unwrap();
    let shared = Arc::clone(&store.shared);
    let late = Arc::new(Mutex::new(None));
    let comes = Arc::clone(&late);
    let (call, answer) = Call::new(move |_: &mut Group<'_>| {
        let job: Box<Events> = comes.lock().unwrap().take().unwrap();
        shared.lanes.push(job);
        Ok(())
    });
    let (job, joined) = events(answer);
    *late.lock().unwrap() = Some(job);
    store.push(Box::new(call));
    assert!(joined.await.unwrap());
}

#[test]
fn results_leave_off_for_new_events_after_those_that_must_be_written() {
    let connection = Connection::open_in_memory().unwrap();
    let written = |lanes: &Lanes, has_events, at_least| {
        let mut group = Group::begin(&connection, lanes, has_events, NodeEpoch(1), 0).unwrap();
        let records = (1..=5).map(|id| Record { settled: Some(EventId(id)), ..Record::default() }).collect();
        let (mut job, mut answer) = RecordJob::new(NodeEpoch(1), records, at_least);
        job.run(&mut group).unwrap();
        let settled = group.settled.clone();
        connection.execute_batch("ROLLBACK").unwrap();
        Box::new(job).answer(Ok(()));
        let recorded = answer.try_recv().unwrap().unwrap();
        assert!(recorded.iter().all(|recorded| matches!(recorded, Recorded::Written { .. })));
        assert!((1..).zip(&settled).all(|(expected, id)| *id == expected), "the first: {settled:?}");
        assert_eq!(recorded.len(), settled.len());
        settled.len()
    };
    let lanes = Lanes::new();
    for at_least in 0..7 {
        assert_eq!(written(&lanes, false, at_least), 5, "nobody waits");
        assert_eq!(
            written(&lanes, true, at_least),
            at_least.clamp(1, 5),
            "events of the same transaction wait"
        );
    }
    let (_other, answer) = oneshot::channel();
    let (job, _joined) = events(answer);
    lanes.push(job);
    for at_least in 0..7 {
        assert_eq!(written(&lanes, false, at_least), at_least.clamp(1, 5), "events that came meanwhile wait");
    }
}
