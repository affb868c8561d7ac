//! What fails, who closed which banner, and what banners did: in memory, rebuilt from the store at start and kept exact
//! by the commits that change it. Grows with the failing hooks and with those who closed a banner about them.
//!
//! News of one hook may arrive in another order than it was committed in (a result and an edit at the same moment), so
//! every piece carries its version: health goes by the health's version, the owner's switch by the hook's revision.
//! What is older than what is known changes nothing.

use crate::callouts::outcomes::{Endings, Outcomes};
use crate::limits::{LEFT_HOOKS_REMEMBERED_MAX, SHOWN_REMEMBERED_MAX, WATCH_RINGS_MAX};
use crate::{EngineError, Settings};
use parking_lot::{Mutex, RwLock};
use quick_cache::unsync::Cache;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::broadcast;
use wigwag_access::Source;
use wigwag_base::{HookId, Timestamp, UserId};
use wigwag_callouts::{
    Change, Dismissals, FailingHook, FailingIndex, FailingState, Feature, QuietPaths, Scope,
};
use wigwag_hooks::health::Health;
use wigwag_hooks::{Hook, HookScope, Switch};
use wigwag_ports::Store;

/// What banners are made of, on this node.
pub struct Watch {
    pub(crate) known: RwLock<Known>,
    pub(crate) quiet: QuietPaths,
    pub(crate) outcomes: Outcomes,
    counts: Counts,
    rings: broadcast::Sender<Source>,
}

/// What fails and who closed what.
pub(crate) struct Known {
    pub(crate) index: FailingIndex,
    pub(crate) dismissals: Dismissals,
    /// Of every hook in the index.
    failing: HashMap<HookId, (Scope, Seen)>,
    /// Of the hooks that left the index last, so that late news does not bring them back.
    left: Cache<HookId, Seen>,
}

/// The newest that is known of a hook.
#[derive(Clone, Copy)]
struct Seen {
    version: i64,
    revision: i64,
    enabled: Switch,
}

impl Seen {
    /// Nothing is newer than a hook that is gone.
    const GONE: Seen = Seen { version: i64::MAX, revision: i64::MAX, enabled: Switch::Off };
}

/// What banners did since this node started.
struct Counts {
    shown: AtomicU64,
    /// To whom which state of a place was shown last: a banner is asked for again and again, and shown once.
    shown_to: Mutex<Cache<(UserId, Scope), u64>>,
    followed: AtomicU64,
    dismissed: AtomicU64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            shown: AtomicU64::default(),
            shown_to: Mutex::new(Cache::new(SHOWN_REMEMBERED_MAX)),
            followed: AtomicU64::default(),
            dismissed: AtomicU64::default(),
        }
    }
}

/// What banners did since this node started, and what there is to tell, for the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CalloutCounts {
    /// Banners shown: once to each user in each place, and again when it got worse there.
    pub shown: u64,
    /// Banners whose button was used.
    pub followed: u64,
    /// Banners that were closed.
    pub dismissed: u64,
    /// Hooks of projects and groups that fail now.
    pub failing: u64,
}

/// What became of the hooks that banners told of, for the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpisodeCounts {
    /// Hooks that fail now and that a banner told of.
    pub open: u64,
    /// Those of them that a banner told of a week ago and longer.
    pub ignored: u64,
    /// How the others ended since this node started.
    pub endings: Endings,
}

impl Watch {
    /// Everything that the store knows, read once at start.
    ///
    /// # Errors
    /// The store's; [`EngineError::Invalid`] if the quiet paths cannot be taken.
    pub async fn rebuild(store: &dyn Store, settings: &Settings) -> Result<Self, EngineError> {
        let quiet = QuietPaths::new(settings.quiet_paths.iter().map(String::as_str)).map_err(|error| {
            EngineError::Invalid { field: "quiet_paths", rule: format!("are wrong: {error}") }
        })?;
        let (hooks, counts) = (store.failing_hooks().await?, store.worse_counts().await?);
        let mut failing = HashMap::new();
        let mut rows = Vec::new();
        for row in hooks.iter().filter(|row| row.hook.enabled.is_on()) {
            let (Some(scope), Some(state)) = (scope_of(row.hook.scope), failing_state(row.hook.health.state))
            else {
                continue;
            };
            failing.insert(row.hook.id, (scope, seen(&row.hook)));
            rows.push((scope, failing_hook(&row.hook, state, row.waiting)));
        }
        let index = FailingIndex::rebuilt(rows, counts.into_iter().map(|(at, count)| (scope_at(at), count)));
        let mut dismissals = Dismissals::default();
        for kept in store.dismissals().await? {
            let scope = scope_at(kept.source);
            if let (Some(feature), Some(_)) = (Feature::from_name(&kept.feature), index.failing(scope)) {
                dismissals.note(kept.user, scope, feature, kept.worse_count);
            }
        }
        let outcomes = Outcomes::rebuild(store, |hook| failing.contains_key(&hook)).await?;
        Ok(Self { outcomes, ..Self::of(index, dismissals, failing, quiet) })
    }

