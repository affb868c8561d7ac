//! Look-up by text, as fast as it gets: one cheap hash, one probe.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::collections::BTreeSet;
use std::hash::Hasher;

use crate::names::ActorId;

/// A hash for tables in memory alone: quick for short texts and the same in every run. It resists nobody who picks
/// texts to collide, and need not: names and ids come from those who may change flags, and
/// [`ACTORS_MAX`](crate::limits::ACTORS_MAX) bounds what one flag can cost.
#[inline]
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// A set of actors' ids.
pub(crate) struct IdSet(HashTable<ActorId>);

impl IdSet {
    /// The same ids, which stay shared with `ids`.
    pub(crate) fn of(ids: &BTreeSet<ActorId>) -> Self {
        let mut table = HashTable::with_capacity(ids.len());
        for id in ids {
            table.insert_unique(hash(id.as_str()), id.clone(), |id| hash(id.as_str()));
        }
        Self(table)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.first_of(&[id]).is_some()
    }

    /// The first of `ids` that is in the set.
    #[inline]
    pub(crate) fn first_of(&self, ids: &[&str]) -> Option<&ActorId> {
        if self.0.is_empty() {
            return None;
        }
        ids.iter().find_map(|id| self.0.find(hash(id), |own| own.as_str() == *id))
    }
}
