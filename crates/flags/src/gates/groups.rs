//! On for named groups of actors, such as `staff`; who belongs to one is asked of whoever keeps the members.

use super::Call;
use crate::evaluate::Reason;
use crate::state::FlagState;

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

pub(super) fn open<'s>(state: &'s FlagState, call: &Call<'_>) -> Option<Reason<'s>> {
    let accepts = |group: &str| call.actors.iter().any(|actor| call.groups.accepts(group, actor));
    state.groups.iter().find(|group| accepts(group)).map(|group| Reason::Group(group))
}
