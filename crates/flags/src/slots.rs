//! Where a snapshot keeps its flags: in numbered slots, so that a flag that is asked often is found by its number, and
//! in pages shared between copies, so that a copy with one flag replaced costs one page.
//!
//! ```text
//! name -> names (hash table) -> number -> pages[number / 64] -> slot: name, flag, needs, gates, constant
//! ```

use std::array;
use std::sync::Arc;

use hashbrown::HashTable;

use crate::constant::Constant;
use crate::gates::Gates;
use crate::ids::hash;
use crate::limits::FORGOTTEN_SLOTS_MIN;
use crate::names::FlagName;
use crate::snapshot::Flag;

/// Slots of one page: what is copied when one flag is replaced. The pages' list is copied too, so that both are short
/// at 10,000 flags.
const PAGE: usize = 64;

/// One flag, made ready to be asked.
#[derive(Clone, Default)]
pub(crate) struct Slot {
    /// `None` in the unused rest of the last page.
    pub(crate) name: Option<FlagName>,
    /// Neither defined nor stored: forgotten, or so far only named by another flag's `depends_on`.
    pub(crate) flag: Flag,
    /// The slots of the definition's `depends_on`, in its order.
    pub(crate) needs: Arc<[u32]>,
    /// The stored state, compiled.
    pub(crate) gates: Option<Arc<Gates>>,
    /// The answer, if it is always the same.
    pub(crate) constant: Option<Constant>,
}

impl Slot {
    pub(crate) fn is_empty(&self) -> bool {
        self.flag.definition.is_none() && self.flag.state.is_none()
    }
}

/// Every flag of a snapshot. A flag keeps its number in copies until [`compact`](Self::compact) numbers all anew.
#[derive(Clone, Default)]
pub(crate) struct Slots {
    pages: Vec<Arc<[Slot; PAGE]>>,
    used: u32,
    /// Empty slots, without those that were there when the slots were last numbered: it would keep them again.
    forgotten: usize,
    names: Arc<HashTable<u32>>,
}

impl Slots {
    /// The slot of this number; a number of another snapshot may give any slot or none.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&Slot> {
        slot_in(&self.pages, number)
    }

    /// The number and the slot of flag `name`.
    #[inline]
    pub(crate) fn find(&self, name: &str) -> Option<(u32, &Slot)> {
        let number = *self.names.find(hash(name), |number| name_in(&self.pages, *number) == Some(name))?;
        Some((number, self.get(number)?))
    }

    /// The number of flag `name`, which gets an empty slot if it has none.
    pub(crate) fn find_or_add(&mut self, name: &FlagName) -> u32 {
        if let Some((number, _)) = self.find(name.as_str()) {
            return number;
        }
        let number = self.used;
        if number as usize == self.pages.len() * PAGE {
            self.pages.push(Arc::new(array::from_fn(|_| Slot::default())));
        }
        self.used += 1;
        self.forgotten += 1;
        let constant = Some(Constant::Unknown);
        self.change(number, |slot| *slot = Slot { name: Some(name.clone()), constant, ..Slot::default() });
        let pages = &self.pages;
        let rehash = |number: &u32| hash(name_in(pages, *number).unwrap_or_default());
        Arc::make_mut(&mut self.names).insert_unique(hash(name.as_str()), number, rehash);
        number
    }

    /// Changes one slot, in this copy alone.
    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut Slot)) {
        let number = number as usize;
        let Some(page) = self.pages.get_mut(number / PAGE) else { return };
        let slot = &mut Arc::make_mut(page)[number % PAGE];
        let before = slot.is_empty();
        change(slot);
        match (before, slot.is_empty()) {
            (false, true) => self.forgotten += 1,
            (true, false) => self.forgotten = self.forgotten.saturating_sub(1),
            _ => {}
        }
    }

    /// Every slot that has a name, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Slot)> {
        let all = self.pages.iter().flat_map(|page| page.iter());
        (0..self.used).zip(all)
    }

    /// The slots on pages that `other` does not share: at least those whose flag is different there.
    pub(crate) fn unlike<'s>(&'s self, other: &Self) -> impl Iterator<Item = &'s Slot> {
        let shared = |index: usize, page| other.pages.get(index).is_some_and(|one| Arc::ptr_eq(one, page));
        let unlike: Vec<_> =
            self.pages.iter().enumerate().filter(|(index, page)| !shared(*index, *page)).collect();
        unlike.into_iter().flat_map(|(_, page)| page.iter())
    }

    /// Numbers the slots anew without those that were forgotten, once they are many: whoever makes up names, stores
    /// and deletes them must not fill the memory.
    pub(crate) fn compact(&mut self) {
        if self.forgotten < FORGOTTEN_SLOTS_MIN.max(self.used as usize / 2) {
            return;
        }
        let mut next = Self::default();
        for (_, slot) in self.iter().filter(|(_, slot)| !slot.is_empty()) {
            let Some(name) = &slot.name else { continue };
            let needs: Arc<[u32]> = slot
                .needs
                .iter()
                .filter_map(|needed| self.get(*needed)?.name.as_ref())
                .map(|needed| next.find_or_add(needed))
                .collect();
            let number = next.find_or_add(name);
            next.change(number, |moved| *moved = Slot { needs, ..slot.clone() });
        }
        *self = Self { forgotten: 0, ..next };
    }
}

