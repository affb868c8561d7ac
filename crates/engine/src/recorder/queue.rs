//! What was submitted and is not durable yet.

use super::pace::Pace;
use super::{Entry, Unmade};
use crate::limits::{
    RECORD_BYTES_PER_COMMIT_MAX, RECORD_COMPANY, RECORD_COMPANY_MAX, RECORDS_PER_COMMIT_MAX,
};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Notify, mpsc, oneshot};
use wigwag_ports::deliveries::{DeliveryChange, Record};

/// A queue's two ends.
pub(super) fn new() -> (Queue, Taken) {
    let (sender, items) = mpsc::unbounded_channel();
    let counts = Arc::new(Counts::default());
    (Queue { items: sender, counts: counts.clone() }, Taken { queued: items, counts, first: VecDeque::new() })
}

/// The end at which results come in.
pub(super) struct Queue {
    items: mpsc::UnboundedSender<Item>,
    counts: Arc<Counts>,
}

/// The end at which they are taken.
pub(super) struct Taken {
    queued: mpsc::UnboundedReceiver<Item>,
    counts: Arc<Counts>,
    /// What was taken from the queue, oldest first.
    first: VecDeque<Item>,
}

/// Of what is not durable yet.
#[derive(Default)]
struct Counts {
    all: AtomicUsize,
    hurrying: AtomicUsize,
    /// Rung when there is reason to wait no longer.
    bell: Notify,
}

/// What lies in the queue.
pub(super) enum Item {
    /// A result.
    Entry(Box<Entry>),
    /// Told when all before it is durable.
    Flush(oneshot::Sender<()>),
}

impl Item {
    /// Whether somebody waits for it.
    fn hurries(&self) -> bool {
        match self {
            Self::Entry(entry) => entry.hurries,
            Self::Flush(_) => true,
        }
    }
}

impl Queue {
    /// Appends an item; it is dropped if the recorder has ended.
    pub(super) fn send(&self, item: Item) {
        let hurrying = usize::from(item.hurries());
        self.counts.hurrying.fetch_add(hurrying, Ordering::Relaxed);
        let before = self.counts.all.fetch_add(1, Ordering::Relaxed);
        let _ = self.items.send(item);
        if hurrying > 0 || before + 1 == RECORD_COMPANY {
            self.counts.bell.notify_one();
        }
    }
}

impl Taken {
    /// Returns when there is something to write: many results, one that somebody waits for, or some that have lain long
    /// enough. `false` when nobody can submit any more.
    pub(super) async fn gather(&mut self) -> bool {
        if self.first.is_empty() {
            match self.queued.recv().await {
                Some(item) => self.first.push_back(item),
                None => return false,
            }
            let long_enough = tokio::time::sleep(RECORD_COMPANY_MAX);
            tokio::pin!(long_enough);
            while self.is_patient() {
                tokio::select! {
                    () = self.counts.bell.notified() => {}
                    () = &mut long_enough => break,
                }
            }
        }
        while self.first.len() < RECORDS_PER_COMMIT_MAX
            && let Ok(item) = self.queued.try_recv()
        {
            self.first.push_back(item);
        }
        true
    }

    fn is_patient(&self) -> bool {
        self.counts.hurrying.load(Ordering::Relaxed) == 0
            && self.counts.all.load(Ordering::Relaxed) < RECORD_COMPANY
    }

    /// How what there is should be written.
    pub(super) fn pace(&self) -> Pace {
        let hurries = self.counts.hurrying.load(Ordering::Relaxed) > 0;
        Pace { hurries, waiting: self.counts.all.load(Ordering::Relaxed) }
    }

