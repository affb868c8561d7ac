//! On for named groups of actors, such as `staff`; who belongs to one is asked of whoever keeps the members.

use std::collections::{BTreeMap, HashSet};

use super::Call;
use crate::evaluate::Reason;
use crate::names::ActorId;

/// Knows the named groups of actors. Asked while a flag is evaluated: it must answer from memory.
pub trait ActorGroups: Send + Sync {
    /// Whether there is a group of this name; others are refused when a flag is written.
    fn knows(&self, group: &str) -> bool;
    /// Whether `actor` (such as `User:5`) belongs to `group`; an unknown group has nobody.
    fn accepts(&self, group: &str, actor: &str) -> bool;
}

/// No group is configured.
#[derive(Clone, Copy, Debug)]
pub struct NoGroups;

impl ActorGroups for NoGroups {
    fn knows(&self, _group: &str) -> bool {
        false
    }

    fn accepts(&self, _group: &str, _actor: &str) -> bool {
        false
    }
}

/// Groups whose members are listed one by one, such as those of a configuration file or of a client's copy.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct StaticGroups(BTreeMap<String, HashSet<ActorId>>);

impl StaticGroups {
    /// Each group's name with its members; of two groups of one name the latter counts.
    pub fn new(groups: impl IntoIterator<Item = (String, HashSet<ActorId>)>) -> Self {
        Self(groups.into_iter().collect())
    }

    /// Every group with its members, by name in byte order.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &HashSet<ActorId>)> {
        self.0.iter().map(|(name, members)| (name.as_str(), members))
    }
}

impl ActorGroups for StaticGroups {
    fn knows(&self, group: &str) -> bool {
        self.0.contains_key(group)
    }

    fn accepts(&self, group: &str, actor: &str) -> bool {
        self.0.get(group).is_some_and(|members| members.contains(actor))
    }
}

pub(super) fn open<'s>(listed: &'s [String], call: &Call<'_>) -> Option<Reason<'s>> {
    let accepts = |group: &str| call.actors.iter().any(|actor| call.groups.accepts(group, actor));
    listed.iter().find(|group| accepts(group)).map(|group| Reason::Group(group))
}
