//! Any sequence of changes keeps what the rules promise, and each can be undone.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use wigwag_base::Percentage;
use wigwag_flags::limits::{ACTORS_MAX, GROUPS_MAX};
use wigwag_flags::{
    ActorGroups, ActorId, Change, Definition, FlagState, Note, Origin, Refused, Snapshot, State, Targets,
    WriteContext, Written, apply, shipped,
};

const FLAG: &str = "a";

/// Every group but `gone` exists, and has nobody.
struct AllButGone;

impl ActorGroups for AllButGone {
    fn knows(&self, group: &str) -> bool {
        group != "gone"
    }
    fn accepts(&self, _group: &str, _actor: &str) -> bool {
        false
    }
}

fn any_actors() -> impl Strategy<Value = BTreeSet<ActorId>> {
    btree_set(select(vec!["User:1", "User:2", "Project:1"]), 0..3)
        .prop_map(|ids| ids.iter().map(|id| id.parse().unwrap()).collect())
}

fn any_groups() -> impl Strategy<Value = BTreeSet<String>> {
    btree_set(select(vec!["staff", "staff", "beta", "gone"]).prop_map(ToOwned::to_owned), 0..2)
}

fn any_targets() -> impl Strategy<Value = Targets> {
    (any_actors(), any_groups()).prop_map(|(actors, groups)| Targets { actors, groups })
}

fn any_share() -> impl Strategy<Value = Percentage> {
    prop_oneof![Just(0), Just(100_000), 0..=100_000_u32]
        .prop_map(|n| Percentage::new(f64::from(n) / 1000.0).unwrap())
}

fn any_state() -> impl Strategy<Value = FlagState> {
    let boolean = select(vec![None, Some(true), Some(false)]);
    (boolean, any_actors(), any_actors(), option::of(any_share()), option::of(any_share()), any_groups())
        .prop_map(|(boolean, actors, opt_outs, percentage_of_actors, percentage_of_time, groups)| FlagState {
            boolean,
            actors,
            opt_outs,
            percentage_of_actors,
            percentage_of_time,
            groups,
        })
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => Just(Change::EnableEveryone),
        1 => Just(Change::DisableEveryone),
        1 => Just(Change::DisableKeepTargets),
        1 => Just(Change::Delete),
        3 => any_targets().prop_map(Change::Enable),
        3 => any_targets().prop_map(Change::Disable),
        2 => any_share().prop_map(Change::PercentageOfActors),
        2 => any_share().prop_map(Change::PercentageOfTime),
        3 => any_actors().prop_map(Change::OptOut),
        2 => any_actors().prop_map(Change::RemoveOptOut),
        2 => option::of(any_state()).prop_map(Change::Replace),
    ]
}

/// The three words of the reference, from the gates themselves.
fn slow_state(state: &FlagState) -> State {
    let above_zero = |share: Option<Percentage>| share.is_some_and(|share| share.as_f64() > 0.0);
    let all_the_time = state.percentage_of_time.is_some_and(|share| share.as_f64() == 100.0);
    let lists = state.actors.len() + state.opt_outs.len() + state.groups.len();
    if state.boolean == Some(true) || all_the_time {
        State::On
    } else if lists > 0 || above_zero(state.percentage_of_actors) || above_zero(state.percentage_of_time) {
        State::Conditional
    } else {
        State::Off
    }
}

/// Everything that `before` has set is either still there or named as lost by a change for everyone.
fn nothing_vanishes(before: &FlagState, written: &Written) -> bool {
    let after = written.after.clone().unwrap_or_default();
    let lost = &written.lost;
    before.actors.iter().all(|id| after.actors.contains(id) != lost.actors.contains(id))
        && before.opt_outs.iter().all(|id| after.opt_outs.contains(id) != lost.opt_outs.contains(id))
        && before.groups.iter().all(|group| after.groups.contains(group) != lost.groups.contains(group))
        && (before.percentage_of_actors.is_none()
            || after.percentage_of_actors.is_some() != lost.percentage_of_actors.is_some())
        && (before.percentage_of_time.is_none()
            || after.percentage_of_time.is_some() != lost.percentage_of_time.is_some())
}

