use super::lane::{Backlog, Reading};
use super::{Committed, Message, dispatcher::Dispatcher};
use crate::Engine;
use crate::limits::READ_RETRY_AFTER;
use crate::recorder::Entry;
use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;
use wigwag_base::{EventId, HookId, Timestamp};
use wigwag_hooks::{Delivery, DeliveryState, Ordering};
use wigwag_ports::deliveries::{Backlog as Page, DeliveryChange, Record, Waited, WaitingHook, WaitingQuery};

impl Dispatcher {
    /// A hook has waiting deliveries, as the start found.
    pub(super) fn wake_waiting(&mut self, waiting: WaitingHook) {
        match self.lanes.get_mut(&waiting.hook) {
            Some(lane) => {
                // What it counts already was written after the start.
                lane.backlog.count += waiting.count;
                lane.backlog.expect(waiting.next_due);
                lane.look_for_the_oldest();
                self.kick(waiting.hook);
            }
            None => {
                self.found_waiting.insert(waiting.hook, waiting);
                self.read_hook(waiting.hook);
            }
        }
    }

    /// More or fewer wait than before. What the store says of a hook in memory lacks what is being written, so that its own
    /// count moves by the difference.
    pub(super) fn recounted(&mut self, waiting: WaitingHook, by: i64) {
        let (id, next_due) = (waiting.hook, waiting.next_due);
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.backlog.count = lane.backlog.count.saturating_add_signed(by);
            lane.backlog.expect(next_due);
            lane.look_for_the_oldest();
            self.engine.inner.watch.waiting(id, lane.backlog.count);
            self.kick(id);
        } else if let Some(found) = self.found_waiting.get_mut(&id) {
            found.count = found.count.saturating_add_signed(by);
            found.next_due = found.next_due.min(next_due);
        } else {
            self.found_waiting.insert(id, waiting);
            self.read_hook(id);
        }
    }

    /// Begins to read the oldest rows of a hook that could be sent at `at`.
    /// Not while the store takes no results: what would be sent then could not be kept, and would be sent again.
    pub(super) fn read_backlog(&mut self, id: HookId, at: Timestamp, rows: u32) {
        if self.engine.inner.healthy_store.borrow().is_some() {
            return self.wake_at(self.now() + READ_RETRY_AFTER, id);
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.backlog.reading = Reading::Yes { ended: HashSet::new() };
        lane.backlog.due = None;
        let query = WaitingQuery { hook: id, at, limit: rows, except: lane.backlog.taken.clone() };
        tokio::spawn(read(self.engine.clone(), query));
    }

    /// A delivery arrived that somebody sent by hand: what lies ready of it goes. One that is under way may arrive twice,
    /// under one id, and however it ends, it has arrived.
    pub(super) fn arrived(&mut self, id: HookId, event: EventId, waited: Waited) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.backlog.ended_elsewhere(event);
        if waited == Waited::Yes {
            lane.backlog.count = lane.backlog.count.saturating_sub(1);
        }
        lane.look_for_the_oldest();
        self.engine.inner.watch.waiting(id, lane.backlog.count);
        self.kick(id);
    }

    /// What became of a row is durable.
    pub(super) fn committed(&mut self, committed: Committed) {
        let Some(lane) = self.lanes.get_mut(&committed.hook) else { return };
        if lane.backlog.overtaken.remove(&committed.event) {
            return self.undo(&committed);
        }
        lane.backlog.committed(committed.event, committed.due);
        if lane.is_ordered() && committed.due.is_some() {
            lane.came_late(committed.event);
        }
        // Again: rows that were kept while the hook's change of health was written were not told of.
        self.engine.inner.watch.waiting(committed.hook, lane.backlog.count);
        self.kick(committed.hook);
    }

    /// A row was written behind the end that another hand had given its delivery: it goes again.
    fn undo(&mut self, committed: &Committed) {
        let Committed { hook, event, due } = *committed;
        let Some(lane) = self.lanes.get_mut(&hook) else { return };
        if due.is_none() {
            // Its end was counted twice.
            lane.backlog.count += 1;
        }
        let delivery = Some(DeliveryChange::Delivered { hook, event });
        self.record(Entry::of(Record { delivery, ..Record::default() }).of_row(hook, event, None));
    }

    pub(super) fn backlog_read(&mut self, id: HookId, page: Page) {
        let now = self.now();
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let found = page.rows.len();
        let news = lane.backlog.learn(page, lane.facts.hook.ordering, now);
        if found == 0 && lane.backlog.due.is_none() && lane.backlog.taken.is_empty() {
            lane.backlog.count = 0;
        }
        self.give_back_if_closed(id, now);
        let Some(lane) = self.lanes.get(&id) else { return };
        match news {
            // What was found is under way or being written, which wakes the lane; else look again soon.
            News::Nothing if !lane.has_job() && !lane.backlog.is_due(now) => {
                self.wake_at(now + READ_RETRY_AFTER, id);
            }
            // What waited behind the page, or came while it was read, goes on at once.
            News::Nothing | News::Overtaken | News::Rows => self.kick(id),
        }
    }
}

