//! The work: what was sent, what waits, what must be taken up again after a restart.

use crate::StoreError;
use async_trait::async_trait;
use std::collections::HashSet;
use wigwag_base::{EventId, HookId, NodeEpoch, ProjectId, Timestamp};
use wigwag_hooks::health::{HealthRecord, Transition};
use wigwag_hooks::{Attempt, Delivery, Event, EventType};

/// Keeps the results of the work.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Writes results, ONE transaction for all of them, durable when it returns. A record whose health change is
    /// stale is written without that change (and without its transition) and reported so; everything else of it stays.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if `epoch` is no longer this node's; nothing was written then, nor on any other error.
    async fn record(&self, epoch: NodeEpoch, records: Vec<Record>) -> Result<Vec<Recorded>, StoreError> {
        let all = records.len();
        self.record_at_least(epoch, records, all).await
    }

    /// As [`Self::record`], but after the first `at_least` the store may leave off, because new events wait to be written:
    /// what was written are as many of the first as the answer has. One is written in any case, if there is one.
    ///
    /// # Errors
    /// As [`Self::record`].
    async fn record_at_least(
        &self,
        epoch: NodeEpoch,
        records: Vec<Record>,
        at_least: usize,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// The waiting deliveries of a hook that could be sent, oldest event first, and when the next of the others falls due.
    /// Of large ones there are fewer than asked for: no more once their bodies have [`BACKLOG_PAGE_BYTES_MAX`] together.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting(&self, query: WaitingQuery) -> Result<Backlog, StoreError>;

    /// The oldest deliveries of `hook` that wait, whenever they may be sent, at most `limit`, without their bodies.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn oldest_waiting(&self, hook: HookId, limit: u32) -> Result<Vec<Delivery>, StoreError>;

    /// Every hook that has waiting deliveries, read once at start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting_hooks(&self) -> Result<Vec<WaitingHook>, StoreError>;

    /// Events whose settled mark is missing, ids above `after`, rising, at most `limit`: what a restart fans out again. There
    /// may be more above a page that is shorter; above an empty one there are none.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn unsettled(&self, after: EventId, limit: u32) -> Result<Vec<Unsettled>, StoreError>;

    /// One event, while it is kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn event(&self, id: EventId) -> Result<Option<Event>, StoreError>;

    /// Deliveries that could wait once more, above `after`, rising, at most `limit`. Tests are none.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn replayable(
        &self,
        filter: ReplayFilter,
        after: DeliveryKey,
        limit: u32,
    ) -> Result<Vec<DeliveryKey>, StoreError>;

    /// Lets these deliveries wait once more from their beginning, as pending, with the bytes that they had. What waits
    /// already, and what belongs to a hook or an event that is gone, is left alone. Returns how many wait now that did
    /// not before.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn replay(&self, deliveries: Vec<DeliveryKey>) -> Result<u64, StoreError>;

    /// The earlier events of a chain, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn chain(&self, query: ChainQuery) -> Result<Vec<ChainedEvent>, StoreError>;

    /// Ends the waiting deliveries of `hook` whose event is older than `accepted_before`, and of the others the oldest
    /// ones above `count_max`, as expired; at most `limit` in one call. Returns how many were ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn expire(
        &self,
        hook: HookId,
        accepted_before: Timestamp,
        count_max: u64,
        limit: u32,
    ) -> Result<u64, StoreError>;
}

/// Which deliveries wait once more. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayFilter {
    /// Whose.
    pub of: ReplayOf,
    /// That ended so.
    pub state: Replayable,
    /// Of events of this type.
    pub event_type: Option<String>,
    /// Of events accepted at or after this.
    pub since: Option<Timestamp>,
    /// Of events accepted before this.
    pub until: Option<Timestamp>,
}

/// Whose deliveries may wait once more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplayOf {
    /// Those of one project's events for some hooks.
    Project(ProjectId, Vec<HookId>),
    /// Those for one hook, of whichever projects' events.
    Hook(HookId),
}

/// How a delivery ended that may wait once more. A cancelled one has no hook to wait for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Replayable {
    /// Its retries were used up.
    GivenUp,
    /// Its hook was paused or off.
    Skipped,
    /// Its hook heard an earlier event of the chain, or too many hooks did: sent after all, it may go round again.
    Recursion,
    /// It waited too long, or too much waited.
    Expired,
    /// It arrived.
    Delivered,
}

impl Replayable {
    /// All of them.
    pub const ALL: [Replayable; 5] =
        [Self::GivenUp, Self::Skipped, Self::Expired, Self::Delivered, Self::Recursion];

