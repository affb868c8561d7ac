//! The flags that are asked: a thousand, most of them on for everyone, a few for each other way to be on.

use std::collections::HashSet;
use std::sync::Arc;
use wigwag_base::Percentage;
use wigwag_flags::{ActorId, Definition, FlagName, FlagState, Snapshot, StaticGroups, shipped};

/// Flags in all, on either side.
pub const FLAGS: usize = 1_000;
/// On for everyone.
pub const BOOLEAN: &str = shipped::AUTO_DISABLING_WEB_HOOKS;
/// On for a quarter of actors.
pub const PERCENTAGE: &str = shipped::WEBHOOKS_FAILED_CALLOUT;
/// On for [`ACTORS`] projects by name.
pub const LISTED: &str = "only_for_some_projects";
/// On for the group `staff`, which has a thousand members.
pub const STAFF: &str = "only_for_staff";
/// On for everyone, if the flag that is on for everyone is.
pub const DEPENDENT: &str = "depends_on_another_flag";
/// Entries of the long list.
pub const ACTORS: usize = 10_000;

/// The names of the flags that are on for everyone, in an order that no cache foresees.
pub fn shuffled() -> Vec<FlagName> {
    let mut names: Vec<FlagName> = (0..FLAGS).map(|i| name(&format!("feature_flag_number_{i}"))).collect();
    // A small generator with a fixed seed: the same order in every run.
    let mut state: u32 = 1;
    for last in (1..names.len()).rev() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        names.swap(last, state as usize % (last + 1));
    }
    names
}

/// All of it.
pub fn snapshot() -> Snapshot {
    let mut definitions = shipped::definitions();
    let needing =
        Definition { name: name(DEPENDENT), depends_on: vec![name(BOOLEAN)], ..definitions[0].clone() };
    definitions.push(needing);
    let quarter = Percentage::new(25.0).ok();
    let everyone = || FlagState { boolean: Some(true), ..FlagState::default() };
    let mut states: Vec<_> = shuffled().into_iter().map(|name| (name, everyone())).collect();
    states.extend([
        (name(BOOLEAN), everyone()),
        (name(DEPENDENT), everyone()),
        (name(PERCENTAGE), FlagState { percentage_of_actors: quarter, ..FlagState::default() }),
        (name(LISTED), listing(0..ACTORS)),
        (name(STAFF), FlagState { groups: ["staff".to_owned()].into(), ..FlagState::default() }),
    ]);
    let staff: HashSet<ActorId> = (0..1_000).map(|i| actor(&format!("User:{i}"))).collect();
    Snapshot::new(1, definitions.into_iter().map(Arc::new), states)
        .with_groups(Arc::new(StaticGroups::new([("staff".to_owned(), staff)])))
}

/// On for these projects by name.
pub fn listing(projects: impl IntoIterator<Item = usize>) -> FlagState {
    let actors = projects.into_iter().map(|i| actor(&format!("Project:{i}"))).collect();
    FlagState { actors, ..FlagState::default() }
}

/// So many flags that each list so many projects.
pub fn lists(flags: usize, actors: usize) -> Vec<(FlagName, FlagState)> {
    let state = |flag: usize| listing((0..actors).map(|i| 1_000_000 + flag * actors + i));
    (0..flags).map(|flag| (name(&format!("feature_flag_number_{flag}")), state(flag))).collect()
}

/// A flag's name that is good by its look.
pub fn name(text: &str) -> FlagName {
    text.parse().expect("the benchmark's own names are good")
}

fn actor(text: &str) -> ActorId {
    text.parse().expect("the benchmark's own ids are good")
}
