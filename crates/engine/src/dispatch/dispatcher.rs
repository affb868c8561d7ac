use super::{
    Finished, HookFacts, Job, Message,
    fair::{Root, Turns},
    handle::Read,
    lane::Lane,
    ordered::OnTheWay,
    outage::Outage,
    pressure::Pressure,
    ramp::may_probe,
    routes::Routes,
    suspects::Suspects,
    throttle::{Throttle, Throttled},
    timers::Timers,
};
use crate::Engine;
use crate::limits::{READ_RETRY_AFTER, SLOW_AFTER};
use crate::recorder::Entry;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use wigwag_base::{HookId, Timestamp};
use wigwag_hooks::AttemptKind;
use wigwag_hooks::health::{self, Permit};
use wigwag_ports::deliveries::WaitingHook;

/// The dispatcher before it runs.
pub(crate) struct DispatchLoop {
    messages: mpsc::UnboundedReceiver<Message>,
    pressure: Arc<Pressure>,
    throttled: Arc<Throttled>,
}

/// Messages that are handled before requests go out.
const MESSAGES_PER_TURN: usize = 256;

impl DispatchLoop {
    pub(super) fn new(
        messages: mpsc::UnboundedReceiver<Message>,
        pressure: Arc<Pressure>,
        throttled: Arc<Throttled>,
    ) -> Self {
        Self { messages, pressure, throttled }
    }

    /// Runs until the last handle is gone.
    pub(crate) fn spawn(self, engine: Engine) {
        tokio::spawn(self.run(engine));
    }

    async fn run(mut self, engine: Engine) {
        let mut flags = engine.inner.flags.changed();
        let mut dispatcher = Dispatcher::new(engine, self.pressure, self.throttled);
        let mut batch = Vec::with_capacity(MESSAGES_PER_TURN);
        loop {
            let sleep = dispatcher.sleep();
            tokio::select! {
                biased;
                // First, since under load there is always another message, and a flag must hold at once.
                Ok(()) = flags.changed() => dispatcher.handle(Message::Look),
                count = self.messages.recv_many(&mut batch, MESSAGES_PER_TURN) => {
                    if count == 0 {
                        return;
                    }
                    for message in batch.drain(..) {
                        dispatcher.handle(message);
                    }
                }
                () = tokio::time::sleep(sleep) => {}
            }
            dispatcher.run_timers();
            dispatcher.pump();
        }
    }
}

/// All state of dispatching; see the module.
pub(super) struct Dispatcher {
    pub(super) engine: Engine,
    pub(super) lanes: FxHashMap<HookId, Lane>,
    pub(super) routes: Routes,
    pub(super) pressure: Arc<Pressure>,
    pub(super) turns: Turns,
    timers: Timers,
    pub(super) throttle: Throttle,
    hosts: HashMap<(String, u16), Host>,
    in_flight: usize,
    pub(super) busy: FxHashSet<HookId>,
    pub(super) slow: FxHashSet<HookId>,
    pub(super) suspects: Suspects,
    looked_for_slow_at: Timestamp,
    probes: (i64, u32),
    pub(super) outage: Outage,
    settling: Vec<oneshot::Sender<()>>,
    stopping: Vec<oneshot::Sender<()>>,
    /// Reads of single hooks that are under way.
    pub(super) hook_reads: usize,
    /// Hooks that are being read since our picture of their health was old.
    pub(super) stale: FxHashSet<HookId>,
    /// Events that have not come to their lanes yet.
    pub(super) on_the_way: OnTheWay,
    /// Hooks that the start found to have waiting deliveries, until they are read.
    pub(super) found_waiting: FxHashMap<HookId, WaitingHook>,
}

/// Requests under way to one host, and the hooks that wait for one of them to end.
#[derive(Default)]
struct Host {
    in_flight: usize,
    parked: VecDeque<HookId>,
}

