use super::{Request, request};
use crate::flags::TargetNames;
use wigwag_flags::{Change, FlagState, Targets};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

/// `on`, `off`, `-` (nothing stored), `User:5`, `!User:5` (opted out), `25%`, `25%time`, `@staff`; joined by spaces.
fn state(text: &str) -> Option<FlagState> {
    if text == "-" {
        return None;
    }
    let mut state = FlagState::default();
    for word in text.split_whitespace() {
        match word {
            "on" => state.boolean = Some(true),
            "off" => state.boolean = Some(false),
            _ => {
                if let Some(share) = word.strip_suffix("%time") {
                    state.percentage_of_time = Some(share.parse().unwrap());
                } else if let Some(share) = word.strip_suffix('%') {
                    state.percentage_of_actors = Some(share.parse().unwrap());
                } else if let Some(actor) = word.strip_prefix('!') {
                    state.opt_outs.insert(actor.parse().unwrap());
                } else if let Some(group) = word.strip_prefix('@') {
                    state.groups.insert(group.into());
                } else {
                    state.actors.insert(word.parse().unwrap());
                }
            }
        }
    }
    Some(state)
}

fn shown(change: &Change, names: &TargetNames, before: Option<&FlagState>) -> String {
    match request(change, names, None, before) {
        Ok(Request::Delete) => "DELETE".into(),
        Ok(Request::Set(fields)) => fields.to_string(),
        Err(why) => format!("refused: {why}"),
    }
}

#[test]
fn each_change_is_one_request() {
    let check = |change: Change, is: &str| assert_eq!(shown(&change, &TargetNames::default(), None), is);
    check(Change::EnableEveryone, r#"{"value":"true"}"#);
    check(Change::DisableEveryone, r#"{"value":"false"}"#);
    check(Change::Delete, "DELETE");
    check(Change::Replace(None), "DELETE");
    let share = "12.5".parse().unwrap();
    check(Change::PercentageOfActors(share), r#"{"key":"percentage_of_actors","value":"12.5"}"#);
    check(Change::PercentageOfTime(share), r#"{"key":"percentage_of_time","value":"12.5"}"#);
}

#[test]
fn targets_go_as_their_author_named_them() {
    let stand_ins =
        || Targets { actors: ["Project:acme/shop".parse().unwrap()].into(), ..Targets::default() };
    let named = TargetNames {
        projects: names(&["acme/shop", "7"]),
        groups: names(&["acme"]),
        namespaces: names(&["ann"]),
        users: names(&["@mia", "rex"]),
        repositories: names(&["@hashed/ab/cd.git"]),
        feature_groups: names(&["staff"]),
        actors: names(&["Project:9", "User:5"]),
    };
    let all = r#"{"feature_group":"staff","group":"acme","namespace":"ann","project":"acme/shop,7,9","#;
    let rest = r#""repository":"@hashed/ab/cd.git","user":"mia,rex,5","value":"#;
    let check = |change: Change, value: &str| {
        assert_eq!(shown(&change, &named, None), format!("{all}{rest}\"{value}\"}}"));
    };
    check(Change::Enable(stand_ins()), "true");
    check(Change::Disable(stand_ins()), "false");
    check(Change::OptOut(stand_ins().actors), "opt_out");
    check(Change::RemoveOptOut(stand_ins().actors), "remove_opt_out");
    let refused = |named: TargetNames, is: &str| {
        assert_eq!(shown(&Change::Enable(stand_ins()), &named, None), format!("refused: {is}"));
    };
    let two = TargetNames { projects: names(&["a,b"]), ..TargetNames::default() };
    refused(two, "project \"a,b\" cannot be named to it");
    let other = TargetNames { actors: names(&["Tenant:5"]), ..TargetNames::default() };
    refused(other, "Tenant:5 cannot be named to it: it knows projects, groups, users and repositories");
}

#[test]
fn an_exact_state_is_reached_in_one_step_or_refused() {
    let check = |before: &str, wanted: &str, is: &str| {
        let change = Change::Replace(state(wanted));
        let found = shown(&change, &TargetNames::default(), state(before).as_ref());
        assert_eq!(found, is, "{before} -> {wanted}");
    };
    let more = "refused: it makes one change at a time, and this takes more than one; make them one by one, as commands";
    check("-", "on", r#"{"value":"true"}"#);
    check("25% User:5", "on", r#"{"value":"true"}"#);
    check("25% User:5", "off", r#"{"value":"false"}"#);
    check("25%", "", r#"{"value":"false"}"#);
    check("25%", "-", "DELETE");
    check("25% User:5", "50% User:5", r#"{"key":"percentage_of_actors","value":"50"}"#);
    check("User:5", "User:5 10%time", r#"{"key":"percentage_of_time","value":"10"}"#);
    check("User:5", "User:5 User:6 @staff", r#"{"feature_group":"staff","user":"6","value":"true"}"#);
    check("User:5 Project:1", "User:5", r#"{"project":"1","value":"false"}"#);
    check("on", "on !User:5", r#"{"user":"5","value":"opt_out"}"#);
    check("on !User:5", "on", r#"{"value":"true"}"#);
    check("on !User:5 !User:6", "on !User:6", r#"{"user":"5","value":"remove_opt_out"}"#);
    check("User:5", "User:6", more);
    check("on", "25%", more);
    check("25% User:5", "25% User:6", more);
    check("-", "25% User:5", more);
}

#[test]
fn what_takes_several_requests_is_refused_with_what_to_do() {
    let check = |before: &str, change: Change, is: &str| {
        let found = shown(&change, &TargetNames::default(), state(before).as_ref());
        assert!(found.starts_with(is), "{before} {change:?}: {found}");
    };
    let zero = || Change::PercentageOfActors("0".parse().unwrap());
    check("25%", zero(), r#"{"value":"false"}"#);
    check("25% User:5", zero(), "refused: 0 means false for everyone there");
    let hundred = || Change::PercentageOfActors("100".parse().unwrap());
    check("25%", hundred(), "refused: 100 means true for everyone there");
    check("25%", Change::DisableKeepTargets, r#"{"value":"false"}"#);
    check("User:5 @staff", Change::DisableKeepTargets, r#"{"feature_group":"staff","value":"false"}"#);
    check("25% User:5", Change::DisableKeepTargets, "refused: it cannot keep targets while everyone else is");
}
