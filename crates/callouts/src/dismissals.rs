use crate::{Feature, Scope};
use std::collections::HashMap;
use wigwag_base::UserId;

/// Who closed which callout, kept exact by the writes that change it. A dismissal remembers the "got worse" counter, not
/// a clock: it holds until the counter moves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dismissals {
    by_scope: HashMap<Scope, HashMap<(UserId, Feature), u64>>,
}

impl Dismissals {
    /// Notes that `user` closed the callout while the scope's counter stood at `worse_count`. An older one never
    /// replaces a newer one.
    pub fn note(&mut self, user: UserId, scope: Scope, feature: Feature, worse_count: u64) {
        let kept = self.by_scope.entry(scope).or_default().entry((user, feature)).or_insert(worse_count);
        *kept = (*kept).max(worse_count);
    }

    /// The counter at which `user` last closed the callout.
    pub fn noted(&self, user: UserId, scope: Scope, feature: Feature) -> Option<u64> {
        self.by_scope.get(&scope)?.get(&(user, feature)).copied()
    }

    /// Forgets what was closed in a scope: it was deleted, or nothing fails there any more, and whatever fails next
    /// moves the counter.
    pub fn forget(&mut self, scope: Scope) {
        self.by_scope.remove(&scope);
    }

    /// Dismissals kept.
    pub fn count(&self) -> usize {
        self.by_scope.values().map(HashMap::len).sum()
    }
}