    fn of(
        index: FailingIndex,
        dismissals: Dismissals,
        failing: HashMap<HookId, (Scope, Seen)>,
        quiet: QuietPaths,
    ) -> Self {
        let left = Cache::new(LEFT_HOOKS_REMEMBERED_MAX);
        Self {
            known: RwLock::new(Known { index, dismissals, failing, left }),
            quiet,
            outcomes: Outcomes::default(),
            counts: Counts::default(),
            rings: broadcast::Sender::new(WATCH_RINGS_MAX),
        }
    }

    /// Takes in a hook as it is after a commit: into the index if it fails and is switched on, else out of it.
    /// `worse_count` is its project's or group's "got worse" counter, if the commit moved it.
    pub fn hook_moved(&self, hook: &Hook, waiting: u64, worse_count: Option<u64>) {
        let Some(scope) = scope_of(hook.scope) else { return };
        let news = self.known.write().hook_moved(scope, hook, waiting, worse_count);
        if let News::Left(left) = news {
            self.outcomes.left(hook.id, left);
        }
        if news != News::None {
            self.ring(scope);
        }
    }

    /// Takes out a hook that was deleted.
    pub fn hook_gone(&self, hook: HookId) {
        let mut known = self.known.write();
        let was_in = known.failing.get(&hook).map(|(scope, _)| *scope);
        if let Some(scope) = was_in {
            known.take_out(scope, hook);
        }
        known.left.insert(hook, Seen::GONE);
        drop(known);
        if let Some(scope) = was_in {
            self.outcomes.left(hook, Left::Gone);
            self.ring(scope);
        }
    }

    /// Takes in how many deliveries of a failing hook wait; of others it is not kept.
    pub fn waiting(&self, hook: HookId, waiting: u64) {
        let Some((scope, _)) = self.known.read().failing.get(&hook).copied() else { return };
        self.known.write().index.set_waiting(scope, hook, waiting);
    }

    /// How many deliveries of a failing hook of a project or group wait; `None` for any other hook.
    pub(crate) fn waiting_for(&self, hook: HookId) -> Option<u64> {
        let known = self.known.read();
        let (scope, _) = known.failing.get(&hook)?;
        let hooks = known.index.failing(*scope)?.hooks();
        hooks.iter().find(|failing| failing.id() == hook).map(FailingHook::waiting)
    }

    /// The projects and groups whose banners may have changed, as it happens. Who lags behind is told so by the channel
    /// and asks anew for what it shows.
    pub fn subscribe(&self) -> broadcast::Receiver<Source> {
        self.rings.subscribe()
    }

    /// What banners did, and how many hooks fail.
    pub fn counts(&self) -> CalloutCounts {
        CalloutCounts {
            shown: self.counts.shown.load(Ordering::Relaxed),
            followed: self.counts.followed.load(Ordering::Relaxed),
            dismissed: self.counts.dismissed.load(Ordering::Relaxed),
            failing: self.known.read().failing.len() as u64,
        }
    }

    /// Counts a banner that a user sees in a place, unless the same was counted before.
    pub(crate) fn shown(&self, user: UserId, scope: Scope, worse_count: u64, now: Timestamp) {
        let mut shown_to = self.counts.shown_to.lock();
        if shown_to.get(&(user, scope)) == Some(&worse_count) {
            return;
        }
        shown_to.insert((user, scope), worse_count);
        drop(shown_to);
        self.counts.shown.fetch_add(1, Ordering::Relaxed);
        // Held together with the list, so that no hook leaves between the two and stays open for ever.
        let known = self.known.read();
        let failing = known.index.failing(scope).map_or(&[][..], wigwag_callouts::Failing::hooks);
        let hooks: Vec<HookId> = failing.iter().map(FailingHook::id).collect();
        self.outcomes.told_of(&hooks, now);
    }

    /// A banner's button was used.
    pub fn followed(&self) {
        self.counts.followed.fetch_add(1, Ordering::Relaxed);
    }

    /// The counter that a dismissal made now remembers; `None` if nothing fails there.
    pub(crate) fn worse_count(&self, scope: Scope) -> Option<u64> {
        self.known.read().index.failing(scope).map(wigwag_callouts::Failing::worse_count)
    }

    /// Takes in a dismissal that the store has.
    pub(crate) fn dismissed(&self, user: UserId, scope: Scope, feature: Feature, worse_count: u64) {
        let mut known = self.known.write();
        if known.index.failing(scope).is_some() {
            known.dismissals.note(user, scope, feature, worse_count);
        }
        drop(known);
        self.counts.dismissed.fetch_add(1, Ordering::Relaxed);
        self.ring(scope);
    }

    fn ring(&self, scope: Scope) {
        // Nobody listening is no error.
        let _ = self.rings.send(source_of(scope));
    }
}