/// Reads a page as soon as the store answers, and tells the dispatcher.
async fn read(engine: Engine, query: WaitingQuery) {
    let inner = &engine.inner;
    while !inner.stopping.load(Relaxed) {
        if let Ok(page) = inner.store.waiting(query.clone()).await {
            return inner.dispatch.tell(Message::Backlog(query.hook, page));
        }
        tokio::time::sleep(READ_RETRY_AFTER).await;
    }
}

/// What a page told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum News {
    /// Rows that were not in memory.
    Rows,
    /// No row, but results were committed while it was read: it may be older than they are.
    Overtaken,
    /// Nothing.
    Nothing,
}

impl Backlog {
    /// A page came: what is not in memory yet is ready now. Where the order counts and an older row was written while it
    /// was read, it is read again.
    fn learn(&mut self, page: Page, ordering: Ordering, now: Timestamp) -> News {
        let before = self.rows.len();
        let ended = match std::mem::take(&mut self.reading) {
            Reading::Yes { ended } => ended,
            Reading::No => HashSet::new(),
        };
        for row in page.rows {
            if !ended.contains(&row.event) && self.taken.insert(row.event) {
                self.rows.push_back(row);
            }
        }
        if page.more {
            self.expect(now);
        }
        if let Some(due) = page.next_due {
            self.expect(due);
        }
        let is_behind = |youngest: &Delivery| ended.iter().any(|event| *event < youngest.event);
        if ordering == Ordering::Strict && self.rows.back().is_some_and(is_behind) {
            self.give_back();
            return News::Overtaken;
        }
        match (self.rows.len() > before, ended.is_empty()) {
            (true, _) => News::Rows,
            (false, false) => News::Overtaken,
            (false, true) => News::Nothing,
        }
    }

    /// Whether a row that is not in memory can be sent at `now`.
    fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// Forgets the rows that lie ready for a hook that may not be called: the store has them, and what it expires
    /// meanwhile must not go out.
    pub(super) fn give_back(&mut self) {
        self.give_back_but(0);
    }

    /// The same, but for the oldest so many.
    pub(super) fn give_back_but(&mut self, keep: usize) {
        for row in self.rows.split_off(keep.min(self.rows.len())) {
            self.taken.remove(&row.event);
            self.expect(Timestamp::from_millis(0));
        }
    }

    /// A row ended by another hand than the dispatcher's.
    fn ended_elsewhere(&mut self, event: EventId) {
        let ready = self.rows.len();
        self.rows.retain(|row| row.event != event);
        if self.rows.len() < ready {
            self.taken.remove(&event);
        } else if self.taken.contains(&event) {
            self.overtaken.insert(event);
        }
        if let Reading::Yes { ended } = &mut self.reading {
            ended.insert(event);
        }
    }

    /// A change of a row is durable: it is not in memory any more, and a page that is being read may be older.
    pub(super) fn committed(&mut self, event: EventId, due: Option<Timestamp>) {
        self.taken.remove(&event);
        if let Reading::Yes { ended } = &mut self.reading {
            ended.insert(event);
        }
        if let Some(due) = due {
            self.expect(due);
        }
    }
}