    /// The first records, at most `limit`, fewer if they are large: large bodies must not make a transaction that the store
    /// never has room for. Bodies that hooks' templates make are made here.
    pub(super) async fn first_records(&mut self, limit: usize) -> Vec<Record> {
        let (mut records, mut bytes_all) = (Vec::new(), 0);
        for item in &mut self.first {
            let Item::Entry(entry) = item else { continue };
            if records.len() == limit {
                break;
            }
            make_body(entry).await;
            let bytes = bytes(&entry.record);
            if !records.is_empty() && bytes_all + bytes >= RECORD_BYTES_PER_COMMIT_MAX {
                break;
            }
            records.push(entry.record.clone());
            bytes_all += bytes;
        }
        records
    }

    /// Takes out the first entries, and tells whoever waited for those before him to be durable.
    pub(super) fn remove_first(&mut self, mut count: usize) -> Vec<Entry> {
        let mut removed = Vec::with_capacity(count);
        while let Some(item) = self.first.pop_front_if(|item| count > 0 || matches!(item, Item::Flush(_))) {
            self.counts.all.fetch_sub(1, Ordering::Relaxed);
            self.counts.hurrying.fetch_sub(usize::from(item.hurries()), Ordering::Relaxed);
            match item {
                Item::Entry(entry) => {
                    removed.push(*entry);
                    count -= 1;
                }
                Item::Flush(done) => {
                    let _ = done.send(());
                }
            }
        }
        removed
    }
}

/// Makes the body of a row. One that cannot be made yet is left empty: it is made when it is sent, which tells its owner
/// why.
async fn make_body(entry: &mut Entry) {
    let unmade = entry.unmade.take();
    if let (Some(DeliveryChange::Put(row)), Some(Unmade { facts, payload })) =
        (&mut entry.record.delivery, unmade)
    {
        row.body = facts.body(&payload).await.unwrap_or_default();
    }
}

