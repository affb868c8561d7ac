//! Random flags with any history against a slow, obvious evaluator: the same answer, the same reason, by name and by
//! handles of any age.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use wigwag_base::Percentage;
use wigwag_flags::limits::{DEPENDENCY_DEPTH_MAX, FORGOTTEN_SLOTS_MIN};
use wigwag_flags::{Decision, Definition, FlagHandle, FlagState, Reason, Snapshot, StaticGroups, shipped};

const FLAGS: [&str; 7] =
    ["a", "webhooks_failed_callout", "generated_flag_16", "run_Ns::Worker", "b", "b2", "zz"];
const ACTORS: [&str; 8] = [
    "User:1",
    "User:9",
    "User:10",
    "Project:1",
    "Project:278964",
    "Group:9",
    "Tenant:größe",
    "User:1:opt_out",
];
const GROUPS: [(&str, &[&str]); 3] =
    [("beta", &["Project:1", "Group:9"]), ("empty", &[]), ("staff", &["User:1", "User:9"])];

/// Everything that the rules look at, kept as plainly as can be.
#[derive(Default, Debug)]
struct World {
    /// Name to default and `depends_on`.
    definitions: BTreeMap<&'static str, (bool, Vec<&'static str>)>,
    states: BTreeMap<&'static str, FlagState>,
    overrides: BTreeSet<&'static str>,
}

impl World {
    /// The rules of evaluation in their order; `led_here` are the flags whose evaluation asks for this one.
    fn ask(&self, flag: &str, actors: &[&str], random: f64, led_here: &[&str]) -> (bool, String) {
        let (definition, state) = (self.definitions.get(flag), self.states.get(flag));
        let default = definition.is_some_and(|(default, _)| *default);
        if definition.is_none() && state.is_none() {
            return (false, "unknown".into());
        }
        if self.overrides.contains(flag) {
            return (false, "override".into());
        }
        if led_here.contains(&flag) || led_here.len() > DEPENDENCY_DEPTH_MAX {
            return (default, "default".into());
        }
        let led_there = [led_here, &[flag]].concat();
        for needed in definition.map_or(&[][..], |(_, needs)| needs) {
            if !self.ask(needed, actors, random, &led_there).0 {
                return (false, format!("dependency {needed}"));
            }
        }
        let Some(state) = state else { return (default, "default".into()) };
        let Some(open) = open_gate(flag, state, actors, random) else { return (false, "off".into()) };
        for actor in actors {
            if state.opt_outs.iter().any(|id| id.as_str() == *actor) {
                return (false, format!("opt_out {actor}"));
            }
        }
        (true, open)
    }
}

/// The table of gates, row by row.
fn open_gate(flag: &str, state: &FlagState, actors: &[&str], random: f64) -> Option<String> {
    if state.boolean == Some(true) {
        return Some("boolean".into());
    }
    for actor in actors {
        if state.actors.iter().any(|id| id.as_str() == *actor) {
            return Some(format!("actors {actor}"));
        }
    }
    let bucket = slow_bucket(flag, actors);
    let of_actors = state.percentage_of_actors.map_or(0.0, Percentage::as_f64);
    if !actors.is_empty() && f64::from(bucket) < of_actors * 1000.0 {
        return Some(format!("percentage_of_actors {bucket}"));
    }
    if state.percentage_of_time.is_some_and(|share| random < share.as_f64() / 100.0) {
        return Some("percentage_of_time".into());
    }
    for (group, members) in GROUPS {
        if state.groups.contains(group) && actors.iter().any(|actor| members.contains(actor)) {
            return Some(format!("groups {group}"));
        }
    }
    None
}

fn slow_bucket(flag: &str, actors: &[&str]) -> u32 {
    let mut sorted = actors.to_vec();
    sorted.sort();
    slow_crc(&format!("{flag}{}", sorted.concat())) % 100_000
}

