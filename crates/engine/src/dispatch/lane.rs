use super::{HookFacts, fair::Root, fresh::Fresh, ramp::Ramp, rate::RateWindow};
use crate::limits::{BYTES_PER_UNIT, IN_FLIGHT_UNPROVEN_MAX};
use bytes::Bytes;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use wigwag_base::{EventId, HookId, Timestamp};
use wigwag_hooks::health::HealthRecord;
use wigwag_hooks::{Delivery, DeliveryState, Event, EventType, Ordering, pushed_branch};
use wigwag_ports::deliveries::BACKLOG_PAGE_BYTES_MAX;

/// Everything that the dispatcher knows of one hook. The slots belong to the hook, never to a message.
pub(super) struct Lane {
    /// The hook, prepared for sending.
    pub(super) facts: Arc<HookFacts>,
    /// Its health, ahead of the store by what the recorder has not committed yet.
    pub(super) health: HealthRecord,
    /// Under which root its turns are counted.
    pub(super) root: Root,
    /// Deliveries that no row stands for yet, oldest first.
    pub(super) fresh: Fresh,
    /// What waits in the store.
    pub(super) backlog: Backlog,
    /// Requests under way.
    pub(super) in_flight: usize,
    /// How many may be under way after a recovery.
    pub(super) ramp: Ramp,
    /// How many went out in this minute.
    pub(super) rate: RateWindow,
    /// The oldest delivery of a hook that keeps the order of events, while it waits for a time; others wait behind it.
    pub(super) oldest_waits: Option<(EventId, Timestamp)>,
    /// Whether it stands in line for one of its host's slots, or for one of those that suspects share.
    pub(super) parked: bool,
    /// Whether its receiver answered the last request at all. A new one has still to show it.
    pub(super) proven: bool,
    /// No probe before this time, because the last one failed by our own side's fault.
    pub(super) probe_not_before: Timestamp,
    /// When the last answer came, or the first of the requests under way went out.
    pub(super) last_sign: Timestamp,
}

/// A hook's rows in the store, as far as they are in memory.
#[derive(Default)]
pub(super) struct Backlog {
    /// How many rows wait, those in memory included.
    pub(super) count: u64,
    /// The earliest time at which a row that is not in memory could be sent; `None` if there is none.
    pub(super) due: Option<Timestamp>,
    /// Rows read and ready, oldest first.
    pub(super) rows: VecDeque<Delivery>,
    /// Rows that are read, under way, or whose result is not committed yet: a page must not bring them again.
    pub(super) taken: HashSet<EventId>,
    /// Of those under way or being written, the ones that ended by another hand meanwhile: their result is of no account.
    pub(super) overtaken: HashSet<EventId>,
    /// Whether a page is being read.
    pub(super) reading: Reading,
}

/// Whether a page of a backlog is being read.
#[derive(Default)]
pub(super) enum Reading {
    /// No.
    #[default]
    No,
    /// Yes; these rows ended meanwhile, and the page may still hold them.
    Yes {
        /// Rows whose end was committed since the read began.
        ended: HashSet<EventId>,
    },
}

/// An accepted event that some hook's delivery keeps open.
#[derive(Debug)]
pub(crate) struct OpenEvent {
    /// The event.
    pub(crate) event: Event,
    open: AtomicU32,
    branch: OnceLock<Option<String>>,
}

impl OpenEvent {
    /// What this event counts for in memory: one, and one more for each [`BYTES_PER_UNIT`] of its payload.
    pub(super) fn weight(&self) -> usize {
        weight(&self.event)
    }

    /// An event whose deliveries begin; one is counted for the fan-out itself.
    pub(super) fn begin(event: Event) -> Arc<Self> {
        Arc::new(Self { event, open: AtomicU32::new(1), branch: OnceLock::new() })
    }

    /// The branch that it pushes, read once for all hooks.
    pub(super) fn branch(&self) -> Option<&str> {
        self.branch.get_or_init(|| pushed_branch(&self.event.payload)).as_deref()
    }

    /// One more delivery.
    pub(super) fn open(&self) {
        self.open.fetch_add(1, Relaxed);
    }

    /// A delivery has ended or gets a row with the record that is being made; the last one's record settles the event.
    #[must_use]
    pub(super) fn close(&self) -> Option<EventId> {
        (self.open.fetch_sub(1, Relaxed) == 1).then_some(self.event.id)
    }
}

/// What an event counts for in memory.
pub(super) fn weight(event: &Event) -> usize {
    1 + event.payload.len() / BYTES_PER_UNIT
}

/// One delivery to send.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    /// Straight from intake; no row stands for it.
    Fresh(Arc<OpenEvent>),
    /// From the backlog.
    Row(Box<Delivery>),
}

impl Job {
    /// The event's id.
    pub(crate) fn event_id(&self) -> EventId {
        match self {
            Self::Fresh(open) => open.event.id,
            Self::Row(row) => row.event,
        }
    }

    /// The event's type.
    pub(crate) fn event_type(&self) -> &EventType {
        match self {
            Self::Fresh(open) => &open.event.event_type,
            Self::Row(row) => &row.event_type,
        }
    }