/// Whether `FLAG` is on for `actor` with `state` stored, where chance is against it.
fn is_on(definition: &Definition, state: Option<&FlagState>, actor: &str) -> bool {
    let stored = state.map(|state| (FLAG.parse().unwrap(), state.clone()));
    let snapshot = Snapshot::new(1, [Arc::new(definition.clone())], stored);
    snapshot.is_enabled(FLAG, &[actor], || 0.999_999_999).enabled
}

/// What each change promises of what is stored after it, besides what `writes.rs` shows case by case.
fn keeps_its_promise(
    change: &Change,
    before: Option<&FlagState>,
    written: &Written,
    definition: &Definition,
) -> bool {
    let after = written.after.as_ref();
    let state = after.cloned().unwrap_or_default();
    let is_on = |actor: &str| is_on(definition, after, actor);
    let is_listed =
        |id: &ActorId| state.actors.contains(id) && !state.opt_outs.contains(id) && is_on(id.as_str());
    match change {
        Change::EnableEveryone => ["User:1", "User:7"].into_iter().all(is_on),
        Change::DisableEveryone => !["User:1", "User:7"].into_iter().any(is_on),
        Change::DisableKeepTargets => !is_on("User:7"),
        Change::Enable(targets) => {
            targets.actors.iter().all(is_listed) && targets.groups.is_subset(&state.groups)
        }
        Change::Disable(targets) => {
            targets.actors.is_disjoint(&state.actors) && targets.groups.is_disjoint(&state.groups)
        }
        Change::PercentageOfActors(share) => state.percentage_of_actors == Some(*share),
        Change::PercentageOfTime(share) => state.percentage_of_time == Some(*share),
        Change::OptOut(actors) => actors.iter().all(|id| !is_on(id.as_str())),
        Change::RemoveOptOut(actors) => {
            actors.is_disjoint(&state.opt_outs) && (before.is_some() || after.is_none())
        }
        Change::Delete => after.is_none() && is_on("User:7") == definition.default_enabled,
        Change::Replace(exact) => after == exact.as_ref(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sequence_of_changes_keeps_the_promises(
        default_enabled in any::<bool>(),
        origin in select(vec![Origin::Command, Origin::Rest]),
        seed in option::of(any_state()),
        changes in vec(any_change(), 1..12),
    ) {
        let name = FLAG.parse().unwrap();
        let definition = Definition { name, default_enabled, ..shipped::definitions().remove(0) };
        let context = WriteContext { definition: Some(&definition), origin, groups: &AllButGone };
        let mut stored = seed;
        for change in &changes {
            let before = stored.clone();
            let written = match apply(before.as_ref(), change, &context) {
                Ok(written) => written,
                Err(refused) => {
                    prop_assert!(!refused.to_string().is_empty());
                    continue;
                }
            };
            let after = written.after.as_ref();
            if let Some(state) = after {
                prop_assert_eq!(state.state(), slow_state(state));
                prop_assert!(state.actors.len() + state.opt_outs.len() <= ACTORS_MAX);
                prop_assert!(state.groups.len() <= GROUPS_MAX);
            }
            prop_assert_eq!(written.notes.contains(&Note::Unchanged), after == before.as_ref());
            prop_assert!(keeps_its_promise(change, before.as_ref(), &written, &definition), "{:?}", change);
            let sweeps = !matches!(change, Change::Disable(_) | Change::RemoveOptOut(_));
            if let Some(before) = before.as_ref().filter(|_| sweeps) {
                prop_assert!(nothing_vanishes(before, &written), "{:?}", change);
            }
            let undone = apply(after, &Change::Replace(before.clone()), &context);
            let was_gone = |state: &FlagState| state.groups.contains("gone");
            if before.as_ref().is_some_and(was_gone) && !after.is_some_and(was_gone) {
                prop_assert_eq!(undone, Err(Refused::UnknownGroup("gone".into())));
            } else {
                prop_assert_eq!(undone.unwrap().after, before);
            }
            stored = written.after;
        }
    }
}
