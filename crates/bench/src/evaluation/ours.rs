//! Our evaluation.

use super::Case;
use super::world::{self, BOOLEAN, DEPENDENT, LISTED, PERCENTAGE, STAFF};
use arc_swap::ArcSwap;
use std::hint::black_box;
use std::sync::Arc;
use wigwag_flags::{FlagHandle, Snapshot};

/// On for everyone, by name.
pub const BY_NAME: &str = "boolean, by name";
/// On for everyone, by handle.
pub const BY_HANDLE: &str = "boolean, by handle";
/// A share of actors, by name.
pub const PERCENTAGE_BY_NAME: &str = "percentage of actors, by name";
/// On for everyone, by name, with the snapshot loaded anew each time.
pub const SWAPPED: &str = "boolean, by name, snapshot loaded";
/// A share of actors, by name, with the snapshot loaded anew each time.
pub const PERCENTAGE_SWAPPED: &str = "percentage of actors, by name, snapshot loaded";

const PROJECT: [&str; 1] = ["Project:278964"];
const FOUR: [&str; 4] = ["User:12345", "Project:278964", "Group:9", "Group:1042"];

/// All of them.
pub fn cases() -> Vec<Case> {
    let snapshot = Arc::new(world::snapshot());
    let by_name = |case, flag: &'static str, actors: &'static [&'static str]| {
        let snapshot = snapshot.clone();
        Case::new(case, move || ask(&snapshot, flag, actors))
    };
    let by_handle = |case, flag: &'static str, actors: &'static [&'static str]| {
        let (snapshot, handle) = (snapshot.clone(), snapshot.handle(flag));
        Case::new(case, move || ask_by(&snapshot, &handle, actors))
    };
    let swapped = |case, flag: &'static str| {
        let flags = ArcSwap::new(snapshot.clone());
        Case::new(case, move || ask(&flags.load(), flag, &PROJECT))
    };
    vec![
        by_name(BY_NAME, BOOLEAN, &PROJECT),
        by_handle(BY_HANDLE, BOOLEAN, &PROJECT),
        in_turn(&snapshot),
        swapped(SWAPPED, BOOLEAN),
        by_name(PERCENTAGE_BY_NAME, PERCENTAGE, &PROJECT),
        by_handle("percentage of actors, by handle", PERCENTAGE, &PROJECT),
        by_handle("percentage of actors, by handle, 4 actors", PERCENTAGE, &FOUR),
        swapped(PERCENTAGE_SWAPPED, PERCENTAGE),
        by_name("list of 10,000 actors, one of them, by name", LISTED, &["Project:5678"]),
        by_name("list of 10,000 actors, another, by name", LISTED, &PROJECT),
        by_name("group of 1,000 users, one of them, by name", STAFF, &["User:567"]),
        by_name("boolean and what it depends on, by name", DEPENDENT, &PROJECT),
        by_name("no such flag, by name", "there_is_no_such_flag", &PROJECT),
    ]
}

fn in_turn(snapshot: &Arc<Snapshot>) -> Case {
    let (snapshot, names) = (snapshot.clone(), world::shuffled());
    let mut next = 0;
    Case::new("boolean, by name, 1,000 flags in turn", move || {
        next = (next + 1) % names.len();
        ask(&snapshot, names[next].as_str(), &PROJECT)
    })
}

#[inline]
fn ask(snapshot: &Snapshot, flag: &str, actors: &[&str]) -> bool {
    snapshot.is_enabled(black_box(flag), black_box(actors), || 0.5).enabled
}

#[inline]
fn ask_by(snapshot: &Snapshot, handle: &FlagHandle, actors: &[&str]) -> bool {
    snapshot.is_enabled_by(black_box(handle), black_box(actors), || 0.5).enabled
}
