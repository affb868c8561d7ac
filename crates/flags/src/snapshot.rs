//! Everything that evaluation needs, of one environment at one version; never changed, only replaced.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use crate::constant::Constant;
use crate::definition::Definition;
use crate::gates::{ActorGroups, Gates, NoGroups};
use crate::names::FlagName;
use crate::slots::{Slot, Slots};
use crate::state::FlagState;

/// One flag: at least one of the two is there.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Flag {
    /// What its owner wrote down, if it is defined.
    pub definition: Option<Arc<Definition>>,
    /// What is stored, if anything ever was since the last `delete`.
    pub state: Option<Arc<FlagState>>,
}

impl Flag {
    /// The answer while nothing is stored: off without a definition.
    pub fn default_enabled(&self) -> bool {
        self.definition.as_ref().is_some_and(|definition| definition.default_enabled)
    }

    pub(crate) fn depends_on(&self) -> &[FlagName] {
        self.definition.as_ref().map_or(&[], |definition| &definition.depends_on)
    }
}

/// All flags of one environment. Cheap to copy with one flag replaced; share it behind an `Arc`.
#[derive(Clone)]
pub struct Snapshot {
    version: u64,
    pub(crate) slots: Slots,
    overrides: Arc<BTreeSet<FlagName>>,
    pub(crate) groups: Arc<dyn ActorGroups>,
}

impl Snapshot {
    /// The flags of `definitions` and `states` together, as of `version` (a number that rises with every write).
    pub fn new(
        version: u64,
        definitions: impl IntoIterator<Item = Arc<Definition>>,
        states: impl IntoIterator<Item = (FlagName, FlagState)>,
    ) -> Self {
        let (slots, overrides) = (Slots::default(), Arc::default());
        let mut new = Self { version, slots, overrides, groups: Arc::new(NoGroups) };
        for definition in definitions {
            new.define(definition);
        }
        for (name, state) in states {
            new.store(&name, Some(state));
        }
        new
    }

    /// The same flags with the named groups that the groups gate may ask.
    #[must_use]
    pub fn with_groups(mut self, groups: Arc<dyn ActorGroups>) -> Self {
        self.groups = groups;
        self
    }

    /// The same flags as of a later `version`, with what is stored of one flag replaced; `None` forgets it.
    #[must_use]
    pub fn with_state(&self, version: u64, name: &FlagName, state: Option<FlagState>) -> Self {
        let mut next = Self { version, ..self.clone() };
        if state.is_some() || next.slots.find(name.as_str()).is_some() {
            next.store(name, state);
        }
        next.slots.compact();
        next
    }

    /// The same definitions, overrides and groups as of a later `version`, with everything that is stored replaced.
    #[must_use]
    pub fn with_states(&self, version: u64, states: impl IntoIterator<Item = (FlagName, FlagState)>) -> Self {
        let mut next = Self { version, ..self.clone() };
        let mut stored = HashSet::new();
        stored.extend(states.into_iter().map(|(name, state)| next.store(&name, Some(state))));
        for (number, _) in self.slots.iter().filter(|(number, _)| !stored.contains(number)) {
            next.change(number, |slot| (slot.flag.state, slot.gates) = (None, None));
        }
        next.slots.compact();
        next
    }

    /// The same states, overrides and groups as of a later `version`, with every definition replaced.
    #[must_use]
    pub fn with_definitions(
        &self,
        version: u64,
        definitions: impl IntoIterator<Item = Arc<Definition>>,
    ) -> Self {
        let mut next = Self { version, ..self.clone() };
        let mut defined = HashSet::new();
        defined.extend(definitions.into_iter().map(|definition| next.define(definition)));
        for (number, _) in self.slots.iter().filter(|(number, _)| !defined.contains(number)) {
            next.change(number, |slot| (slot.flag.definition, slot.needs) = (None, Arc::default()));
        }
        next.slots.compact();
        next
    }

    /// The same flags as of a later `version`, with the flags of `overrides` switched off whatever else is set. The
    /// set replaces the former one; it may name flags that do not exist.
    #[must_use]
    pub fn with_overrides(&self, version: u64, overrides: Arc<BTreeSet<FlagName>>) -> Self {
        let mut next = Self { version, overrides, ..self.clone() };
        for name in self.overrides.symmetric_difference(&next.overrides.clone()) {
            if let Some((number, _)) = self.slots.find(name.as_str()) {
                next.change(number, |_| {});
            }
        }
        next
    }

    /// Whether an override switches flag `name` off, if there is such a flag.
    pub fn overridden(&self, name: &str) -> bool {
        self.overrides.contains(name)
    }

    /// The names that overrides switch off, those of flags that are neither defined nor stored too.
    pub fn overrides(&self) -> &Arc<BTreeSet<FlagName>> {
        &self.overrides
    }

