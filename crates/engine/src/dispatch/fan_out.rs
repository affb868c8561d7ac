//! From an event to the lanes of the hooks that want it.

use super::{
    Job, Message, OpenEvent,
    backlog::due_of,
    chain,
    dispatcher::Dispatcher,
    facts::BranchFiltering,
    fair::Root,
    handle::Read,
    lane::weight,
    routes::{Arriving, Route, Way},
};
use crate::Engine;
use crate::limits::LANES_MAX;
use crate::recorder::{Entry, Unmade};
use bytes::Bytes;
use std::sync::Arc;
use wigwag_access::{Group, Namespace};
use wigwag_base::{HookId, Partition, ProjectId};
use wigwag_hooks::health;
use wigwag_hooks::{Arrival, DeliveryState, EndReason, Event, Hook, HookScope, on_arrival, wants};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::{DeliveryChange, Record, Unsettled};
use wigwag_ports::registry::PathKey;

impl Dispatcher {
    /// New events of one request: each counts as ready until it is fanned out.
    pub(super) fn arrive(&mut self, events: Vec<Event>) {
        let first_of_request = events.first().map(|event| event.id);
        for event in events {
            let (done, blocked, other_branch) = (Vec::new(), None, None);
            self.find_way(Arriving { event, done, first_of_request, blocked, other_branch });
        }
    }

    /// An event of a former life.
    pub(super) fn arrive_again(&mut self, unsettled: Unsettled) {
        let Unsettled { event, done } = unsettled;
        self.find_way(Arriving { event, done, first_of_request: None, blocked: None, other_branch: None });
    }

    /// Only events of the partitions that this node holds are fanned out here; the others' holders do theirs.
    fn find_way(&mut self, mut arriving: Arriving) {
        if arriving.event.chain.is_some() && arriving.blocked.is_none() {
            self.on_the_way.chains.insert(arriving.event.id);
            let engine = self.engine.clone();
            tokio::spawn(async move {
                chain::look(&engine, &mut arriving).await;
                engine.inner.dispatch.tell(Message::ChainKnown(Box::new(arriving)));
            });
            return;
        }
        let project = arriving.event.project;
        if !self.engine.inner.lease.holds(Partition::of(project)) {
            self.pressure.sub(weight(&arriving.event));
            return;
        }
        match self.routes.way(arriving) {
            Way::Known(route, arriving) => self.fan_out(&route, arriving),
            Way::Load => self.begin(Read::Route(project)),
            Way::Loading => {}
        }
    }

    /// What an event's chain forbids, or who wants its branch, is known; or it will not be known any more in this life.
    pub(super) fn chain_known(&mut self, arriving: Arriving) {
        self.on_the_way.chains.remove(&arriving.event.id);
        match (arriving.event.chain, &arriving.blocked) {
            (Some(_), None) => self.pressure.sub(weight(&arriving.event)),
            (Some(_), Some(_)) | (None, _) => self.find_way(arriving),
        }
        self.arrived_all();
    }

    /// A project's hooks were read; a project that is gone settles its events without sending.
    pub(super) fn routed(&mut self, project: ProjectId, found: Option<(Root, Vec<Hook>)>) {
        if self.routes.is_outdated(project) {
            return self.begin(Read::Route(project));
        }
        let (root, hooks) = found.unwrap_or((Root::System, Vec::new()));
        let route = Route { hooks: hooks.iter().map(|hook| hook.id).collect() };
        self.make_room_for_lanes(hooks.len());
        for hook in hooks {
            let own = if hook.scope == HookScope::System { Root::System } else { root };
            self.ensure_lane(hook, own);
        }
        for arriving in self.routes.learn(project, route.clone()) {
            self.fan_out(&route, arriving);
        }
        self.arrived_all();
    }

    /// Makes room for lanes: those without work go, and with them the routes that name them.
    pub(super) fn make_room_for_lanes(&mut self, count: usize) {
        if self.lanes.len() + count > LANES_MAX {
            self.lanes.retain(|_, lane| !lane.is_idle());
            self.routes.forget_all();
        }
    }

