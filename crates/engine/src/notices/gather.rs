//! What waits in a line, by hook: the newest news of each, where it lies, and whether it is still to be told.

use super::make::source_of;
use crate::Engine;
use crate::limits::NOTICE_READ_MAX;
use std::collections::{BTreeMap, HashMap, hash_map};
use wigwag_access::Source;
use wigwag_base::{HookId, TransitionId};
use wigwag_hooks::health::{Health, Transition, TransitionKind};
use wigwag_hooks::{Hook, HookScope};
use wigwag_ports::StoreError;
use wigwag_ports::notices::{Line, WaitingNotice};
use wigwag_ports::registry::PathKey;

/// What a message tells of one hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Where the hook lies.
    pub(super) scope: HookScope,
    /// What people call it.
    pub(super) title: String,
    /// The full path of its project or group; empty for the system.
    pub(super) place: String,
    /// Its page.
    pub(super) url: String,
    /// Its newest news.
    pub(super) newest: Transition,
    /// When it failed, where the message tells both that and its end.
    pub(super) failed_at: Option<wigwag_base::Timestamp>,
    /// When it is tried again, where it is paused now.
    pub(super) next_try_at: Option<wigwag_base::Timestamp>,
    /// The changes that this tells of.
    pub(super) transitions: Vec<TransitionId>,
}

impl Entry {
    /// Whether it works again.
    pub(super) fn is_well(&self) -> bool {
        self.newest.kind == TransitionKind::Recovered
    }
}

/// What a line is to tell.
#[derive(Default)]
pub(super) struct Gathered {
    /// Hook by hook.
    pub(super) entries: Vec<Entry>,
    /// Changes of which there is nothing to tell any more.
    pub(super) withheld: Vec<TransitionId>,
}

impl Gathered {
    /// The changes that it tells of.
    pub(super) fn transitions(&self) -> Vec<TransitionId> {
        self.entries.iter().flat_map(|entry| entry.transitions.iter().copied()).collect()
    }
}

impl Engine {
    /// Everything that waits in a line and is still true. Of a hook that is gone, or that its owner switched off, nothing.
    pub(super) async fn gather(&self, line: Line) -> Result<Gathered, StoreError> {
        let mut by_hook: BTreeMap<HookId, Vec<WaitingNotice>> = BTreeMap::new();
        for notice in self.inner.store.waiting_notices(line, NOTICE_READ_MAX).await? {
            by_hook.entry(notice.hook).or_default().push(notice);
        }
        let mut gathered = Gathered::default();
        let mut places = HashMap::new();
        for (id, notices) in by_hook {
            let hook = self.inner.store.hook(id).await?.filter(|hook| hook.enabled.is_on());
            match hook {
                Some(hook) => gathered.entries.extend(self.entry(&hook, &notices, &mut places).await?),
                None => gathered.withheld.extend(notices.iter().map(|notice| notice.id)),
            }
        }
        Ok(gathered)
    }

    async fn entry(
        &self,
        hook: &Hook,
        notices: &[WaitingNotice],
        places: &mut HashMap<HookScope, String>,
    ) -> Result<Option<Entry>, StoreError> {
        let (Some(first), Some(last)) = (notices.first(), notices.last()) else { return Ok(None) };
        let is_well = last.transition.kind == TransitionKind::Recovered;
        let failed_at = (is_well && notices.len() > 1).then_some(first.transition.at);
        let next_try_at = match hook.health.state {
            Health::Paused { until, .. } if !is_well => Some(until),
            _ => None,
        };
        let place = match places.entry(hook.scope) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => unknown.insert(self.place_name(hook.scope).await?),
        };
        Ok(Some(Entry {
            scope: hook.scope,
            title: hook.title().to_owned(),
            place: place.clone(),
            url: self.page_of(hook.scope, hook.id),
            newest: last.transition.clone(),
            failed_at,
            next_try_at,
            transitions: notices.iter().map(|notice| notice.id).collect(),
        }))
    }

    /// The full path of a project or group; empty where there is none.
    pub(super) async fn place_name(&self, scope: HookScope) -> Result<String, StoreError> {
        let store = &self.inner.store;
        Ok(match source_of(scope) {
            None => String::new(),
            Some(Source::Project(id)) => store
                .project(PathKey::Id(id))
                .await?
                .map(|(project, _)| project.full_path)
                .unwrap_or_default(),
            Some(Source::Group(id)) => store
                .group(PathKey::Id(id))
                .await?
                .and_then(|groups| groups.into_iter().next())
                .map(|group| group.full_path)
                .unwrap_or_default(),
        })
    }

    fn page_of(&self, scope: HookScope, hook: HookId) -> String {
        match source_of(scope) {
            Some(source) => self.hook_page_url(source, hook),
            None => format!("{}/-/hooks/{hook}", self.inner.settings.external_url),
        }
    }
}
