use crate::limits::ROUTES_MAX;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use wigwag_base::{EventId, HookId, ProjectId};
use wigwag_hooks::{EndReason, Event};

/// Which hooks get a project's events; read once, forgotten when a write may have changed it.
#[derive(Default)]
pub(super) struct Routes {
    known: FxHashMap<ProjectId, Route>,
    loading: FxHashMap<ProjectId, Vec<Arriving>>,
    outdated: FxHashSet<ProjectId>,
}

/// The way of one project's events.
#[derive(Clone)]
pub(super) struct Route {
    /// Its hooks, those of its ancestors and the system's.
    pub(super) hooks: Arc<[HookId]>,
}

/// An event that waits for its route.
pub(crate) struct Arriving {
    /// The event.
    pub(super) event: Event,
    /// Hooks that need nothing more for it; empty for a new event.
    pub(super) done: Vec<HookId>,
    /// The first event of the request that brought it; none if that was in a former life.
    pub(super) first_of_request: Option<EventId>,
    /// Hooks that must not hear it because of its chain, each with the reason; none before that was looked up.
    pub(super) blocked: Option<Vec<(HookId, EndReason)>>,
    /// Hooks whose expressions say that they do not want its branch; none before they were asked.
    pub(super) other_branch: Option<Vec<HookId>>,
}

/// What to do with an arriving event.
pub(super) enum Way {
    /// Fan it out.
    Known(Route, Arriving),
    /// It waits; the project's hooks must be read.
    Load,
    /// It waits; they are being read.
    Loading,
}

impl Routes {
    /// The way of an arriving event.
    pub(super) fn way(&mut self, arriving: Arriving) -> Way {
        let project = arriving.event.project;
        if let Some(route) = self.known.get(&project) {
            return Way::Known(route.clone(), arriving);
        }
        let waiting = self.loading.entry(project).or_default();
        waiting.push(arriving);
        if waiting.len() == 1 { Way::Load } else { Way::Loading }
    }

    /// Whether any project's hooks are being read.
    pub(super) fn is_loading(&self) -> bool {
        !self.loading.is_empty()
    }

    /// Whether something was written since the reading of a project's hooks began; they must be read again then.
    pub(super) fn is_outdated(&mut self, project: ProjectId) -> bool {
        self.outdated.remove(&project)
    }

    /// The oldest event that waits for its project's hooks. An event whose chain was looked up may come behind younger
    /// ones.
    pub(super) fn oldest_loading(&self) -> Option<EventId> {
        self.loading.values().flatten().map(|arriving| arriving.event.id).min()
    }

    /// A project's hooks were read. Returns the events that waited for it.
    pub(super) fn learn(&mut self, project: ProjectId, route: Route) -> Vec<Arriving> {
        if self.known.len() >= ROUTES_MAX {
            self.known.clear();
        }
        self.known.insert(project, route);
        self.loading.remove(&project).unwrap_or_default()
    }

    /// A hook of this project was made, changed or deleted.
    pub(super) fn forget(&mut self, project: ProjectId) {
        self.known.remove(&project);
        if self.loading.contains_key(&project) {
            self.outdated.insert(project);
        }
    }

    /// Something changed that may concern every project.
    pub(super) fn forget_all(&mut self) {
        self.known.clear();
        self.outdated.extend(self.loading.keys().copied());
    }
}