    /// Attempts so far that counted against its retries.
    pub(crate) fn attempts(&self) -> u32 {
        match self {
            Self::Fresh(_) => 0,
            Self::Row(row) => row.attempts,
        }
    }

    /// The delivery as a row in `state`, with these bytes. They are empty where the hook's template has made none yet: then
    /// they are made when somebody sends it after all.
    pub(super) fn row(&self, hook: HookId, state: DeliveryState, attempts: u32, body: Bytes) -> Delivery {
        match self {
            Self::Fresh(open) => Delivery {
                event: open.event.id,
                hook,
                project: open.event.project,
                event_type: open.event.event_type.clone(),
                body,
                chain: open.event.chain,
                accepted_at: open.event.accepted_at,
                state,
                attempts,
            },
            Self::Row(row) => Delivery { state, attempts, body, ..(**row).clone() },
        }
    }
}

impl Lane {
    /// The lane of a hook without work.
    pub(super) fn new(facts: Arc<HookFacts>, root: Root, now: Timestamp) -> Self {
        Self {
            health: facts.hook.health.clone(),
            facts,
            root,
            fresh: Fresh::default(),
            backlog: Backlog::default(),
            in_flight: 0,
            ramp: Ramp::default(),
            rate: RateWindow::default(),
            oldest_waits: None,
            parked: false,
            proven: false,
            probe_not_before: now,
            last_sign: now,
        }
    }

    /// Whether nothing would be lost by forgetting this lane.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight == 0
            && self.fresh.is_empty()
            && !self.backlog.has_more()
            && self.backlog.taken.is_empty()
            && !self.health.state.is_failing()
            && matches!(self.backlog.reading, Reading::No)
    }

    /// How many requests may be under way at once.
    pub(super) fn width(&self, hook_max: usize) -> usize {
        if self.is_ordered() {
            return 1;
        }
        let width = self.ramp.width(hook_max);
        if self.proven { width } else { width.min(IN_FLIGHT_UNPROVEN_MAX) }
    }

    /// Whether its events go out in their order.
    pub(super) fn is_ordered(&self) -> bool {
        self.facts.hook.ordering == Ordering::Strict
    }

    /// Whether requests are under way and no answer came for long.
    pub(super) fn is_slow(&self, now: Timestamp) -> bool {
        self.in_flight > 0 && now.since(self.last_sign) > crate::limits::SLOW_AFTER
    }

    /// What goes out next: the oldest event that is in memory, unless older ones are just being read.
    pub(super) fn take(&mut self) -> Option<Job> {
        let row = self.backlog.rows.front().map(|row| row.event);
        let fresh = self.fresh.first();
        match (row, fresh) {
            (Some(row), Some(fresh)) if fresh < row => self.fresh.pop_front().map(Job::Fresh),
            (Some(_), _) => self.backlog.rows.pop_front().map(|row| Job::Row(Box::new(row))),
            (None, _) if self.backlog.is_reading() => None,
            (None, _) => self.fresh.pop_front().map(Job::Fresh),
        }
    }

    /// Whether [`Lane::take`] would give something.
    pub(super) fn has_job(&self) -> bool {
        !self.backlog.rows.is_empty() || !self.fresh.is_empty() && !self.backlog.is_reading()
    }
}

/// A page is read when fewer rows than this are left of the one before, and their bodies make no page of their own.
const PAGE_AT: usize = 16;

impl Backlog {
    /// Whether a page should be read at `now`.
    pub(super) fn wants_page(&self, now: Timestamp) -> bool {
        let bytes = || self.rows.iter().map(|row| row.body.len()).sum::<usize>();
        self.rows.len() < PAGE_AT
            && !self.is_reading()
            && self.due.is_some_and(|due| due <= now)
            && bytes() < BACKLOG_PAGE_BYTES_MAX
    }

    /// Whether a page is on its way, so that what is fresh must wait behind it.
    pub(super) fn is_reading(&self) -> bool {
        matches!(self.reading, Reading::Yes { .. })
    }

    /// Whether no page is on its way and, while no request is under way either, every row's result is committed.
    pub(super) fn is_settled(&self) -> bool {
        !self.is_reading() && self.taken.len() == self.rows.len()
    }

    /// Whether the store may have rows that are not in memory. The count alone does not tell it: it may be of a moment ago.
    pub(super) fn has_more(&self) -> bool {
        self.due.is_some() || self.count > 0
    }

    /// A row that is not in memory can be sent at `due`.
    pub(super) fn expect(&mut self, due: Timestamp) {
        self.due = Some(self.due.map_or(due, |at| at.min(due)));
    }
}

#[cfg(test)]
mod tests {
    use super::OpenEvent;
    use bytes::Bytes;
    use wigwag_base::{EventId, ProjectId, Timestamp};
    use wigwag_hooks::{Event, EventType};

    #[test]
    fn the_last_delivery_settles_the_event_once() {
        let open = OpenEvent::begin(Event {
            id: EventId(7),
            project: ProjectId(1),
            event_type: EventType::new("push").unwrap(),
            payload: Bytes::from_static(b"{}"),
            chain: None,
            accepted_at: Timestamp::from_secs(1),
        });
        open.open();
        open.open();
        assert_eq!([open.close(), open.close(), open.close()], [None, None, Some(EventId(7))]);
    }
}