/// Bytes of the bodies that a record writes.
fn bytes(record: &Record) -> usize {
    let waits = match &record.delivery {
        Some(DeliveryChange::Put(delivery)) => delivery.body.len(),
        Some(DeliveryChange::Delivered { .. }) | None => 0,
    };
    let sent = record.attempt.as_ref().and_then(|attempt| attempt.request_body.bytes());
    waits + sent.map_or(0, Bytes::len)
}

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::{Item, Queue, Taken, new};
    use crate::limits::{RECORD_BYTES_PER_COMMIT_MAX, RECORD_COMPANY, RECORDS_PER_COMMIT_MAX};
    use bytes::Bytes;
    use std::time::Duration;
    use tokio::sync::oneshot::{self, error::TryRecvError};
    use wigwag_base::{AttemptId, EventId, HookId, ProjectId, Timestamp};
    use wigwag_hooks::{
        Attempt, AttemptKind, Delivery, DeliveryState, EventType, Failure, FailureClass, Outcome, SentBody,
    };
    use wigwag_ports::deliveries::{DeliveryChange, Record};

    fn record(sent: usize, waits: usize) -> Record {
        let delivery = Delivery {
            event: EventId(1),
            hook: HookId(1),
            project: ProjectId(1),
            event_type: EventType::new("push").expect("fits the pattern"),
            body: Bytes::from(vec![b'x'; waits]),
            chain: None,
            accepted_at: Timestamp::from_secs(1),
            state: DeliveryState::Held,
            attempts: 0,
        };
        let attempt = Attempt {
            id: AttemptId(0),
            event: Some(EventId(1)),
            hook: HookId(1),
            project: Some(ProjectId(1)),
            event_type: delivery.event_type.clone(),
            kind: AttemptKind::First,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: if sent == 0 { SentBody::Payload } else { SentBody::Own(vec![b'x'; sent].into()) },
            started_at: Timestamp::from_secs(1),
            duration: Duration::ZERO,
            outcome: Outcome::Failure(Failure::without_answer(FailureClass::Timeout, String::new())),
        };
        let delivery = Some(DeliveryChange::Put(delivery));
        Record { attempt: Some(attempt), delivery, ..Record::default() }
    }

    fn send(queue: &Queue, record: Record) {
        queue.send(Item::Entry(Box::new(Entry::of(record))));
    }

    /// As the recorder does, with a store that writes all that it is offered; how many at a time.
    async fn write_all(taken: &mut Taken) -> Vec<usize> {
        let mut lengths = Vec::new();
        while taken.gather().await {
            let records = taken.first_records(taken.pace().offers()).await.len();
            lengths.push(records);
            assert_eq!(taken.remove_first(records).len(), records);
        }
        lengths
    }

    #[tokio::test]
    async fn large_bodies_part_what_is_offered_and_keep_its_order() {
        let check = async |sizes: &[(usize, usize)], lengths: &[usize]| {
            let (queue, mut taken) = new();
            for (sent, waits) in sizes {
                send(&queue, record(*sent, *waits));
            }
            drop(queue);
            assert_eq!(write_all(&mut taken).await, lengths, "{sizes:?}");
        };
        let third = RECORD_BYTES_PER_COMMIT_MAX / 3 + 1;
        check(&[], &[]).await;
        check(&[(0, 0); 100], &[RECORD_COMPANY, 36]).await;
        check(&[(0, third); 4], &[2, 2]).await;
        check(&[(third, 0); 4], &[2, 2]).await;
        check(&[(third, third), (0, third)], &[1, 1]).await;
        check(&[(0, 2 * RECORD_BYTES_PER_COMMIT_MAX), (0, 1), (1, 0)], &[1, 2]).await;
    }

    #[tokio::test]
    async fn no_more_is_taken_than_a_transaction_may_write() {
        let (queue, mut taken) = new();
        for _ in 0..10 * RECORDS_PER_COMMIT_MAX {
            send(&queue, Record::default());
        }
        assert!(taken.gather().await);
        assert_eq!(taken.first.len(), RECORDS_PER_COMMIT_MAX);
        assert_eq!(taken.first_records(taken.pace().offers()).await.len(), RECORDS_PER_COMMIT_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn few_results_wait_for_company_unless_one_hurries() {
        let check = async |count: usize, last: Option<Item>, waits_ms: u64| {
            let (queue, mut taken) = new();
            for _ in 0..count {
                send(&queue, Record::default());
            }
            if let Some(last) = last {
                queue.send(last);
            }
            let begin = tokio::time::Instant::now();
            assert!(taken.gather().await);
            assert_eq!(begin.elapsed(), Duration::from_millis(waits_ms), "{count}");
        };
        let hurries = || Item::Entry(Box::new(Entry { hurries: true, ..Entry::of(Record::default()) }));
        check(1, None, 80).await;
        check(RECORD_COMPANY - 1, None, 80).await;
        check(RECORD_COMPANY, None, 0).await;
        check(1, Some(hurries()), 0).await;
        check(0, Some(hurries()), 0).await;
        check(1, Some(Item::Flush(oneshot::channel().0)), 0).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_hurries_ends_the_wait_and_what_is_left_off_does_not_wait_again() {
        let (queue, mut taken) = new();
        send(&queue, Record::default());
        let begin = tokio::time::Instant::now();
        let (done, mut flushed) = oneshot::channel();
        let (gathered, ()) = tokio::join!(taken.gather(), async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            send(&queue, Record::default());
            queue.send(Item::Flush(done));
            send(&queue, Record::default());
        });
        assert!(gathered && taken.pace().hurries);
        assert_eq!(begin.elapsed(), Duration::from_millis(5));
        assert_eq!(taken.first_records(9).await.len(), 3);
        assert_eq!(taken.remove_first(1).len(), 1);
        assert!(taken.pace().hurries);
        assert_eq!(flushed.try_recv(), Err(TryRecvError::Empty), "one before it is not durable yet");
        assert_eq!(taken.remove_first(1).len(), 1);
        assert_eq!(flushed.try_recv(), Ok(()));
        assert!(!taken.pace().hurries && taken.gather().await);
        assert_eq!(begin.elapsed(), Duration::from_millis(5), "it waits no second time");
    }
}