/// When a row in this state may be sent; `None` if it never will be.
pub(super) fn due_of(state: DeliveryState) -> Option<Timestamp> {
    match state {
        DeliveryState::Retrying { due } => Some(due),
        DeliveryState::Pending | DeliveryState::Held | DeliveryState::InFlight => {
            Some(Timestamp::from_millis(0))
        }
        DeliveryState::Delivered
        | DeliveryState::GivenUp
        | DeliveryState::Skipped(_)
        | DeliveryState::Expired(_)
        | DeliveryState::Cancelled => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Backlog, News, Page, Reading};
    use bytes::Bytes;
    use std::collections::HashSet;
    use wigwag_base::{EventId, HookId, ProjectId, Timestamp};
    use wigwag_hooks::{Delivery, DeliveryState, EventType, Ordering};
    use wigwag_ports::deliveries::BACKLOG_PAGE_BYTES_MAX;

    fn row(event: i64) -> Delivery {
        Delivery {
            event: EventId(event),
            hook: HookId(1),
            project: ProjectId(1),
            event_type: EventType::new("push").unwrap(),
            body: Bytes::new(),
            chain: None,
            accepted_at: Timestamp::from_secs(event),
            state: DeliveryState::Held,
            attempts: 0,
        }
    }

    fn page(events: &[i64]) -> Page {
        Page { rows: events.iter().copied().map(row).collect(), ..Page::default() }
    }

    fn ready(backlog: &Backlog) -> Vec<i64> {
        backlog.rows.iter().map(|row| row.event.0).collect()
    }

    #[test]
    fn a_page_that_is_older_than_a_result_does_not_bring_the_row_back() {
        let now = Timestamp::from_secs(100);
        let mut backlog = Backlog::default();
        backlog.learn(page(&[1, 2]), Ordering::Any, now);
        backlog.reading = Reading::Yes { ended: Default::default() };
        backlog.committed(EventId(1), None);
        backlog.learn(page(&[1, 2, 3]), Ordering::Any, now);
        assert_eq!(ready(&backlog), [1, 2, 3], "1 and 2 are from the first page; only 3 is new");
    }

    #[test]
    fn a_page_that_a_result_overtook_says_so() {
        let now = Timestamp::from_secs(100);
        let mut backlog = Backlog::default();
        backlog.taken.insert(EventId(1));
        backlog.reading = Reading::Yes { ended: Default::default() };
        assert_eq!(backlog.learn(page(&[1]), Ordering::Any, now), News::Nothing, "its result will come");
        backlog.reading = Reading::Yes { ended: Default::default() };
        backlog.committed(EventId(1), Some(now));
        assert_eq!(backlog.learn(page(&[1]), Ordering::Any, now), News::Overtaken);
        assert_eq!(backlog.due, Some(now), "it can be sent, and the next page brings it");
    }

    #[test]
    fn what_ended_elsewhere_is_not_sent_and_a_page_does_not_bring_it_back() {
        let now = Timestamp::from_secs(100);
        let mut backlog = Backlog::default();
        backlog.learn(page(&[1, 2]), Ordering::Any, now);
        backlog.taken.insert(EventId(3));
        backlog.reading = Reading::Yes { ended: Default::default() };
        backlog.ended_elsewhere(EventId(1));
        backlog.ended_elsewhere(EventId(3));
        backlog.learn(page(&[1, 3, 4]), Ordering::Any, now);
        assert_eq!(ready(&backlog), [2, 4]);
        assert!(backlog.taken.contains(&EventId(3)), "it is under way still");
        assert_eq!(backlog.overtaken, [EventId(3)].into(), "and its result is of no account");
    }

    #[test]
    fn what_is_given_back_is_read_again() {
        let now = Timestamp::from_secs(100);
        let mut backlog = Backlog::default();
        backlog.learn(page(&[1, 2]), Ordering::Any, now);
        backlog.give_back();
        assert!(backlog.rows.is_empty() && backlog.taken.is_empty());
        assert_eq!(backlog.learn(page(&[2]), Ordering::Any, now), News::Rows);
    }

    #[test]
    fn where_the_order_counts_a_page_without_an_older_row_is_read_again() {
        let now = Timestamp::from_secs(100);
        let check = |ordering, written: i64, ready_then: &[i64]| {
            let reading = Reading::Yes { ended: HashSet::new() };
            let mut backlog = Backlog { reading, ..Backlog::default() };
            backlog.committed(EventId(written), Some(now));
            backlog.learn(page(&[2, 4]), ordering, now);
            assert_eq!((ready(&backlog), backlog.due.is_some()), (ready_then.to_vec(), true), "{written}");
        };
        check(Ordering::Any, 3, &[2, 4]);
        check(Ordering::Strict, 3, &[]);
        check(Ordering::Strict, 1, &[]);
        check(Ordering::Strict, 5, &[2, 4]);
    }

    #[test]
    fn no_page_is_read_beside_rows_that_are_many_or_large() {
        let now = Timestamp::from_secs(100);
        let check = |sizes: &[usize], wants| {
            let large = |size: &usize| Delivery { body: vec![b'x'; *size].into(), ..row(1) };
            let rows = sizes.iter().map(large).collect();
            let backlog = Backlog { rows, due: Some(now), ..Backlog::default() };
            assert_eq!(backlog.wants_page(now), wants, "{}", sizes.len());
        };
        check(&[], true);
        check(&[1; 15], true);
        check(&[1; 16], false);
        check(&[BACKLOG_PAGE_BYTES_MAX - 1], true);
        check(&[BACKLOG_PAGE_BYTES_MAX - 1, 1], false);
    }

    #[test]
    fn a_page_that_left_some_out_is_followed_by_another() {
        let now = Timestamp::from_secs(100);
        let check = |more, next_due, due| {
            let mut backlog = Backlog::default();
            backlog.learn(Page { more, next_due, ..page(&[1, 2]) }, Ordering::Any, now);
            assert_eq!(backlog.due, due);
        };
        let later = Some(Timestamp::from_secs(200));
        check(false, None, None);
        check(false, later, later);
        check(true, later, Some(now));
    }
}
