use super::{Change, FailingIndex};
use crate::{FailingHook, FailingState, Scope};
use proptest::prelude::*;
use std::collections::BTreeMap;
use wigwag_base::{GroupId, HookId, ProjectId, Timestamp};

const SHOP: Scope = Scope::Project(ProjectId(1));
const TEAM: Scope = Scope::Group(GroupId(1));

fn hook(id: i64, state: FailingState, since_s: i64) -> FailingHook {
    FailingHook::new(HookId(id), "Billing", state, "", Timestamp::from_secs(since_s), 0)
}

fn paused() -> FailingState {
    FailingState::Paused { next_try_at: Timestamp::from_secs(60) }
}

fn change(scope: Scope, hook: FailingHook, worse_count: u64) -> Change {
    Change { scope, hook, worse_count: Some(worse_count) }
}

fn ids(index: &FailingIndex, scope: Scope) -> Vec<i64> {
    index.failing(scope).map_or(vec![], |failing| failing.hooks().iter().map(|hook| hook.id().0).collect())
}

#[test]
fn a_project_and_a_group_of_the_same_number_are_two_scopes() {
    let mut index = FailingIndex::default();
    index.apply(change(SHOP, hook(1, paused(), 0), 1));
    assert_eq!((ids(&index, SHOP), ids(&index, TEAM)), (vec![1], vec![]));
    assert_eq!(index.remove(TEAM, HookId(1)), None);
    assert_eq!(index.hooks_count(), 1);
}

#[test]
fn the_worst_comes_first_and_then_the_longest() {
    let mut index = FailingIndex::default();
    for (id, state, since_s) in [
        (1, FailingState::HalfOpen, 0),
        (2, paused(), 9),
        (3, FailingState::Disabled, 9),
        (4, paused(), 5),
        (5, FailingState::Disabled, 7),
        (6, paused(), 5),
    ] {
        index.apply(change(SHOP, hook(id, state, since_s), 1));
    }
    assert_eq!(ids(&index, SHOP), [5, 3, 4, 6, 2, 1]);
    index.apply(change(SHOP, hook(1, FailingState::Disabled, 10), 2));
    assert_eq!(ids(&index, SHOP), [5, 3, 1, 4, 6, 2]);
}

#[test]
fn the_counter_rises_and_goes_with_the_last_hook() {
    let mut index = FailingIndex::default();
    let count = |index: &FailingIndex| index.failing(SHOP).map(crate::Failing::worse_count);
    index.apply(change(SHOP, hook(1, paused(), 0), 7));
    index.apply(change(SHOP, hook(2, paused(), 0), 8));
    index.apply(change(SHOP, hook(1, paused(), 0), 7));
    index.apply(Change { scope: SHOP, hook: hook(1, FailingState::HalfOpen, 1), worse_count: None });
    assert_eq!(count(&index), Some(8));
    index.remove(SHOP, HookId(2));
    assert_eq!(count(&index), Some(8));
    index.remove(SHOP, HookId(1));
    assert_eq!(count(&index), None);
    assert_eq!(index, FailingIndex::default());
}

#[test]
fn what_waits_is_noted_on_failing_hooks_only() {
    let mut index = FailingIndex::default();
    index.set_waiting(SHOP, HookId(1), 5);
    assert_eq!(index.failing(SHOP), None);
    index.apply(change(SHOP, hook(1, paused(), 0), 1));
    index.set_waiting(SHOP, HookId(1), 5);
    index.set_waiting(SHOP, HookId(2), 6);
    assert_eq!(index.failing(SHOP).unwrap().worst().unwrap().waiting, 5);
}

#[test]
fn a_rebuilt_index_is_the_one_that_was() {
    let mut index = FailingIndex::default();
    index.apply(change(SHOP, hook(1, paused(), 0), 3));
    index.apply(change(SHOP, hook(2, FailingState::Disabled, 0), 4));
    index.apply(change(TEAM, hook(3, paused(), 0), 1));
    let stored = [
        (SHOP, hook(2, FailingState::Disabled, 0)),
        (TEAM, hook(3, paused(), 0)),
        (SHOP, hook(1, paused(), 0)),
    ];
    let quiet = Scope::Project(ProjectId(9));
    assert_eq!(FailingIndex::rebuilt(stored, [(quiet, 12), (TEAM, 1), (SHOP, 4)]), index);
}

#[test]
fn a_failing_hook_takes_200_bytes_at_most_and_gives_them_back() {
    // 1,000 projects with a failing hook each, and right behind each growth of the table, where it is emptiest.
    for hooks in [1_000, 3_585, 7_169, 14_337, 28_673] {
        let mut index = FailingIndex::default();
        for id in 0..hooks {
            index.apply(change(Scope::Project(ProjectId(id)), hook(id, paused(), 0), 1));
        }
        let bytes = index.bytes() as f64 / hooks as f64;
        assert!(bytes <= 200.0, "{bytes} bytes a hook, {hooks} hooks");
        for id in 0..hooks {
            index.remove(Scope::Project(ProjectId(id)), HookId(id));
        }
        assert!(index.bytes() < 4_096, "{} bytes for nothing", index.bytes());
    }
}

proptest! {
    #[test]
    fn holds_what_a_plain_map_would(
        steps in prop::collection::vec((0_i64..3, 0_i64..6, 0_u8..5, 0_i64..4), 0..60)
    ) {
        let mut index = FailingIndex::default();
        let mut map: BTreeMap<(i64, i64), FailingHook> = BTreeMap::new();
        for (project, id, what, since_s) in steps {
            let scope = Scope::Project(ProjectId(project));
            let state = match what {
                0 => paused(),
                1 => FailingState::HalfOpen,
                2 => FailingState::Disabled,
                _ => {
                    prop_assert_eq!(index.remove(scope, HookId(id)), map.remove(&(project, id)));
                    continue;
                }
            };
            index.apply(change(scope, hook(id, state, since_s), 1));
            map.insert((project, id), hook(id, state, since_s));
        }
        for project in 0..3 {
            let mut expected: Vec<i64> = map.keys().filter(|key| key.0 == project).map(|key| key.1).collect();
            let mut found = ids(&index, Scope::Project(ProjectId(project)));
            let states = |id: &i64| map[&(project, *id)].state.badness();
            prop_assert!(found.is_sorted_by(|a, b| states(a) >= states(b)));
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
        prop_assert_eq!(index.hooks_count(), map.len());
    }
}
