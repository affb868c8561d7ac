//! A flag that is asked often: found once, then asked without looking for its name.

use std::sync::Arc;

use crate::evaluate::Decision;
use crate::slots::Slot;
use crate::snapshot::Snapshot;

/// A flag's name with the place where a snapshot keeps it. Got by [`Snapshot::handle`], asked with
/// [`Snapshot::is_enabled_by`]; cheap to copy and to keep for as long as the program runs.
///
/// It gives the answer of its name with every snapshot, and is quick with those that were made from the one that gave
/// it, one from the other. With any other snapshot, or for a flag that did not exist yet, it costs a look-up by name.
#[derive(Clone, Debug)]
pub struct FlagHandle {
    number: u32,
    name: Arc<str>,
}

impl FlagHandle {
    /// The name that it stands for.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Snapshot {
    /// A handle of flag `name`, which need not exist.
    pub fn handle(&self, name: &str) -> FlagHandle {
        match self.slots.find(name) {
            Some((number, Slot { name: Some(name), .. })) => {
                FlagHandle { number, name: name.shared().clone() }
            }
            _ => FlagHandle { number: u32::MAX, name: name.into() },
        }
    }

    /// As [`is_enabled`](Self::is_enabled), by a handle.
    #[inline]
    pub fn is_enabled_by(
        &self,
        handle: &FlagHandle,
        actors: &[&str],
        random: impl FnMut() -> f64,
    ) -> Decision<'_> {
        match self.slots.get(handle.number).filter(|slot| is_of(slot, handle)) {
            Some(slot) => self.decide(handle.number, slot, actors, random),
            None => self.is_enabled(&handle.name, actors, random),
        }
    }
}

/// Whether `slot` is the handle's: a name is kept once for all snapshots that are made one from the other, so the same
/// place in memory means the same name.
#[inline]
fn is_of(slot: &Slot, handle: &FlagHandle) -> bool {
    slot.name.as_ref().is_some_and(|name| Arc::ptr_eq(name.shared(), &handle.name))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::limits::FORGOTTEN_SLOTS_MIN;
    use crate::{Definition, FlagState, Snapshot, shipped};

    const FLAG: &str = shipped::AUTO_DISABLING_WEB_HOOKS;

    fn on() -> Option<FlagState> {
        Some(FlagState { boolean: Some(true), ..FlagState::default() })
    }

    fn definitions() -> Vec<Arc<Definition>> {
        shipped::definitions().into_iter().map(Arc::new).collect()
    }

    /// Whether the handle finds its slot without its name.
    fn is_quick(snapshot: &Snapshot, handle: &super::FlagHandle) -> bool {
        snapshot.slots.get(handle.number).is_some_and(|slot| super::is_of(slot, handle))
    }

    #[test]
    fn a_handle_outlives_every_change_of_its_snapshot() {
        let stray = "stray".parse().unwrap();
        let first = Snapshot::new(1, definitions(), []).with_state(2, &stray, on());
        let handles = [first.handle(FLAG), first.handle("stray")];
        let overrides = Arc::new([FLAG.parse().unwrap()].into());
        let swaps = [
            first.with_state(3, &FLAG.parse().unwrap(), Some(FlagState::default())),
            first.with_state(3, &stray, None),
            first.with_states(3, [(FLAG.parse().unwrap(), FlagState::default())]),
            first.with_definitions(3, []),
            first.with_definitions(3, definitions()),
            first.with_overrides(3, overrides),
            first.with_state(3, &"another".parse().unwrap(), on()),
        ];
        for (snapshot, handle) in swaps.iter().flat_map(|s| handles.iter().map(move |h| (s, h))) {
            assert!(is_quick(snapshot, handle), "{handle:?} {snapshot:?}");
            let by_name = snapshot.is_enabled(handle.name(), &[], || 0.0);
            assert_eq!(snapshot.is_enabled_by(handle, &[], || 0.0), by_name);
        }
    }

    #[test]
    fn a_handle_outlives_a_flag_that_comes_and_goes_and_definitions_read_anew() {
        let many = 3 * FORGOTTEN_SLOTS_MIN;
        let definitions = || {
            (0..many).map(|i| {
                let (name, depends_on) = (format!("f{i}").parse().unwrap(), vec!["nowhere".parse().unwrap()]);
                Arc::new(Definition { name, depends_on, ..shipped::definitions().remove(0) })
            })
        };
        let mut snapshot = Snapshot::new(1, definitions(), []);
        let handle = snapshot.handle("f1");
        for _ in 0..many {
            let name = "comes_and_goes".parse().unwrap();
            snapshot = snapshot.with_state(2, &name, on()).with_state(2, &name, None);
            snapshot = snapshot.with_definitions(2, definitions());
            assert!(is_quick(&snapshot, &handle));
        }
    }

    #[test]
    fn a_handle_of_a_flag_to_come_is_right_once_it_is_there() {
        let before = Snapshot::new(1, [], []);
        let handle = before.handle("soon");
        assert!(!before.is_enabled_by(&handle, &[], || 0.0).enabled);
        let after = before.with_state(2, &"soon".parse().unwrap(), on());
        assert!(after.is_enabled_by(&handle, &[], || 0.0).enabled);
        assert!(!is_quick(&after, &handle) && is_quick(&after, &after.handle("soon")));
        assert!(!after.is_enabled_by(&after.handle("no name!"), &[], || 0.0).enabled);
    }

    #[test]
    fn a_handle_is_never_another_flags() {
        let name = |i: usize| format!("f{i}").parse().unwrap();
        let all = (0..2 * FORGOTTEN_SLOTS_MIN).map(|i| (name(i), on().unwrap()));
        let mut snapshot = Snapshot::new(1, [], all);
        let (first, last) =
            (snapshot.handle("f0"), snapshot.handle(&format!("f{}", 2 * FORGOTTEN_SLOTS_MIN - 1)));
        // So many are forgotten that those that stay are numbered anew.
        for i in 0..FORGOTTEN_SLOTS_MIN + 1 {
            snapshot = snapshot.with_state(2, &name(i), None);
        }
        assert!(!is_quick(&snapshot, &first) && !is_quick(&snapshot, &last));
        assert!(!snapshot.is_enabled_by(&first, &[], || 0.0).enabled);
        assert!(snapshot.is_enabled_by(&last, &[], || 0.0).enabled);
        let others = Snapshot::new(1, [], [(name(7), FlagState::default()), (name(0), on().unwrap())]);
        assert!(others.is_enabled_by(&first, &[], || 0.0).enabled);
        assert!(!others.is_enabled_by(&last, &[], || 0.0).enabled);
    }
}
