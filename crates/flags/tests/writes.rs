//! Writes: every row of the table, its refusals and its limits.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;

use wigwag_flags::{
    ActorGroups, ActorId, Change, Definition, FlagState, Origin, Targets, WriteContext, Written, apply,
    limits, shipped,
};

struct AnyButGhosts;

impl ActorGroups for AnyButGhosts {
    fn knows(&self, group: &str) -> bool {
        group != "ghosts"
    }
    fn accepts(&self, _group: &str, _actor: &str) -> bool {
        false
    }
}

/// The words of a change: `on`, `off`, `keep`, `on NAME..`, `off NAME..`, `actors% N`, `time% N`, `opt_out NAME..`,
/// `remove_opt_out NAME..`, `delete`; a NAME without `:` is a group.
fn change(text: &str) -> Change {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (actors, groups): (Vec<&str>, Vec<&str>) = rest.split_whitespace().partition(|n| n.contains(':'));
    let actors = || actors.iter().map(|id| id.parse().unwrap()).collect();
    let targets = || Targets { actors: actors(), groups: groups.iter().map(ToString::to_string).collect() };
    match (word, rest) {
        ("on", "") => Change::EnableEveryone,
        ("off", "") => Change::DisableEveryone,
        ("keep", "") => Change::DisableKeepTargets,
        ("on", _) => Change::Enable(targets()),
        ("off", _) => Change::Disable(targets()),
        ("actors%", share) => Change::PercentageOfActors(share.parse().unwrap()),
        ("time%", share) => Change::PercentageOfTime(share.parse().unwrap()),
        ("opt_out", _) => Change::OptOut(actors()),
        ("remove_opt_out", _) => Change::RemoveOptOut(actors()),
        ("delete", _) => Change::Delete,
        other => panic!("{other:?}"),
    }
}

fn told(state: Option<&FlagState>) -> String {
    match state {
        None => "nothing stored".into(),
        Some(state) if *state == FlagState::default() => "empty row".into(),
        Some(state) => state.words().join("; "),
    }
}

fn outcome(written: &Written) -> String {
    let mut text = told(written.after.as_ref());
    if written.lost != FlagState::default() {
        text += &format!(" | lost {}", told(Some(&written.lost)));
    }
    for note in &written.notes {
        text += &format!(" | {note:?}").replace("ActorId(\"", "").replace("\")", "");
    }
    text
}

/// Makes the changes of `texts` in order (separated by `, `) and compares the last one's outcome.
fn run(definition: &Definition, origin: Origin, texts: &str) -> String {
    let context = WriteContext { definition: Some(definition), origin, groups: &AnyButGhosts };
    let mut state: Option<FlagState> = None;
    let mut last = String::new();
    for text in texts.split(", ") {
        match apply(state.as_ref(), &change(text), &context) {
            Ok(written) => {
                last = outcome(&written);
                state = written.after;
            }
            Err(refused) => last = format!("refused: {refused}"),
        }
    }
    last
}

fn with_default(on: bool) -> Definition {
    Definition { default_enabled: on, ..shipped::definitions().remove(0) }
}

fn check(texts: &str, is: &str) {
    assert_eq!(run(&with_default(false), Origin::Command, texts), is, "{texts}");
    assert_eq!(run(&with_default(false), Origin::Rest, texts), is, "{texts} by REST");
}

const MIXED: &str = "on User:1 User:2 staff, actors% 25, time% 10, opt_out User:2";

#[test]
fn everyone() {
    check("on", "on for everyone");
    check("off", "off for everyone");
    check("on, on", "on for everyone | Unchanged");
    check("on, off", "off for everyone");
    let lost = "lost actors: User:1, User:2; 25 % of actors; 10 % of time; groups: staff; opted out: User:2";
    check(&format!("{MIXED}, on"), &format!("on for everyone | {lost}"));
    check(&format!("{MIXED}, off"), &format!("off for everyone | {lost}"));
    check(&format!("{MIXED}, delete"), &format!("nothing stored | {lost}"));
    check(
        &format!("{MIXED}, keep"),
        "off for everyone; actors: User:1, User:2; opted out: User:2 \
         | lost 25 % of actors; 10 % of time; groups: staff | StillOn({User:1})",
    );
    check("keep", "off for everyone");
    check("delete", "nothing stored | Unchanged");
    check("on, delete", "nothing stored");
}

#[test]
fn targets() {
    check("on User:1", "actors: User:1");
    check("on User:1, on User:1", "actors: User:1 | Unchanged");
    check("on User:1 Project:1 staff", "actors: Project:1, User:1; groups: staff");
    check("on User:1 User:2, off User:1", "actors: User:2");
    check("on staff beta, off staff", "groups: beta");
    check("off User:1", "empty row");
    check("on User:1, off User:1", "empty row");
    check("on, off User:1", "on for everyone | Unchanged");
    check("on ghosts", "refused: there is no feature group \"ghosts\"");
    check("on ghosts User:1, on User:2", "actors: User:2");
}

#[test]
fn percentages() {
    check("actors% 25", "25 % of actors");
    check("actors% 25, actors% 50.5", "50.5 % of actors");
    check("actors% 25, time% 10", "25 % of actors; 10 % of time");
    check("actors% 100, actors% 0", "0 % of actors");
    check("off, actors% 5", "off for everyone; 5 % of actors");
    let refused = "refused: the flag is fully on; set it to false before a percentage";
    check("on, actors% 25", refused);
    check("on, time% 25", refused);
    check("time% 100, actors% 25", refused);
    check("time% 100, time% 25", refused);
}