#[inline]
fn slot_in(pages: &[Arc<[Slot; PAGE]>], number: u32) -> Option<&Slot> {
    let number = number as usize;
    Some(&pages.get(number / PAGE)?[number % PAGE])
}

#[inline]
fn name_in(pages: &[Arc<[Slot; PAGE]>], number: u32) -> Option<&str> {
    slot_in(pages, number)?.name.as_ref().map(FlagName::as_str)
}

#[cfg(test)]
mod tests {
    use super::{PAGE, Slots};
    use std::sync::Arc;

    use crate::limits::{DEPENDS_ON_MAX, FORGOTTEN_SLOTS_MIN};
    use crate::{Definition, FlagState, Snapshot, shipped};

    fn snapshot(flags: usize) -> Snapshot {
        let states = (0..flags).map(|i| (format!("f{i}").parse().unwrap(), FlagState::default()));
        Snapshot::new(1, [], states)
    }

    #[test]
    fn every_flag_is_found_on_any_page() {
        for flags in [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE] {
            let snapshot = snapshot(flags);
            assert_eq!((snapshot.slots.iter().count(), snapshot.flags().len()), (flags, flags));
            for i in 0..flags {
                let (number, slot) = snapshot.slots.find(&format!("f{i}")).unwrap();
                assert_eq!((number as usize, slot.name.as_ref().unwrap().as_str()), (i, &*format!("f{i}")));
            }
            assert!(snapshot.slots.find(&format!("f{flags}")).is_none());
        }
        assert!(Slots::default().get(0).is_none() && Slots::default().get(u32::MAX).is_none());
    }

    #[test]
    fn a_copy_shares_all_pages_but_the_changed_one() {
        let before = snapshot(10 * PAGE);
        let after = before.with_state(2, &"f0".parse().unwrap(), None);
        let shared = before.slots.pages.iter().zip(&after.slots.pages);
        assert_eq!(shared.filter(|(a, b)| Arc::ptr_eq(a, b)).count(), 9);
        assert!(Arc::ptr_eq(&before.slots.names, &after.slots.names));
        assert!(before.flag("f0").is_some() && after.flag("f0").is_none());
    }

    #[test]
    fn names_made_up_and_deleted_do_not_fill_the_memory() {
        let mut snapshot = snapshot(3);
        for i in 0..10 * FORGOTTEN_SLOTS_MIN as u64 {
            let name = format!("made_up_{i}").parse().unwrap();
            snapshot = snapshot.with_state(i, &name, Some(FlagState::default())).with_state(i, &name, None);
            assert!((snapshot.slots.used as usize) < FORGOTTEN_SLOTS_MIN + 4, "{}", snapshot.slots.used);
        }
        assert_eq!(snapshot.flags().len(), 3);
    }

    #[test]
    fn names_that_others_depend_on_keep_their_empty_slots_and_cost_no_renumbering() {
        let definition = |i: usize| {
            let depends_on =
                (0..DEPENDS_ON_MAX).map(|n| format!("nowhere_{i}_{n}").parse().unwrap()).collect();
            let name = format!("f{i}").parse().unwrap();
            Arc::new(Definition { name, depends_on, ..shipped::definitions().remove(0) })
        };
        let flags = 2 * FORGOTTEN_SLOTS_MIN;
        // Made up and deleted, so that the slots are numbered anew once.
        let made_up = (0..flags * DEPENDS_ON_MAX).map(|i| format!("made_up_{i}").parse().unwrap());
        let states = made_up.map(|name| (name, FlagState::default()));
        let before = Snapshot::new(1, (0..flags).map(definition), states).with_states(2, []);
        assert_eq!(before.slots.used as usize, flags * (1 + DEPENDS_ON_MAX));
        let handle = before.handle("f1");
        let after = before.with_state(3, &"f0".parse().unwrap(), Some(FlagState::default()));
        let shared = before.slots.pages.iter().zip(&after.slots.pages).filter(|(a, b)| Arc::ptr_eq(a, b));
        assert_eq!(shared.count(), before.slots.pages.len() - 1);
        assert!(!after.is_enabled_by(&handle, &[], || 0.0).enabled);
    }

    #[test]
    fn slots_are_given_back_at_the_limit_and_not_before() {
        let mut snapshot = snapshot(FORGOTTEN_SLOTS_MIN);
        for i in 0..FORGOTTEN_SLOTS_MIN {
            assert_eq!(snapshot.slots.used as usize, FORGOTTEN_SLOTS_MIN, "after {i}");
            snapshot = snapshot.with_state(2, &format!("f{i}").parse().unwrap(), None);
        }
        assert_eq!(snapshot.slots.used, 0);
    }
}
