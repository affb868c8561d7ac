//! What changed between two snapshots. What is the same `Arc` is the same; nothing is compared that need not be.

use crate::convert;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use wigwag_flags::{Flag, FlagName, Snapshot, StaticGroups};
use wigwag_wire::flag_feed;

/// The flags of an environment, with the groups that their gates ask.
#[derive(Clone)]
pub(super) struct View {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) groups: Arc<StaticGroups>,
}

/// What `after` has that `before` has not, and the other way round.
pub(super) fn difference(before: &View, after: &View, since: &str, version: &str) -> flag_feed::Change {
    let (old, new) = (before.snapshot.flags(), after.snapshot.flags());
    let mut flags = Vec::new();
    let mut removed = Vec::new();
    let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((was, _)), Some((is, _))) => was.cmp(is),
        };
        match order {
            Ordering::Less => removed.extend(old.next().map(|(name, _)| name.to_string())),
            Ordering::Greater => flags.extend(new.next().map(|(name, flag)| convert::feed_flag(name, flag))),
            Ordering::Equal => {
                if let (Some((_, was)), Some((name, is))) = (old.next(), new.next())
                    && !same(was, is)
                {
                    flags.push(convert::feed_flag(name, is));
                }
            }
        }
    }
    let groups = !Arc::ptr_eq(&before.groups, &after.groups) && before.groups != after.groups;
    let overrides = before.snapshot.overrides() != after.snapshot.overrides();
    flag_feed::Change {
        since: since.to_owned(),
        version: version.to_owned(),
        flags,
        removed,
        groups: groups.then(|| members(&after.groups)),
        overrides: overrides.then(|| overridden(&after.snapshot)),
    }
}

/// All of it.
pub(super) fn whole(view: &View, environment: &str, version: &str) -> flag_feed::Snapshot {
    let flags = view.snapshot.flags();
    flag_feed::Snapshot {
        environment: environment.to_owned(),
        version: version.to_owned(),
        flags: flags.into_iter().map(|(name, flag)| convert::feed_flag(name, flag)).collect(),
        groups: members(&view.groups),
        overrides: overridden(&view.snapshot),
    }
}

fn same(before: &Flag, after: &Flag) -> bool {
    same_arc(before.state.as_ref(), after.state.as_ref())
        && same_arc(before.definition.as_ref(), after.definition.as_ref())
}

fn same_arc<T: PartialEq>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (None, None) => true,
        _ => false,
    }
}

fn members(groups: &StaticGroups) -> BTreeMap<String, Vec<String>> {
    let sorted = |members: Vec<String>| {
        let mut members = members;
        members.sort_unstable();
        members
    };
    let named = groups
        .groups()
        .map(|(name, members)| (name.to_owned(), sorted(members.iter().map(ToString::to_string).collect())));
    named.collect()
}

fn overridden(snapshot: &Snapshot) -> Vec<String> {
    snapshot.overrides().iter().map(FlagName::to_string).collect()
}