#[test]
fn opt_outs() {
    check("opt_out User:1", "opted out: User:1");
    check("on, opt_out User:1", "on for everyone; opted out: User:1");
    check("on User:1, opt_out User:1", "actors: User:1; opted out: User:1");
    check("opt_out User:1, on User:2 User:1", "refused: User:1 opted out; use remove_opt_out first");
    check("opt_out User:1, off User:1", "opted out: User:1 | Unchanged");
    check("opt_out User:1 User:2, remove_opt_out User:1", "opted out: User:2");
    check("opt_out User:1, remove_opt_out User:1, on User:1", "actors: User:1");
    check("remove_opt_out User:1", "nothing stored | Unchanged");
}

#[test]
fn the_first_target_keeps_a_default_that_is_on_except_by_rest() {
    let check = |texts: &str, by_command: &str, by_rest: &str| {
        assert_eq!(run(&with_default(true), Origin::Command, texts), by_command, "{texts}");
        assert_eq!(run(&with_default(true), Origin::Rest, texts), by_rest, "{texts} by REST");
    };
    check("on User:1", "on for everyone; actors: User:1 | DefaultKept", "actors: User:1 | DefaultShadowed");
    check("off User:1", "on for everyone | DefaultKept", "empty row | DefaultShadowed");
    check(
        "opt_out User:1",
        "on for everyone; opted out: User:1 | DefaultKept",
        "opted out: User:1 | DefaultShadowed",
    );
    check("off, on User:1", "off for everyone; actors: User:1", "off for everyone; actors: User:1");
    check("remove_opt_out User:1", "nothing stored | Unchanged", "nothing stored | Unchanged");
    check("off", "off for everyone", "off for everyone");
    check("actors% 25", "25 % of actors", "25 % of actors");
}

#[test]
fn a_change_of_targets_names_some() {
    let context = WriteContext { definition: None, origin: Origin::Command, groups: &AnyButGhosts };
    let nobody = [
        Change::Enable(Targets::default()),
        Change::Disable(Targets::default()),
        Change::OptOut(BTreeSet::new()),
        Change::RemoveOptOut(BTreeSet::new()),
    ];
    for change in nobody {
        let refused = apply(Some(&FlagState::default()), &change, &context).unwrap_err().to_string();
        assert_eq!(refused, "no project, group, user, repository or feature group is named", "{change:?}");
    }
}

#[test]
fn replacing_stores_exactly_this() {
    let context = WriteContext { definition: None, origin: Origin::Command, groups: &AnyButGhosts };
    let state = |texts: &str| {
        let start: Option<FlagState> = None;
        texts
            .split(", ")
            .fold(start, |state, text| apply(state.as_ref(), &change(text), &context).unwrap().after)
    };
    let check = |before: &str, to: Option<FlagState>, is: &str| {
        let before = state(before);
        let found = apply(before.as_ref(), &Change::Replace(to), &context);
        assert_eq!(found.as_ref().map_or_else(ToString::to_string, outcome), is);
    };
    check("delete", state("on User:1"), "actors: User:1");
    check("delete", None, "nothing stored | Unchanged");
    check("on", state("on"), "on for everyone | Unchanged");
    check("on", state("actors% 25"), "25 % of actors");
    let lost = "lost actors: User:1; 10 % of time; groups: staff; opted out: User:2";
    check(MIXED, state("on User:2, actors% 50"), &format!("actors: User:2; 50 % of actors | {lost}"));
    check("on staff", None, "nothing stored | lost groups: staff");
    let haunted = || Some(FlagState { groups: ["ghosts".to_owned()].into(), ..FlagState::default() });
    check("on staff", haunted(), "there is no feature group \"ghosts\"");
    let before = haunted();
    let kept = apply(before.as_ref(), &Change::Replace(haunted()), &context).unwrap();
    assert_eq!(outcome(&kept), "groups: ghosts | Unchanged");
}

#[test]
fn lists_are_bounded() {
    let context = WriteContext { definition: None, origin: Origin::Command, groups: &AnyButGhosts };
    let users =
        |n: usize| -> BTreeSet<ActorId> { (0..n).map(|i| format!("U:{i}").parse().unwrap()).collect() };
    let groups = |n: usize| Targets { groups: (0..n).map(|i| i.to_string()).collect(), ..Targets::default() };
    let check = |change: Change, is: Option<&str>| {
        let refused = apply(None, &change, &context).err().map(|refused| refused.to_string());
        assert_eq!(refused.as_deref(), is);
    };
    let too_many = Some("a flag lists at most 10000 actors; use a percentage");
    let on = |n: usize| Change::Enable(Targets { actors: users(n), ..Targets::default() });
    check(on(limits::ACTORS_MAX), None);
    check(on(limits::ACTORS_MAX + 1), too_many);
    check(Change::OptOut(users(limits::ACTORS_MAX)), None);
    check(Change::OptOut(users(limits::ACTORS_MAX + 1)), too_many);
    let replaced = |actors: usize, opt_outs: usize, named: usize| {
        Change::Replace(Some(FlagState {
            actors: users(actors),
            opt_outs: users(opt_outs),
            groups: groups(named).groups,
            ..FlagState::default()
        }))
    };
    check(replaced(limits::ACTORS_MAX - 1, 1, limits::GROUPS_MAX), None);
    check(replaced(limits::ACTORS_MAX, 1, 0), too_many);
    check(replaced(0, 0, limits::GROUPS_MAX + 1), Some("a flag lists at most 100 feature groups"));
    check(Change::Enable(groups(limits::GROUPS_MAX)), None);
    check(Change::Enable(groups(limits::GROUPS_MAX + 1)), Some("a flag lists at most 100 feature groups"));
}
