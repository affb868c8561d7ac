//! Evaluation allocates nothing: each gate, by name and by handle, with nobody up to as many actors as are sorted on
//! the stack.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::HashSet;
use std::sync::Arc;

use allocation_counter::measure;
use wigwag_flags::limits::{ACTORS_MAX, ACTORS_SORTED_ON_STACK_MAX};
use wigwag_flags::{ActorId, Definition, FlagState, Snapshot, StaticGroups, shipped};

fn ids(of: impl IntoIterator<Item = usize>) -> Vec<ActorId> {
    of.into_iter().map(|i| format!("User:{i}").parse().unwrap()).collect()
}

fn state(gate: &str) -> FlagState {
    let mut state = FlagState::default();
    match gate {
        "boolean" => state.boolean = Some(true),
        "off" => state.boolean = Some(false),
        "actors" => state.actors = ids(0..1_000).into_iter().collect(),
        "percentage_of_actors" => state.percentage_of_actors = Some("50".parse().unwrap()),
        "percentage_of_time" => state.percentage_of_time = Some("60".parse().unwrap()),
        "groups" => state.groups = ["empty".to_owned(), "staff".to_owned()].into(),
        "opt_out" => (state.boolean, state.opt_outs) = (Some(true), ids([1, 3]).into_iter().collect()),
        other => panic!("{other:?}"),
    }
    state
}

/// One flag for each gate, named like it, and for each a flag `needs_...` with a default of on that depends on it;
/// besides `default`, `overridden` and a cycle.
fn snapshot() -> Snapshot {
    let gates =
        ["boolean", "off", "actors", "percentage_of_actors", "percentage_of_time", "groups", "opt_out"];
    let define = |name: &str, needed: Option<&str>| {
        let depends_on = needed.iter().map(|needed| needed.parse().unwrap()).collect();
        let base = shipped::definitions().remove(0);
        Arc::new(Definition { name: name.parse().unwrap(), depends_on, default_enabled: true, ..base })
    };
    let needing = gates.map(|gate| define(&format!("needs_{gate}"), Some(gate)));
    let others = [
        define("default", None),
        define("overridden", None),
        define("there", Some("back")),
        define("back", Some("there")),
    ];
    let staff: HashSet<ActorId> = ids(0..10).into_iter().collect();
    let groups = StaticGroups::new([("staff".to_owned(), staff), ("empty".to_owned(), HashSet::new())]);
    Snapshot::new(
        1,
        needing.into_iter().chain(others),
        gates.map(|gate| (gate.parse().unwrap(), state(gate))),
    )
    .with_groups(Arc::new(groups))
    .with_overrides(2, Arc::new(["overridden".parse().unwrap()].into()))
}

/// Allocations of one evaluation by name, one by handle, and one that names related actors, all of which must agree.
fn allocations(snapshot: &Snapshot, flag: &str, actors: &[&str]) -> u64 {
    let handle = snapshot.handle(flag);
    let random = || 0.5;
    let mut reasons = Vec::with_capacity(2);
    let measured = measure(|| {
        reasons.push(snapshot.is_enabled(flag, actors, random));
        reasons.push(snapshot.is_enabled_by(&handle, actors, random));
        snapshot.is_enabled_or_listed(flag, actors, actors, random);
    });
    assert_eq!(reasons[0], reasons[1]);
    measured.count_total
}

#[test]
fn evaluation_allocates_nothing() {
    let snapshot = snapshot();
    let listed: Vec<String> = (0..ACTORS_SORTED_ON_STACK_MAX).rev().map(|i| format!("User:{i}")).collect();
    let strange: Vec<String> = (0..ACTORS_SORTED_ON_STACK_MAX).map(|i| format!("Strange:{i}")).collect();
    let mut flags: Vec<String> = snapshot.flags().iter().map(|(name, _)| name.to_string()).collect();
    flags.push("unknown".to_owned());
    assert_eq!(flags.len(), 7 + 7 + 4 + 1);
    for (flag, all) in flags.iter().flat_map(|flag| [(flag, &listed), (flag, &strange)]) {
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        for actors in (0..=all.len()).map(|n| &all[..n]) {
            assert_eq!(allocations(&snapshot, flag, actors), 0, "{flag} for {actors:?}");
        }
    }
}

#[test]
fn the_counter_counts_and_more_actors_than_fit_on_the_stack_allocate_once_an_evaluation() {
    let snapshot = snapshot();
    let many: Vec<String> = (0..=ACTORS_SORTED_ON_STACK_MAX).map(|i| format!("User:{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(allocations(&snapshot, "percentage_of_actors", &many), 3);
    assert_eq!(allocations(&snapshot, "actors", &many), 0);
}

/// Bytes that a snapshot of so many stored flags, each of which lists so many actors, holds of the memory.
fn held(flags: usize, actors: usize) -> f64 {
    let mut kept = None;
    let measured = measure(|| {
        let listing = |flag: usize| {
            let actors = ids((0..actors).map(|i| 1_000_000 + flag * actors + i)).into_iter().collect();
            (
                format!("feature_flag_number_{flag}").parse().unwrap(),
                FlagState { actors, ..FlagState::default() },
            )
        };
        kept = Some(Snapshot::new(1, [], (0..flags).map(listing)));
    });
    drop(kept);
    measured.bytes_current as f64
}

#[test]
fn a_flag_and_an_actor_take_bounded_memory() {
    let per_flag = held(10_000, 0) / 10_000.0;
    assert!(per_flag < 512.0, "{per_flag}");
    // Worst right after the table of ids has doubled.
    let per_actor = |actors: usize| (held(10, actors) - held(10, 0)) / (10 * actors) as f64;
    for actors in [1_000, 1_793, 7_168, 7_169, ACTORS_MAX] {
        assert!(per_actor(actors) < 96.0, "{actors}: {}", per_actor(actors));
    }
}

#[test]
fn a_copy_of_ten_thousand_flags_with_one_replaced_costs_one_page() {
    let flags = 10_000;
    let states = (0..flags).map(|i| (format!("flag_{i}").parse().unwrap(), state("boolean")));
    let snapshot = Snapshot::new(1, [], states);
    let (name, new) = ("flag_5000".parse().unwrap(), state("off"));
    let measured = measure(|| drop(snapshot.with_state(2, &name, Some(new))));
    // The list of pages, one page, the state and its compiled form, with some room for growth.
    assert!(measured.count_total <= 8, "{measured:?}");
    assert!(measured.bytes_total <= 16 * 1024, "{measured:?}");
}