    fn fan_out(&mut self, route: &Route, arriving: Arriving) {
        if route.hooks.iter().any(|id| !self.lanes.contains_key(id)) {
            // A hook went between the reading of the route and now: read again rather than guess.
            self.routes.forget(arriving.event.project);
            return self.find_way(arriving);
        }
        let Some(arriving) = self.judge_branches(route, arriving) else { return };
        let Arriving { event, done, blocked, other_branch, .. } = arriving;
        let (blocked, other_branch) = (blocked.unwrap_or_default(), other_branch.unwrap_or_default());
        let open = OpenEvent::begin(event);
        for id in route.hooks.iter() {
            let Some(lane) = self.lanes.get(id) else { continue };
            let Event { event_type, accepted_at, .. } = &open.event;
            let wanted = wants(&lane.facts.hook, event_type, *accepted_at)
                && match lane.facts.branch_filtering(event_type) {
                    BranchFiltering::None => true,
                    BranchFiltering::Quick => lane.facts.wants_branch(open.branch()),
                    BranchFiltering::Slow => !other_branch.contains(id),
                };
            if wanted && !done.contains(id) {
                open.open();
                match blocked.iter().find(|(hook, _)| hook == id) {
                    Some((_, reason)) => self.block(*id, &open, *reason),
                    None => self.enter(*id, &open),
                }
            }
        }
        self.pressure.sub(open.weight());
        if let Some(event) = open.close() {
            self.record(Entry::of(Record { settled: Some(event), ..Record::default() }));
        }
    }

    /// A hook does not hear an event of its own making, nor one of a chain that is too long.
    fn block(&mut self, id: HookId, open: &Arc<OpenEvent>, reason: EndReason) {
        tracing::warn!(
            hook = id.0,
            event = open.event.id.0,
            "skipped an event that came of the hook's own requests"
        );
        self.keep(id, &Job::Fresh(open.clone()), DeliveryState::Skipped(reason), 0);
    }

    /// One event enters one lane: it will be sent, or it waits as a row, or it is skipped.
    fn enter(&mut self, id: HookId, open: &Arc<OpenEvent>) {
        let now = self.now();
        let Some(lane) = self.lanes.get(&id) else { return };
        let hook = &lane.facts.hook;
        let permit = health::permit(&lane.health, now, &self.engine.policy(hook));
        let is_throttled = self.throttling(id, now).is_some();
        let ready_max = if is_throttled { 0 } else { self.ready_max(id) };
        let state = match on_arrival(hook.enabled, permit, hook.while_paused) {
            Arrival::SendNow if lane.fresh.weight() < ready_max => {
                if let Some(lane) = self.lanes.get_mut(&id) {
                    match lane.is_ordered() {
                        true => lane.fresh.insert(open.clone()),
                        false => lane.fresh.push_back(open.clone()),
                    }
                }
                self.pressure.add(open.weight());
                self.kick(id);
                return;
            }
            Arrival::SendNow => DeliveryState::Pending,
            Arrival::Hold => DeliveryState::Held,
            Arrival::Skip(reason) => DeliveryState::Skipped(reason),
        };
        self.keep(id, &Job::Fresh(open.clone()), state, 0);
    }

    /// Writes a delivery's row, for the first time or again. A fresh delivery is closed by it: its row stands for it. What
    /// waits keeps the bytes that the hook's template makes now, whatever is edited later; the recorder makes them.
    pub(super) fn keep(&mut self, id: HookId, job: &Job, state: DeliveryState, attempts: u32) {
        let Some(lane) = self.lanes.get(&id) else { return };
        let has_template = lane.facts.hook.template.is_some();
        let (body, unmade) = match (job, state) {
            (Job::Row(row), _) => (row.body.clone(), None),
            (Job::Fresh(open), _) if !has_template => (open.event.payload.clone(), None),
            // Nothing waits to be sent.
            (Job::Fresh(_), DeliveryState::Skipped(_)) => (Bytes::new(), None),
            (Job::Fresh(open), _) => {
                let unmade = Unmade { facts: lane.facts.clone(), payload: open.event.payload.clone() };
                (Bytes::new(), Some(unmade))
            }
        };
        let delivery = Some(DeliveryChange::Put(job.row(id, state, attempts, body)));
        let mut entry = Entry::of(Record { delivery, ..Record::default() });
        entry.unmade = unmade;
        self.keep_with(id, job, state, entry);
    }

