//! Which hooks fail, in memory: nearly every page's question ends here, with one look-up that finds nothing. Only
//! failing hooks take room; what recovers leaves at once.
//!
//! The store owns the "got worse" counters and the index repeats them. A counter is forgotten with its last failing
//! hook: whatever fails there next got worse by that and brings a higher one.

use crate::{Failing, FailingHook, Scope};
use std::collections::HashMap;
use std::hash::Hash;
use std::mem::size_of;
use wigwag_base::{GroupId, HookId, ProjectId};

/// The failing hooks of every project and group. A hook of the system concerns no project's page and is not in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FailingIndex {
    // Boxed, so that the empty places of the tables stay small; two tables, so that the keys do.
    projects: HashMap<ProjectId, Box<Failing>>,
    groups: HashMap<GroupId, Box<Failing>>,
}

/// A hook fails, or fails otherwise than before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Whose hook it is.
    pub scope: Scope,
    /// How it is now.
    pub hook: FailingHook,
    /// The scope's "got worse" counter as the store wrote it, if this change moved it.
    pub worse_count: Option<u64>,
}

impl FailingIndex {
    /// The index as the store knows it: every failing hook, and every counter (those of scopes where nothing fails
    /// are passed over).
    pub fn rebuilt(
        hooks: impl IntoIterator<Item = (Scope, FailingHook)>,
        worse_counts: impl IntoIterator<Item = (Scope, u64)>,
    ) -> Self {
        let mut index = Self::default();
        for (scope, hook) in hooks {
            index.apply(Change { scope, hook, worse_count: None });
        }
        for (scope, worse_count) in worse_counts {
            if let Some(failing) = index.failing_mut(scope) {
                failing.raise(worse_count);
            }
        }
        index
    }

    /// What fails in a scope: one look-up, nothing allocated.
    pub fn failing(&self, scope: Scope) -> Option<&Failing> {
        match scope {
            Scope::Project(id) => self.projects.get(&id),
            Scope::Group(id) => self.groups.get(&id),
        }
        .map(Box::as_ref)
    }

    /// Notes a hook that fails. Applying a change twice is applying it once.
    pub fn apply(&mut self, change: Change) {
        let failing = match change.scope {
            Scope::Project(id) => self.projects.entry(id).or_default(),
            Scope::Group(id) => self.groups.entry(id).or_default(),
        };
        failing.put(change.hook);
        failing.raise(change.worse_count.unwrap_or(0));
    }

    /// Notes how many events wait for a failing hook; nothing if it does not fail.
    pub fn set_waiting(&mut self, scope: Scope, hook: HookId, waiting: u64) {
        if let Some(hook) = self.failing_mut(scope).and_then(|failing| failing.get_mut(hook)) {
            hook.waiting = waiting;
        }
    }

    /// Takes out a hook that recovered, was deleted, switched off or enabled again; whether it was in.
    pub fn remove(&mut self, scope: Scope, hook: HookId) -> Option<FailingHook> {
        let failing = self.failing_mut(scope)?;
        let taken = failing.take(hook);
        if failing.is_empty() {
            self.forget(scope);
        }
        taken
    }

    /// Takes out everything of a project or group that was deleted.
    pub fn forget(&mut self, scope: Scope) {
        match scope {
            Scope::Project(id) => drop_and_shrink(&mut self.projects, id),
            Scope::Group(id) => drop_and_shrink(&mut self.groups, id),
        }
    }

    /// Everything that fails.
    pub fn iter(&self) -> impl Iterator<Item = (Scope, &Failing)> {
        let projects = self.projects.iter().map(|(id, failing)| (Scope::Project(*id), failing.as_ref()));
        projects.chain(self.groups.iter().map(|(id, failing)| (Scope::Group(*id), failing.as_ref())))
    }

    /// The number of failing hooks.
    pub fn hooks_count(&self) -> usize {
        self.iter().map(|(_, failing)| failing.hooks().len()).sum()
    }

    /// Bytes that the index holds, the texts' own bytes left out: tables, boxes, hooks and the counters of shared texts.
    pub fn bytes(&self) -> usize {
        /// Strong and weak count of each of the two texts.
        const TEXT_HEADERS: usize = 2 * 2 * size_of::<usize>();
        let tables = table_bytes(&self.projects) + table_bytes(&self.groups);
        let each = |failing: &Failing| {
            size_of::<Failing>()
                + failing.hooks_capacity() * size_of::<FailingHook>()
                + failing.hooks().len() * TEXT_HEADERS
        };
        tables + self.iter().map(|(_, failing)| each(failing)).sum::<usize>()
    }

    fn failing_mut(&mut self, scope: Scope) -> Option<&mut Failing> {
        match scope {
            Scope::Project(id) => self.projects.get_mut(&id),
            Scope::Group(id) => self.groups.get_mut(&id),
        }
        .map(Box::as_mut)
    }
}

/// Removes an entry; a table that is mostly empty afterwards gives its room back.
fn drop_and_shrink<K: Eq + Hash>(table: &mut HashMap<K, Box<Failing>>, key: K) {
    table.remove(&key);
    if table.capacity() > 64 && table.len() < table.capacity() / 8 {
        table.shrink_to(table.len() * 2);
    }
}

/// The standard table keeps one control byte beside each place, and fills at most seven of eight places.
fn table_bytes<K, V>(table: &HashMap<K, V>) -> usize {
    (table.capacity() * 8).div_ceil(7) * (size_of::<(K, V)>() + 1)
}

#[cfg(test)]
mod tests;