/// What a piece of news did to the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum News {
    /// Nothing that a banner tells.
    None,
    /// The hook fails, or fails otherwise.
    Fails,
    /// The hook left.
    Left(Left),
}

/// Why a hook left the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    /// It works, or was enabled.
    Healthy {
        /// Since when.
        since: Timestamp,
    },
    /// It was deleted.
    Gone,
    /// Its owner switched it off.
    Off,
    /// Its policy holds nothing back any more.
    Released,
}

impl Left {
    /// Why this hook is not in the index.
    pub(crate) fn of(hook: &Hook) -> Self {
        Self::with(hook.enabled, hook)
    }

    /// The same, where the owner's switch is known from elsewhere.
    const fn with(enabled: Switch, hook: &Hook) -> Self {
        match (enabled, hook.health.state) {
            (Switch::Off, _) => Self::Off,
            (Switch::On, Health::Healthy) => Self::Healthy { since: hook.health.since },
            (Switch::On, _) => Self::Released,
        }
    }
}

impl Known {
    fn hook_moved(&mut self, scope: Scope, hook: &Hook, waiting: u64, worse_count: Option<u64>) -> News {
        let id = hook.id;
        let seen_before =
            self.failing.get(&id).map(|(_, seen)| *seen).or_else(|| self.left.get(&id).copied());
        let news = seen(hook);
        let now = match seen_before {
            None => news,
            Some(before) => Seen {
                version: news.version.max(before.version),
                revision: news.revision.max(before.revision),
                enabled: if news.revision >= before.revision { news.enabled } else { before.enabled },
            },
        };
        let health_is_news = now.version == news.version;
        let was_in = self.failing.contains_key(&id);
        let state = match failing_state(hook.health.state).filter(|_| now.enabled.is_on()) {
            Some(state) if health_is_news => Some(state),
            _ if was_in && !health_is_news && now.enabled.is_on() => {
                self.raise(scope, worse_count);
                self.failing.insert(id, (scope, now));
                return News::None;
            }
            _ => None,
        };
        match state {
            Some(state) => {
                self.left.remove(&id);
                self.failing.insert(id, (scope, now));
                self.index.apply(Change { scope, hook: failing_hook(hook, state, waiting), worse_count });
                News::Fails
            }
            None => {
                self.raise(scope, worse_count);
                self.take_out(scope, id);
                // A hook that never failed needs no memory of it.
                if was_in || seen_before.is_some() {
                    self.left.insert(id, now);
                }
                if was_in { News::Left(Left::with(now.enabled, hook)) } else { News::None }
            }
        }
    }

    fn take_out(&mut self, scope: Scope, hook: HookId) {
        self.index.remove(scope, hook);
        if self.index.failing(scope).is_none() {
            self.dismissals.forget(scope);
        }
        self.failing.remove(&hook);
        if self.failing.capacity() > 64 && self.failing.len() < self.failing.capacity() / 8 {
            self.failing.shrink_to(self.failing.len() * 2);
        }
    }

    /// Brings a counter that came with old news to where something still fails.
    fn raise(&mut self, scope: Scope, worse_count: Option<u64>) {
        let any = self.index.failing(scope).and_then(|failing| failing.worst()).cloned();
        if let (Some(hook), Some(_)) = (any, worse_count) {
            self.index.apply(Change { scope, hook, worse_count });
        }
    }
}

const fn seen(hook: &Hook) -> Seen {
    Seen { version: hook.health.version, revision: hook.revision, enabled: hook.enabled }
}

fn failing_hook(hook: &Hook, state: FailingState, waiting: u64) -> FailingHook {
    let error = hook.health.last_failure.as_ref().map_or("", |failure| failure.text.as_str());
    FailingHook::new(hook.id, hook.title(), state, error, hook.health.since, waiting)
}

const fn failing_state(health: Health) -> Option<FailingState> {
    match health {
        Health::Healthy | Health::Unhealthy { .. } => None,
        Health::Paused { until, .. } => Some(FailingState::Paused { next_try_at: until }),
        Health::HalfOpen => Some(FailingState::HalfOpen),
        Health::Disabled => Some(FailingState::Disabled),
    }
}

/// Whose banner tells of a hook; a hook of the system has none.
const fn scope_of(scope: HookScope) -> Option<Scope> {
    match scope {
        HookScope::Project(id) => Some(Scope::Project(id)),
        HookScope::Group(id) => Some(Scope::Group(id)),
        HookScope::System => None,
    }
}

/// A project or group as the callouts have it.
pub(crate) const fn scope_at(source: Source) -> Scope {
    match source {
        Source::Project(id) => Scope::Project(id),
        Source::Group(id) => Scope::Group(id),
    }
}

const fn source_of(scope: Scope) -> Source {
    match scope {
        Scope::Project(id) => Source::Project(id),
        Scope::Group(id) => Source::Group(id),
    }
}

#[cfg(test)]
mod tests;