    /// The state's stable word; of [`Replayable::Recursion`] that of its reason.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GivenUp => "given_up",
            Self::Skipped => "skipped",
            Self::Expired => "expired",
            Self::Delivered => "delivered",
            Self::Recursion => "recursion",
        }
    }
}

/// One delivery, by its key. Ordered by event, then by hook.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DeliveryKey {
    /// The event.
    pub event: EventId,
    /// The hook.
    pub hook: HookId,
}

/// Which events of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainQuery {
    /// The chain.
    pub chain: [u8; 16],
    /// The event that began it, if it is one of ours; it does not carry the chain itself.
    pub root: Option<EventId>,
    /// Those before this one.
    pub before: EventId,
    /// Accepted at or after this.
    pub since: Timestamp,
    /// At most so many.
    pub limit: u32,
}

/// An event of a chain, without its payload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainedEvent {
    /// Its id.
    pub event: EventId,
    /// Where it happened.
    pub project: ProjectId,
    /// What happened.
    pub event_type: EventType,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

/// One result. Every part is optional: a skipped event has no attempt, a success on a healthy hook moves no health.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Record {
    /// What was sent and came back.
    pub attempt: Option<Attempt>,
    /// What becomes of the delivery's row.
    pub delivery: Option<DeliveryChange>,
    /// How the hook's health moves.
    pub health: Option<HealthChange>,
    /// The event all of whose deliveries have ended or have a row now.
    pub settled: Option<EventId>,
}

/// What becomes of a delivery's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DeliveryChange {
    /// The row is made, or replaced where one is (key: hook and event). If the hook is gone, it is written as
    /// cancelled, whatever it says.
    Put(Delivery),
    /// The delivery succeeded: its row, if any, goes; the attempt tells the rest.
    Delivered {
        /// The hook.
        hook: HookId,
        /// The event.
        event: EventId,
    },
}

/// A health change by compare-and-set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HealthChange {
    /// Whose.
    pub hook: HookId,
    /// The version that the change was computed from; it is refused if the row has another one.
    pub seen_version: i64,
    /// The record after the change.
    pub record: HealthRecord,
    /// What to tell the world, if the state's word moved; kept with its own id as the hook's timeline and as the
    /// outbox of notices. Where it says `got_worse`, the counters of the hook's project or group rise by one in the
    /// same transaction.
    pub transition: Option<Transition>,
}

/// What became of one record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recorded {
    /// All of it is written.
    Written {
        /// The id of the attempt, if there was one.
        attempt: Option<wigwag_base::AttemptId>,
        /// The "got worse" counter of the hook's project or group, if it moved.
        worse_count: Option<u64>,
        /// Whether a delivery that waited has succeeded.
        waited: Waited,
    },
    /// Written but for its health change, which was computed from an old version (or the hook is gone).
    HealthStale {
        /// The id of the attempt, if there was one.
        attempt: Option<wigwag_base::AttemptId>,
        /// Whether a delivery that waited has succeeded.
        waited: Waited,
    },
}

/// Whether a delivery waited until it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited {
    /// It had a row among those that wait, which went.
    Yes,
    /// It had none, or nothing ended.
    No,
}

/// Bytes of bodies after which a page of waiting deliveries ends; a single body may be larger.
pub const BACKLOG_PAGE_BYTES_MAX: usize = 1 << 20;

/// Which waiting deliveries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingQuery {
    /// Of this hook.
    pub hook: HookId,
    /// Those that could be sent at this time: pending, held, or retrying and due. In the far future that is everything:
    /// so a probe finds the oldest.
    pub at: Timestamp,
    /// At most so many.
    pub limit: u32,
    /// But for these, which are at hand.
    pub except: HashSet<EventId>,
}

/// A page of what waits for one hook.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Backlog {
    /// What could be sent, oldest event first.
    pub rows: Vec<Delivery>,
    /// Whether more could be sent that is not among them.
    pub more: bool,
    /// The earliest due time of the retries that are not due yet.
    pub next_due: Option<Timestamp>,
}

/// A hook with waiting deliveries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitingHook {
    /// The hook.
    pub hook: HookId,
    /// How many wait.
    pub count: u64,
    /// The earliest time at which one of them could be sent; the distant past if one is pending or held.
    pub next_due: Timestamp,
}

/// An event that was accepted and of which not every delivery has ended or has a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsettled {
    /// The event.
    pub event: Event,
    /// The hooks that need nothing more for it: they have a recorded 2xx, or a row.
    pub done: Vec<HookId>,
}
