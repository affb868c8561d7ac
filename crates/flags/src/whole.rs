//! What concerns every flag of a snapshot at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::evaluate::Decision;
use crate::names::FlagName;
use crate::snapshot::{Flag, Snapshot};

/// What one snapshot has that another, older one has not, and the other way round.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Changed<'s> {
    /// Flags that are new or different, by name.
    pub changed: Vec<(&'s FlagName, &'s Flag)>,
    /// Flags that are neither defined nor stored any more, by name.
    pub removed: Vec<&'s FlagName>,
}

impl Snapshot {
    /// What this snapshot has and `older` has not. Of snapshots that were made from one another by a few writes it looks
    /// at little more than what these touched.
    pub fn changed_since<'s>(&'s self, older: &'s Snapshot) -> Changed<'s> {
        let of = |slots: &'s crate::slots::Slots, other| slots.unlike(other);
        let touched = of(&self.slots, &older.slots).chain(of(&older.slots, &self.slots));
        let names: BTreeSet<&FlagName> = touched.filter_map(|slot| slot.name.as_ref()).collect();
        let mut told = Changed::default();
        for name in names {
            match (older.flag(name.as_str()), self.flag(name.as_str())) {
                (Some(was), Some(is)) if !is_same(was, is) => told.changed.push((name, is)),
                (None, Some(is)) => told.changed.push((name, is)),
                (Some(_), None) => told.removed.push(name),
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        told
    }

    /// As [`is_enabled`](Self::is_enabled) for every flag that is defined or stored, in an order that does not change
    /// while they stay the same ones.
    pub fn decide_all<'s>(
        &'s self,
        actors: &[&str],
        mut random: impl FnMut() -> f64,
        mut tell: impl FnMut(&'s FlagName, Decision<'s>),
    ) {
        for (number, slot) in self.slots.iter().filter(|(_, slot)| !slot.is_empty()) {
            if let Some(name) = &slot.name {
                tell(name, self.decide(number, slot, actors, &mut random));
            }
        }
    }
}

fn is_same(was: &Flag, is: &Flag) -> bool {
    is_same_arc(was.state.as_ref(), is.state.as_ref())
        && is_same_arc(was.definition.as_ref(), is.definition.as_ref())
}

fn is_same_arc<T: PartialEq>(was: Option<&Arc<T>>, is: Option<&Arc<T>>) -> bool {
    match (was, is) {
        (Some(was), Some(is)) => Arc::ptr_eq(was, is) || was == is,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{FlagName, FlagState, Snapshot, shipped};

    fn name(text: &str) -> FlagName {
        text.parse().unwrap()
    }

    fn on() -> Option<FlagState> {
        Some(FlagState { boolean: Some(true), ..FlagState::default() })
    }

    fn some(flags: usize) -> Snapshot {
        let states = (0..flags).map(|i| (name(&format!("f{i}")), FlagState::default()));
        Snapshot::new(1, shipped::definitions().into_iter().map(Arc::new), states)
    }

    #[track_caller]
    fn check(older: &Snapshot, newer: &Snapshot, changed: &[&str], removed: &[&str]) {
        let told = newer.changed_since(older);
        let names: Vec<&str> = told.changed.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, changed);
        assert!(told.changed.iter().all(|(name, flag)| newer.flag(name.as_str()) == Some(*flag)));
        let gone: Vec<&str> = told.removed.iter().map(|name| name.as_str()).collect();
        assert_eq!(gone, removed);
    }

    #[test]
    fn what_changed_is_told_and_nothing_else() {
        let first = some(200);
        check(&first, &first.clone(), &[], &[]);
        let second = first.with_state(2, &name("f150"), on());
        check(&first, &second, &["f150"], &[]);
        check(&second, &first, &["f150"], &[]);
        let third = second.with_state(3, &name("f3"), None).with_state(4, &name("new"), on());
        check(&first, &third, &["f150", "new"], &["f3"]);
        let same = second.with_state(5, &name("f150"), on());
        check(&second, &same, &[], &[]);
        let undefined = first.with_definitions(6, []);
        check(&first, &undefined, &[], &shipped_names());
        check(&undefined, &first, &shipped_names(), &[]);
    }

    #[test]
    fn snapshots_of_different_descent_are_compared_too() {
        let (few, many) = (some(5), some(200));
        let told = many.changed_since(&few);
        assert_eq!((told.changed.len(), told.removed.len()), (195, 0));
        assert_eq!(few.changed_since(&many).removed.len(), 195);
        check(&many, &some(200), &[], &[]);
    }

    #[test]
    fn every_flag_decides_as_if_asked_alone() {
        let all = some(100).with_state(2, &name("f7"), on());
        let mut told = Vec::new();
        all.decide_all(&["User:5"], || 0.5, |name, decision| told.push((name.clone(), decision)));
        assert_eq!(told.len(), all.flags().len());
        for (name, decision) in told {
            assert_eq!(decision, all.is_enabled(name.as_str(), &["User:5"], || 0.5), "{name}");
        }
    }

    fn shipped_names() -> Vec<&'static str> {
        let mut names: Vec<&str> = Vec::new();
        for definition in shipped::definitions() {
            names.push(Box::leak(definition.name.to_string().into_boxed_str()));
        }
        names.sort_unstable();
        names
    }
}