/// CRC-32/ISO-HDLC bit by bit.
fn slow_crc(text: &str) -> u32 {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn told(decision: &Decision<'_>) -> (bool, String) {
    let word = decision.reason.as_str();
    let detail = match decision.reason {
        Reason::Dependency(needed) => format!(" {needed}"),
        Reason::Actor(actor) | Reason::OptOut(actor) => format!(" {actor}"),
        Reason::PercentageOfActors(bucket) => format!(" {bucket}"),
        Reason::Group(group) => format!(" {group}"),
        _ => String::new(),
    };
    (decision.enabled, format!("{word}{detail}"))
}

/// One change of a snapshot; flags by their place in [`FLAGS`].
#[derive(Clone, Debug)]
enum Step {
    Store(usize, Option<FlagState>),
    StoreAll(Vec<Option<FlagState>>),
    /// For each flag its default and what it depends on, cycles and undefined flags included.
    Define(Vec<Option<(bool, Vec<&'static str>)>>),
    Override(Vec<&'static str>),
    /// So many other flags that come and go that those that stay are numbered anew.
    Renumber,
}

/// A share in thousandths; often one at the edge of an actor's bucket.
fn share_of_actors(flag: &'static str) -> impl Strategy<Value = u32> {
    let at_the_edge =
        (select(&ACTORS[..]), 0..2_u32).prop_map(move |(id, above)| slow_bucket(flag, &[id]) + above);
    prop_oneof![0..=100_000_u32, at_the_edge, select(vec![0, 100_000])]
}

fn any_state(flag: usize) -> impl Strategy<Value = FlagState> {
    let ids = || subsequence(&ACTORS[..7], 0..3);
    let share = |thousandths: u32| Percentage::new(f64::from(thousandths) / 1000.0).unwrap();
    let boolean = select(vec![None, None, None, Some(false), Some(true)]);
    let of_actors = option::weighted(0.4, share_of_actors(FLAGS[flag]).prop_map(share));
    let of_time = option::weighted(0.2, select(vec![0, 25_000, 50_000, 100_000]).prop_map(share));
    let groups = subsequence(vec!["beta", "empty", "gone", "staff"], 0..2);
    (boolean, ids(), option::weighted(0.3, ids()), of_actors, of_time, groups).prop_map(
        |(boolean, actors, opt_outs, percentage_of_actors, percentage_of_time, groups)| FlagState {
            boolean,
            actors: actors.iter().map(|id| id.parse().unwrap()).collect(),
            opt_outs: opt_outs.iter().flatten().map(|id| id.parse().unwrap()).collect(),
            percentage_of_actors,
            percentage_of_time,
            groups: groups.into_iter().map(ToOwned::to_owned).collect(),
        },
    )
}

fn any_states() -> impl Strategy<Value = Vec<Option<FlagState>>> {
    (0..FLAGS.len()).map(|flag| option::of(any_state(flag))).collect::<Vec<_>>()
}

fn any_definitions() -> impl Strategy<Value = Vec<Option<(bool, Vec<&'static str>)>>> {
    let needs = prop_oneof![2 => Just(vec![]), 1 => subsequence(&FLAGS[..], 0..3).prop_shuffle()];
    let one = option::weighted(0.8, (any::<bool>(), needs));
    // A chain from each flag to the next, all on by default, is what reaches the limit of depth.
    let chain =
        (0..FLAGS.len()).map(|i| Some((true, FLAGS.get(i + 1).into_iter().copied().collect()))).collect();
    prop_oneof![6 => vec(one, FLAGS.len()), 1 => Just(chain)]
}

fn any_step() -> impl Strategy<Value = Step> {
    let store = (0..FLAGS.len())
        .prop_flat_map(|flag| option::weighted(0.8, any_state(flag)).prop_map(move |s| Step::Store(flag, s)));
    prop_oneof![
        6 => store,
        1 => any_states().prop_map(Step::StoreAll),
        2 => any_definitions().prop_map(Step::Define),
        2 => subsequence(&FLAGS[..], 0..3).prop_map(Step::Override),
        1 => Just(Step::Renumber),
    ]
}

fn definitions(of: &[Option<(bool, Vec<&'static str>)>]) -> Vec<Arc<Definition>> {
    let defined = FLAGS.iter().zip(of).filter_map(|(name, of)| Some((name, of.as_ref()?)));
    let definition = |(name, (default_enabled, needs)): (&&str, &(bool, Vec<&str>))| Definition {
        name: name.parse().unwrap(),
        default_enabled: *default_enabled,
        depends_on: needs.iter().map(|needed| needed.parse().unwrap()).collect(),
        ..shipped::definitions().remove(0)
    };
    defined.map(definition).map(Arc::new).collect()
}

/// Makes one step in the world and in the snapshot.
fn make(step: Step, world: &mut World, snapshot: &Snapshot, version: u64) -> Snapshot {
    let named = |flag: &str| flag.parse().unwrap();
    match step {
        Step::Store(flag, state) => {
            let name = FLAGS[flag];
            world.states.remove(name);
            world.states.extend(state.clone().map(|state| (name, state)));
            snapshot.with_state(version, &named(name), state)
        }
        Step::StoreAll(states) => {
            world.states = FLAGS.into_iter().zip(states).filter_map(|(name, s)| Some((name, s?))).collect();
            let states = world.states.iter().map(|(name, state)| (named(name), state.clone()));
            snapshot.with_states(version, states)
        }
        Step::Define(of) => {
            let next = snapshot.with_definitions(version, definitions(&of));
            world.definitions =
                FLAGS.into_iter().zip(of).filter_map(|(name, of)| Some((name, of?))).collect();
            next
        }
        Step::Override(flags) => {
            world.overrides = flags.iter().copied().collect();
            snapshot.with_overrides(version, Arc::new(flags.into_iter().map(named).collect()))
        }
        Step::Renumber => {
            let others = || (0..FORGOTTEN_SLOTS_MIN).map(|i| named(&format!("other_{i}")));
            let empty = || Some(FlagState::default());
            let many = others().fold(snapshot.clone(), |all, other| all.with_state(version, &other, empty()));
            others().fold(many, |all, other| all.with_state(version, &other, None))
        }
    }
}

fn handles(snapshot: &Snapshot) -> Vec<FlagHandle> {
    FLAGS.iter().map(|flag| snapshot.handle(flag)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_the_slow_evaluator_after_any_history(
        defined in any_definitions(),
        stored in any_states(),
        steps in vec(any_step(), 0..6),
        asked in vec(prop_oneof![
            3 => subsequence(&ACTORS[..], 0..4).prop_shuffle(),
            1 => vec(select(&ACTORS[..]), 0..20),
        ], 3),
        random in select(vec![0.0, 0.249, 0.25, 0.499, 0.5, 0.999_999]),
    ) {
        let members = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect::<HashSet<_>>();
        let groups = StaticGroups::new(GROUPS.map(|(name, ids)| (name.to_owned(), members(ids))));
        let mut world = World::default();
        let empty = Snapshot::new(0, [], []).with_groups(Arc::new(groups));
        let mut kept = vec![handles(&empty)];
        let first = [Step::Define(defined), Step::StoreAll(stored)];
        let mut snapshot = empty;
        for (version, step) in (1..).zip(first.into_iter().chain(steps)) {
            snapshot = make(step, &mut world, &snapshot, version);
            prop_assert_eq!(snapshot.version(), version);
            kept.push(handles(&snapshot));
            for (flag, actors) in (0..FLAGS.len()).flat_map(|flag| asked.iter().map(move |a| (flag, a))) {
                let is = world.ask(FLAGS[flag], actors, random, &[]);
                let by_name = snapshot.is_enabled(FLAGS[flag], actors, || random);
                prop_assert_eq!(told(&by_name), is, "{} for {:?}", FLAGS[flag], actors);
                for handles in &kept {
                    let by_handle = snapshot.is_enabled_by(&handles[flag], actors, || random);
                    prop_assert_eq!(by_handle, by_name, "{} for {:?}", FLAGS[flag], actors);
                }
            }
        }
        let known: BTreeSet<&str> = world.definitions.keys().chain(world.states.keys()).copied().collect();
        let listed: BTreeSet<&str> = snapshot.flags().iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(listed, known);
    }
}
