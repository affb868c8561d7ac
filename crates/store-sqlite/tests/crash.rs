//! What a crash leaves: the file and its log as they lay on the disk at some moment, also torn in the middle of a write.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, append, event, unsettled};
use std::path::Path;
use std::sync::Arc;
use wigwag_base::EventId;
use wigwag_ports::deliveries::Deliveries;
use wigwag_ports::intake::Intake;
use wigwag_ports::maintenance::Maintenance;

/// Copies the file and so much of its log as a crash would leave it, into a folder of its own. The log must be short of
/// the first checkpoint, so that the file itself does not move meanwhile.
fn crashed(folder: &Folder, log: &[u8]) -> Folder {
    let copy = Folder::new();
    std::fs::copy(folder.file(), copy.file()).unwrap();
    std::fs::write(copy.beside("-wal"), log).unwrap();
    copy
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Length of the log from which on the file itself moves.
const FIRST_CHECKPOINT_BYTES: usize = 4 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let store = Arc::new(store);
    let committers: Vec<_> = (0..8)
        .map(|_| {
            let (store, log) = (Arc::clone(&store), folder.beside("-wal"));
            tokio::spawn(async move {
                let mut moments = Vec::new();
                for _ in 0..12 {
                    let id = append(&store, event(project, vec![b'x'; 700])).await.unwrap();
                    // Until the first checkpoint the log only grows: its length is all that a crash now would leave.
                    moments.push((id.0, std::fs::metadata(&log).unwrap().len() as usize));
                }
                moments
            })
        })
        .collect();
    let mut moments = Vec::new();
    for committer in committers {
        moments.extend(committer.await.unwrap());
    }
    let log = read(&folder.beside("-wal"));
    assert!(log.len() < FIRST_CHECKPOINT_BYTES, "{}", log.len());
    for (acknowledged, length) in moments {
        let left = crashed(&folder, &log[..length]).open_after_crash().await;
        assert!(left >= acknowledged, "{left} events are left of {acknowledged} acknowledged ones");
    }
}

impl Folder {
    /// Opens what a crash left; the number of its events, which must be the first so many, each whole.
    async fn open_after_crash(&self) -> i64 {
        let store = self.open();
        let ids = unsettled(&store).await;
        for (n, id) in (1..).zip(&ids) {
            assert_eq!(*id, EventId(n), "a gap");
        }
        if let Some(last) = ids.last() {
            assert_eq!(store.event(*last).await.unwrap().unwrap().payload.len(), 700);
        }
        store.ready().await.unwrap();
        ids.len() as i64
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_torn_anywhere_opens_and_holds_whole_calls_only() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    for _ in 0..20 {
        store.append(vec![event(project, vec![b'x'; 700]); 5]).await.unwrap();
    }
    let log = read(&folder.beside("-wal"));
    let mut before = 0;
    // A stride that meets no page boundary twice.
    for cut in (0..log.len()).step_by(9973).chain([log.len()]) {
        let copy = crashed(&folder, &log[..cut]);
        let events = copy.open_after_crash().await;
        assert_eq!(events % 5, 0, "half of a call");
        assert!(events >= before, "a longer log holds less");
        before = events;
    }
    assert_eq!(before, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_bounded_beside_a_busy_writer() {
    let folder = Folder::new();
    let (store, project) = folder.with_project().await;
    let mut longest = 0;
    for _ in 0..60 {
        store.append(vec![event(project, vec![b'x'; 1000]); 2000]).await.unwrap();
        longest = std::fs::metadata(folder.beside("-wal")).unwrap().len().max(longest);
    }
    // 120 MB of events went through it.
    assert!(longest < 100 << 20, "the log grew to {longest} bytes");
    assert_eq!(store.unsettled(EventId(0), 1).await.unwrap().len(), 1);
    store.close().await.unwrap();
    assert!(std::fs::metadata(folder.file()).unwrap().len() > 120_000_000);
}