    /// The number of the write that these flags are as of.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The flag of this name; `None` is one that has neither a definition nor stored state.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.slots.find(name).map(|(_, slot)| slot).filter(|slot| !slot.is_empty()).map(|slot| &slot.flag)
    }

    /// Every flag, by name in byte order.
    pub fn flags(&self) -> Vec<(&FlagName, &Flag)> {
        let there = self.slots.iter().map(|(_, slot)| slot).filter(|slot| !slot.is_empty());
        let mut all: Vec<_> = there.filter_map(|slot| Some((slot.name.as_ref()?, &slot.flag))).collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        all
    }

    /// Whether the stored actors gate of flag `name` lists `actor` by itself, whatever else decides.
    pub fn holds(&self, name: &str, actor: &str) -> bool {
        self.gates(name).is_some_and(|gates| gates.actors.contains(actor))
    }

    /// Whether `actor` has opted out of flag `name`.
    pub fn opted_out(&self, name: &str, actor: &str) -> bool {
        self.gates(name).is_some_and(|gates| gates.opt_outs.contains(actor))
    }

    pub(crate) fn gates(&self, name: &str) -> Option<&Gates> {
        self.slots.find(name).and_then(|(_, slot)| slot.gates.as_deref())
    }

    fn define(&mut self, definition: Arc<Definition>) -> u32 {
        let number = self.slots.find_or_add(&definition.name);
        let needs = definition.depends_on.iter().map(|needed| self.slots.find_or_add(needed)).collect();
        self.change(number, |slot| {
            slot.flag.definition = Some(definition);
            slot.needs = needs;
        });
        number
    }

    fn store(&mut self, name: &FlagName, state: Option<FlagState>) -> u32 {
        let number = self.slots.find_or_add(name);
        self.change(number, |slot| {
            slot.gates = state.as_ref().map(|state| Arc::new(Gates::of(name, state)));
            slot.flag.state = state.map(Arc::new);
        });
        number
    }

    /// Changes one slot and finds out its constant answer anew.
    fn change(&mut self, number: u32, change: impl FnOnce(&mut Slot)) {
        let overrides = &self.overrides;
        self.slots.change(number, |slot| {
            change(slot);
            let overridden = slot.name.as_ref().is_some_and(|name| overrides.contains(name));
            slot.constant = Constant::of(slot, overridden);
        });
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("version", &self.version)
            .field("overrides", &self.overrides)
            .field("flags", &self.flags())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Snapshot;
    use crate::{Definition, FlagState, Reason, shipped};

    fn definitions() -> Vec<Arc<Definition>> {
        shipped::definitions().into_iter().map(Arc::new).collect()
    }

    #[test]
    fn a_state_is_replaced_and_forgotten() {
        let (defined, stray) = (shipped::WEBHOOKS_FAILED_CALLOUT.parse().unwrap(), "stray".parse().unwrap());
        let empty = Snapshot::new(1, definitions(), []);
        let set = empty.with_state(2, &defined, Some(FlagState::default()));
        let set = set.with_state(3, &stray, Some(FlagState::default()));
        assert_eq!((set.version(), set.flags().len()), (3, empty.flags().len() + 1));
        assert!(set.flag("stray").unwrap().definition.is_none());
        let forgotten = set.with_state(4, &defined, None).with_state(5, &stray, None);
        assert_eq!(forgotten.flags(), empty.flags());
        assert!(empty.flag(defined.as_str()).unwrap().state.is_none());
    }

    #[test]
    fn names_come_sorted() {
        let states = ["b", "a", "c"].map(|name| (name.parse().unwrap(), FlagState::default()));
        let snapshot = Snapshot::new(1, [], states);
        let names: Vec<_> = snapshot.flags().iter().map(|(name, _)| name.as_str().to_owned()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn definitions_are_replaced_and_all_else_stays() {
        let stored = (shipped::WEBHOOKS_FAILED_CALLOUT.parse().unwrap(), FlagState::default());
        let overrides = Arc::new(["ghost".parse().unwrap()].into());
        let before = Snapshot::new(1, definitions(), [stored]).with_overrides(2, overrides);
        let without = before.with_definitions(3, []);
        let names: Vec<_> = without.flags().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((without.version(), names), (3, vec![shipped::WEBHOOKS_FAILED_CALLOUT]));
        assert!(without.flag(shipped::WEBHOOKS_FAILED_CALLOUT).unwrap().definition.is_none());
        assert!(without.overridden("ghost"));
        let again = without.with_definitions(4, definitions());
        assert_eq!((again.flags(), again.overrides()), (before.flags(), before.overrides()));
    }

    #[test]
    fn an_override_switches_off_what_exists_and_is_listed_in_any_case() {
        let overrides = [shipped::AUTO_DISABLING_WEB_HOOKS, "ghost"].map(|name| name.parse().unwrap());
        let snapshot = Snapshot::new(1, definitions(), []).with_overrides(2, Arc::new(overrides.into()));
        let reason = |name: &str| snapshot.is_enabled(name, &[], || 0.0).reason;
        assert_eq!(reason(shipped::AUTO_DISABLING_WEB_HOOKS), Reason::Override);
        assert_eq!(reason("ghost"), Reason::Unknown);
        assert!(snapshot.overridden("ghost") && !snapshot.overridden("other"));
        assert_eq!(snapshot.overrides().len(), 2);
        assert!(snapshot.flag("ghost").is_none());
    }
}