impl Dispatcher {
    fn new(engine: Engine, pressure: Arc<Pressure>, throttled: Arc<Throttled>) -> Self {
        Self {
            looked_for_slow_at: engine.inner.clock.now(),
            throttle: Throttle::new(engine.inner.settings.namespace_rate_per_minute, throttled),
            engine,
            lanes: FxHashMap::default(),
            routes: Routes::default(),
            pressure,
            turns: Turns::default(),
            timers: Timers::default(),
            hosts: HashMap::new(),
            in_flight: 0,
            busy: FxHashSet::default(),
            slow: FxHashSet::default(),
            suspects: Suspects::default(),
            probes: (0, 0),
            outage: Outage::default(),
            settling: Vec::new(),
            stopping: Vec::new(),
            hook_reads: 0,
            stale: FxHashSet::default(),
            on_the_way: OnTheWay::default(),
            found_waiting: FxHashMap::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.inner.clock.now()
    }

    fn handle(&mut self, message: Message) {
        match message {
            Message::Events(events) => self.arrive(events),
            Message::Unsettled(unsettled) => self.arrive_again(unsettled),
            Message::ChainKnown(arriving) => self.chain_known(*arriving),
            Message::TakenUp => self.taken_up(),
            Message::Waiting(waiting) => self.wake_waiting(waiting),
            Message::Recounted { waiting, by } => self.recounted(waiting, by),
            Message::Routed(project, hooks) => self.routed(project, hooks),
            Message::Backlog(hook, page) => self.backlog_read(hook, page),
            Message::ReadFailed(read) => self.read_again_later(read),
            Message::Finished(finished) => self.finished(*finished),
            Message::Committed(committed) => self.committed(committed),
            Message::Arrived { hook, event, waited } => self.arrived(hook, event, waited),
            Message::HookWritten(hook) => self.hook_written(*hook),
            Message::HookRead(id, found) => self.hook_read(id, found.map(|found| *found)),
            Message::Failing(found) => self.hook_found(*found),
            Message::HealthStale(hook) => self.read_again(hook),
            Message::HookGone(hook, scope) => self.hook_gone(hook, scope),
            Message::RegistryChanged => self.routes.forget_all(),
            Message::Look => self.look(),
            Message::Settle(done) => self.settling.push(done),
            Message::Stop(done) => self.stopping.push(done),
        }
    }

    /// How long nothing will be due: until the next timer, a suspect's turn, or the next look for slow lanes while requests
    /// are under way.
    fn sleep(&self) -> Duration {
        let now = self.now();
        let cap = if self.in_flight > 0 { SLOW_AFTER } else { Duration::from_secs(1) };
        let due = [self.timers.next(), self.suspects.opens_at(self.suspects_max())];
        due.into_iter().flatten().map(|at| at.since(now)).min().map_or(cap, |due| due.min(cap))
    }

    fn run_timers(&mut self) {
        let now = self.now();
        while let Some(hook) = self.timers.due(now) {
            self.refresh_health(hook, now);
            self.kick(hook);
        }
        self.offer_suspects_slots();
        if now.since(self.looked_for_slow_at) >= SLOW_AFTER {
            self.looked_for_slow_at = now;
            self.look_for_slow(now);
        }
    }

    /// Looks at one lane: whether it may send, what it waits for.
    pub(super) fn kick(&mut self, id: HookId) {
        let now = self.now();
        let Some(lane) = self.lanes.get(&id) else { return };
        if !self.stopping.is_empty() || !lane.facts.hook.enabled.is_on() {
            return;
        }
        let policy = self.engine.policy(&lane.facts.hook);
        match health::permit(&lane.health, now, &policy) {
            Permit::Closed => {}
            Permit::NotBefore(at) => self.timers.set(at, id),
            Permit::Probe => self.kick_probe(id, now),
            Permit::Open => self.kick_open(id, now),
        }
    }

    fn kick_open(&mut self, id: HookId, now: Timestamp) {
        let hook_max = self.engine.inner.settings.in_flight_max.hook;
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if lane.is_ordered() {
            return self.kick_ordered(id, now);
        }
        let (wants_page, lane_is_empty) = (lane.backlog.wants_page(now), !lane.has_job());
        if (wants_page || lane.has_job())
            && let Some(throttling) = self.throttling(id, now)
        {
            return match wants_page && lane_is_empty {
                true => self.read_backlog(id, now, 1),
                false => self.hold_back(id, throttling),
            };
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if wants_page {
            self.read_backlog(id, now, crate::limits::BACKLOG_PAGE);
        } else if let Some(due) = lane.backlog.due.filter(|due| *due > now) {
            self.timers.set(due, id);
        }
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if lane.parked || !lane.has_job() || lane.in_flight >= lane.width(hook_max) {
            return;
        }
        self.queue(id, now);
    }

    /// A half-open hook gets one request: the oldest that waits, whatever its due time, else the next event.
    fn kick_probe(&mut self, id: HookId, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        if lane.in_flight > 0 {
            return;
        }
        if lane.probe_not_before > now {
            return self.timers.set(lane.probe_not_before, id);
        }
        if lane.has_job() {
            self.queue(id, now);
        } else if lane.backlog.has_more() && !lane.backlog.is_reading() {
            self.read_backlog(id, Timestamp::from_millis(i64::MAX), 1);
        }
    }

    /// Sends what may be sent, in fair order, while the node has slots.
    fn pump(&mut self) {
        while self.stopping.is_empty() && self.in_flight < self.engine.inner.settings.in_flight_max.node {
            let Some(hook) = self.turns.next() else { break };
            self.send(hook);
        }
        if self.in_flight == 0 {
            self.end_forsaken_outage();
            for done in self.stopping.drain(..) {
                let _ = done.send(());
            }
            if !self.settling.is_empty() && self.is_settled() {
                for done in self.settling.drain(..) {
                    let _ = done.send(());
                }
            }
        }
    }

    fn send(&mut self, id: HookId) {
        let now = self.now();
        let settings = &self.engine.inner.settings.in_flight_max;
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let policy = self.engine.policy(&lane.facts.hook);
        let probe = match health::permit(&lane.health, now, &policy) {
            Permit::Open if lane.in_flight < lane.width(settings.hook) => false,
            Permit::Probe if lane.in_flight == 0 => true,
            _ => return self.pass_turn(id),
        };
        if self.throttle.wait_until(lane.root, now).is_some() {
            // The others of its namespace took what was left of this minute.
            self.queue(id, now);
            return self.pass_turn(id);
        }
        if probe && !may_probe(&mut self.probes, now) {
            self.timers.set(Timestamp::from_secs(now.as_secs() + 1), id);
            return self.pass_turn(id);
        }
        if self.waits_as_suspect(id, now) {
            return self.pass_turn(id);
        }
        let settings = &self.engine.inner.settings.in_flight_max;
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        let key = lane.facts.host_key();
        let host = self.hosts.entry(key).or_default();
        if host.in_flight >= settings.host {
            if !lane.parked {
                lane.parked = true;
                host.parked.push_back(id);
            }
            return;
        }
        if !lane.has_job() {
            return self.pass_turn(id);
        }
        if let Err(at) = self.outage.may_send(now) {
            self.timers.set(at, id);
            return self.pass_turn(id);
        }
        let Some(job) = lane.take() else { return self.pass_turn(id) };
        if lane.in_flight == 0 {
            lane.last_sign = now;
        }
        lane.in_flight += 1;
        self.busy.insert(id);
        lane.rate.sent(now);
        self.throttle.sent(lane.root, now);
        host.in_flight += 1;
        self.in_flight += 1;
        self.suspects.began(id, now);
        if let Job::Fresh(open) = &job {
            self.pressure.sub(open.weight());
        }
        let kind = match (probe, job.attempts()) {
            (true, _) => AttemptKind::Probe,
            (false, 0) => AttemptKind::First,
            (false, _) => AttemptKind::Retry,
        };
        crate::deliver::spawn(self.engine.clone(), lane.facts.clone(), job, kind);
        self.kick(id);
    }

    /// A hook does not use its turn: the slot that it may have been offered goes to the next.
    fn pass_turn(&mut self, id: HookId) {
        if let Some(lane) = self.lanes.get(&id) {
            self.offer_slot(&lane.facts.host_key());
        }
    }

    /// Gives back the slots of a request that ended, and wakes who waited for the host's.
    pub(super) fn free_slots(&mut self, finished: &Finished) {
        self.in_flight -= 1;
        let id = finished.facts.hook.id;
        if self.lanes.get(&id).is_none_or(|lane| lane.in_flight <= 1) {
            self.busy.remove(&id);
        }
        self.suspects.ended(id);
        let key = finished.facts.host_key();
        if let Some(host) = self.hosts.get_mut(&key) {
            host.in_flight -= 1;
        }
        self.offer_slot(&key);
        self.offer_suspects_slots();
    }

    /// Offers a free slot of a host to those who wait for one, until one takes it: who was paused, switched off or
    /// deleted meanwhile does not, and must not keep it from the others.
    pub(super) fn offer_slot(&mut self, key: &(String, u16)) {
        let slots = self.engine.inner.settings.in_flight_max.host;
        while let Some(host) = self.hosts.get_mut(key)
            && host.in_flight < slots
        {
            let Some(hook) = host.parked.pop_front() else {
                if host.in_flight == 0 {
                    self.hosts.remove(key);
                }
                return;
            };
            if let Some(lane) = self.lanes.get_mut(&hook) {
                lane.parked = false;
            }
            self.kick(hook);
            if self.turns.holds(hook) {
                return;
            }
        }
    }

    /// Looks at every lane: a flag changed, or the clock was moved.
    pub(super) fn look(&mut self) {
        let ids: Vec<HookId> = self.lanes.keys().copied().collect();
        for id in ids {
            self.refresh_health(id, self.now());
            self.kick(id);
        }
    }

    /// Looks at a lane at `at`, or earlier.
    pub(super) fn wake_at(&mut self, at: Timestamp, hook: HookId) {
        self.timers.set(at, hook);
    }

    fn read_again_later(&mut self, read: Read) {
        let engine = self.engine.clone();
        tokio::spawn(async move {
            tokio::time::sleep(READ_RETRY_AFTER).await;
            super::fan_out::read(engine, read).await;
        });
    }

    /// Hands a result to the recorder.
    pub(super) fn record(&self, mut entry: Entry) {
        let lane = entry.hook_of_row().and_then(|hook| self.lanes.get(&hook));
        // It could send, and does not before this is durable.
        entry.hurries = lane.is_some_and(|lane| self.waits_for_its_rows(lane));
        self.engine.inner.recorder.submit(entry);
    }

    /// Makes a lane for a hook that has none, or brings the one that it has up to date.
    pub(super) fn ensure_lane(&mut self, hook: wigwag_hooks::Hook, root: Root) {
        let now = self.now();
        let id = hook.id;
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.root = root;
            let newer = hook.health.version > lane.health.version;
            if newer || hook.revision > lane.facts.hook.revision {
                self.adopt(hook, newer);
            }
            return;
        }
        let facts = HookFacts::new(&self.engine.inner, hook);
        self.lanes.insert(id, Lane::new(facts, root, now));
        self.refresh_health(id, now);
        self.kick(id);
    }
}
