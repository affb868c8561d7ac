//! What changed between two snapshots, and one of them whole, in the shapes of the feed.

use crate::convert;
use std::collections::BTreeMap;
use std::sync::Arc;
use wigwag_flags::{FlagName, Snapshot, StaticGroups};
use wigwag_wire::flag_feed;

/// The flags of an environment, with the groups that their gates ask.
#[derive(Clone)]
pub(super) struct View {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) groups: Arc<StaticGroups>,
}

/// What `after` has that `before` has not, and the other way round.
pub(super) fn difference(before: &View, after: &View, since: &str, version: &str) -> flag_feed::Change {
    let told = after.snapshot.changed_since(&before.snapshot);
    let flags = told.changed.into_iter().map(|(name, flag)| convert::feed_flag(name, flag)).collect();
    let removed = told.removed.into_iter().map(FlagName::to_string).collect();
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
