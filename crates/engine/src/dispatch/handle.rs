use super::{
    DispatchLoop, HookFacts, Job,
    fair::Root,
    lane::weight,
    outage::Reach,
    pressure::Pressure,
    routes::Arriving,
    throttle::{Throttled, Throttling},
};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use wigwag_base::{EventId, HookId, ProjectId, Timestamp};
use wigwag_hooks::{Attempt, AttemptKind, Event, Hook, HookScope};
use wigwag_ports::deliveries::{Unsettled, Waited, WaitingHook};

/// The way to the dispatcher from everywhere else.
#[derive(Clone)]
pub(crate) struct Handle {
    messages: mpsc::UnboundedSender<Message>,
    pressure: Arc<Pressure>,
    throttled: Arc<Throttled>,
}

/// What the dispatcher is told. The queue has no bound of its own: intake waits on [`Pressure`] before it adds, and
/// everything else answers something that the dispatcher began.
pub(crate) enum Message {
    /// Events that were just appended.
    Events(Vec<Event>),
    /// An event that a former life left unsettled.
    Unsettled(Unsettled),
    /// An event whose chain was looked up.
    ChainKnown(Box<Arriving>),
    /// Every event that a former life left unsettled was told.
    TakenUp,
    /// A hook that has waiting deliveries, found at start.
    Waiting(WaitingHook),
    /// Somebody let deliveries of a hook wait once more, or ended some that waited.
    Recounted {
        /// How many wait by the store, which what is being written has not reached yet.
        waiting: WaitingHook,
        /// How many more they are than before.
        by: i64,
    },
    /// The hooks of a project, read for events that wait for them; none if the project is gone.
    Routed(ProjectId, Option<(Root, Vec<Hook>)>),
    /// A read failed; it is tried again after a moment.
    ReadFailed(Read),
    /// A page of a hook's backlog, oldest first.
    Backlog(HookId, wigwag_ports::deliveries::Backlog),
    /// A request came to its end.
    Finished(Box<Finished>),
    /// Rows of a hook's backlog were committed.
    Committed(Committed),
    /// A delivery that somebody sent by hand arrived.
    Arrived {
        /// The hook.
        hook: HookId,
        /// The event.
        event: EventId,
        /// Whether it was one that waited.
        waited: Waited,
    },
    /// A hook was written by somebody.
    HookWritten(Box<Hook>),
    /// A hook was read again because our picture of its health was old; what was read holds.
    HookRead(HookId, Option<Box<(Hook, Root)>>),
    /// A failing hook, found at start.
    Failing(Box<(Hook, Root)>),
    /// A health change of ours was refused: our picture is old.
    HealthStale(HookId),
    /// A hook was deleted.
    HookGone(HookId, HookScope),
    /// Groups or projects were made or moved.
    RegistryChanged,
    /// Time moved or a flag changed: look at everything that waits for a time.
    Look,
    /// Answer when nothing is under way and nothing more can go out at the present time.
    Settle(oneshot::Sender<()>),
    /// Start nothing new; answer when nothing is under way.
    Stop(oneshot::Sender<()>),
}

/// Something that the dispatcher wanted to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Read {
    /// A project's hooks.
    Route(ProjectId),
    /// One hook.
    Hook(HookId),
    /// One hook whose health is another than we thought, once everything is written that was made of what we thought.
    StaleHook(HookId),
}

/// A request that came to its end, or was lost with its task.
pub(crate) struct Finished {
    /// The hook as it was when the request went out.
    pub(crate) facts: Arc<HookFacts>,
    /// What was sent.
    pub(crate) job: Job,
    /// Why.
    pub(crate) kind: AttemptKind,
    /// The bytes that went out; empty if the hook's template made none.
    pub(crate) body: Bytes,
    /// What came of it; `None` if the task died, then it is sent again.
    pub(crate) attempt: Option<Attempt>,
    /// Whether it came as far as a connection.
    pub(crate) reach: Reach,
}

/// A change of a backlog row that is durable now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committed {
    /// The hook.
    pub(crate) hook: HookId,
    /// The event.
    pub(crate) event: EventId,
    /// When the row may be sent; `None` if it is gone or ended.
    pub(crate) due: Option<Timestamp>,
}

impl Handle {
    /// A handle and the loop that it talks to.
    pub(crate) fn new() -> (Self, DispatchLoop) {
        let (messages, receiver) = mpsc::unbounded_channel();
        let pressure = Arc::new(Pressure::default());
        let throttled = Arc::new(Throttled::default());
        let handle = Self { messages, pressure: pressure.clone(), throttled: throttled.clone() };
        (handle, DispatchLoop::new(receiver, pressure, throttled))
    }

    /// What holds a hook back at `now`, if a limit of deliveries a minute does.
    pub(crate) fn throttling(&self, hook: HookId, now: Timestamp) -> Option<Throttling> {
        self.throttled.of(hook, now)
    }

    /// Tells the dispatcher; after its end nobody listens any more, and what is durable is taken up at restart.
    pub(crate) fn tell(&self, message: Message) {
        let _ = self.messages.send(message);
    }

    /// Hands over events that are durable now.
    pub(crate) fn accept(&self, events: Vec<Event>) {
        self.pressure.add(events.iter().map(weight).sum());
        self.tell(Message::Events(events));
    }

    /// Hands over an event of a former life, as fast as there is room.
    pub(crate) async fn accept_again(&self, unsettled: Unsettled) {
        self.room().await;
        self.pressure.add(weight(&unsettled.event));
        self.tell(Message::Unsettled(unsettled));
    }

    /// Waits until there is room in memory, for a moment only; what does not fit then waits in the store.
    pub(crate) async fn room(&self) {
        self.pressure.room().await;
    }

    /// After every making or changing of a hook: adopts it and wakes its lane.
    pub(crate) fn hook_written(&self, hook: &Hook) {
        self.tell(Message::HookWritten(Box::new(hook.clone())));
    }

    /// After the deletion of a hook.
    pub(crate) fn hook_gone(&self, hook: HookId, scope: HookScope) {
        self.tell(Message::HookGone(hook, scope));
    }

    /// After groups or projects were made or moved.
    pub(crate) fn registry_changed(&self) {
        self.tell(Message::RegistryChanged);
    }

    /// Returns when nothing is under way, nothing is being read, no row waits for its commit, and nothing more can go
    /// out at the present time.
    pub(crate) async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        self.tell(Message::Settle(done));
        let _ = settled.await;
    }

    /// Starts nothing new and returns when nothing is under way any more.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        self.tell(Message::Stop(done));
        let _ = stopped.await;
    }
}