    /// Like [`Dispatcher::keep`], with an entry that holds the row, and more.
    pub(super) fn keep_with(&mut self, id: HookId, job: &Job, state: DeliveryState, mut entry: Entry) {
        let was_row = matches!(job, Job::Row(_));
        if let Job::Fresh(open) = job {
            entry.record.settled = open.close();
        }
        let due = due_of(state);
        if let Some(lane) = self.lanes.get_mut(&id) {
            lane.backlog.taken.insert(job.event_id());
            match (was_row, due.is_some()) {
                (false, true) => lane.backlog.count += 1,
                (true, false) => lane.backlog.count = lane.backlog.count.saturating_sub(1),
                (false, false) | (true, true) => {}
            }
            // With this row: whoever learns that the hook fails must not be told that nothing waits.
            if let Some(moved) = &mut entry.moved {
                moved.waiting = lane.backlog.count;
            }
            entry = entry.of_row(id, job.event_id(), due);
            self.engine.inner.watch.waiting(id, lane.backlog.count);
        }
        self.record(entry);
    }

    /// Moves what lies ready for a hook to the store, all but the oldest that count for `keep`.
    pub(super) fn spill(&mut self, id: HookId, keep: usize, state: DeliveryState) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        for open in lane.fresh.spill(keep) {
            self.pressure.sub(open.weight());
            self.keep(id, &Job::Fresh(open), state, 0);
        }
    }

    /// Reads in the background; the answer comes as a message.
    pub(super) fn begin(&self, what: Read) {
        tokio::spawn(read(self.engine.clone(), what));
    }

    pub(super) fn read_hook(&mut self, id: HookId) {
        self.hook_reads += 1;
        self.begin(Read::Hook(id));
    }

    /// Reads a hook since a change of ours was refused. What was made of the same picture comes to nothing too, and each
    /// says so: one read does for all.
    pub(super) fn read_again(&mut self, id: HookId) {
        if self.stale.insert(id) {
            self.hook_reads += 1;
            self.begin(Read::StaleHook(id));
        }
    }
}

/// Reads what the dispatcher wants to know, and tells it.
pub(super) async fn read(engine: Engine, what: Read) {
    let message = match what {
        Read::Route(project) => match read_route(&engine, project).await {
            Ok(route) => Message::Routed(project, route),
            Err(_) => Message::ReadFailed(what),
        },
        Read::Hook(id) | Read::StaleHook(id) => {
            if matches!(what, Read::StaleHook(_)) {
                engine.inner.recorder.flush().await;
            }
            match read_hook(&engine, id).await {
                Ok(found) => Message::HookRead(id, found.map(Box::new)),
                Err(_) => Message::ReadFailed(what),
            }
        }
    };
    engine.inner.dispatch.tell(message);
}

async fn read_hook(engine: &Engine, id: HookId) -> Result<Option<(Hook, Root)>, StoreError> {
    let Some(hook) = engine.inner.store.hook(id).await? else { return Ok(None) };
    let root = root_of(engine, &hook).await?;
    Ok(Some((hook, root)))
}

/// The root under which a hook's turns and requests are counted. Where no limit hangs on it, it is not looked up before an
/// event comes.
pub(crate) async fn root_of(engine: &Engine, hook: &Hook) -> Result<Root, StoreError> {
    if hook.scope == HookScope::System {
        return Ok(Root::System);
    }
    if engine.inner.settings.namespace_rate_per_minute.is_none() {
        return Ok(Root::Hook(hook.id));
    }
    let store = &engine.inner.store;
    let found = match hook.scope {
        HookScope::System => None,
        HookScope::Group(id) => store.group(PathKey::Id(id)).await?.and_then(|line| root_group(&line)),
        HookScope::Project(id) => {
            let found = store.project(PathKey::Id(id)).await?;
            found.map(|(found, ancestors)| root_group(&ancestors).unwrap_or(found.namespace))
        }
    };
    Ok(found.map_or(Root::Hook(hook.id), Root::Namespace))
}

/// The last of a line of groups, each below the next.
fn root_group(line: &[Group]) -> Option<Namespace> {
    line.last().map(|group| Namespace::Group(group.id))
}

async fn read_route(engine: &Engine, project: ProjectId) -> Result<Option<(Root, Vec<Hook>)>, StoreError> {
    let store = &engine.inner.store;
    let Some((found, ancestors)) = store.project(PathKey::Id(project)).await? else { return Ok(None) };
    let root = root_group(&ancestors).unwrap_or(found.namespace);
    let hooks = store.hooks_for(project).await?;
    Ok(Some((Root::Namespace(root), hooks)))
}
