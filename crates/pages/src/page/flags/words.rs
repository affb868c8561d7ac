//! A flag's state as people say it: `on for 2 projects and 25 % of the others`.

use crate::page::flags::places::{Here, Knowledge};
use crate::words::{and, count};
use std::collections::BTreeMap;
use wigwag_base::Percentage;
use wigwag_flags::{ActorId, FlagState, State};

/// One flag in one environment, in a phrase: `on`, `off`, `on for 2 projects and 25 % of the others`.
pub(crate) fn phrase(here: &Here) -> String {
    if here.overridden.is_some() {
        return "switched off by an override".into();
    }
    if here.knowledge == Knowledge::Unread {
        return "unknown".into();
    }
    match (here.view.state(), here.view.stored.as_deref()) {
        (State::On, Some(state)) if !state.opt_outs.is_empty() => format!("on{}", exception(state)),
        (State::On, _) => "on".into(),
        (State::Conditional, Some(state)) => {
            let who = whom(state);
            if who.is_empty() { "off".into() } else { format!("on for {}{}", and(&who), exception(state)) }
        }
        (State::Conditional | State::Off, _) => "off".into(),
    }
}

/// The same for a table's cell, where icon and word stand before it: only what they do not say.
pub(crate) fn note(here: &Here) -> String {
    if here.knowledge == Knowledge::Unread {
        return "never read".into();
    }
    let Some(state) = here.view.stored.as_deref() else {
        return if here.view.definition.is_some() { "by default".into() } else { "never set".into() };
    };
    match here.view.state() {
        State::On => format!("set{}", exception(state)),
        State::Off => "set".into(),
        State::Conditional => {
            let who = whom(state);
            if who.is_empty() {
                format!("nobody{}", exception(state))
            } else {
                format!("{}{}", and(&who), exception(state))
            }
        }
    }
}

/// All environments in one sentence: `On in dev and staging, on for 2 projects in production.` Where somebody is left
/// out, the environment comes first: `On in dev; in production on for 2 projects, but not for 1 user.`
pub(crate) fn sentence(places: &[(&str, &Here)]) -> String {
    let mut alike: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, here) in places {
        let phrase = phrase(here);
        match alike.iter_mut().find(|(known, _)| *known == phrase) {
            Some((_, names)) => names.push(name),
            None => alike.push((phrase, vec![name])),
        }
    }
    let has_comma = |phrase: &str| phrase.contains(", ");
    let text = match alike.as_slice() {
        [(phrase, names)] if names.len() > 1 => format!("{phrase} everywhere"),
        several => {
            let part = |(phrase, names): &(String, Vec<&str>)| match has_comma(phrase) {
                true => format!("in {} {phrase}", and(names)),
                false => format!("{phrase} in {}", and(names)),
            };
            let parts: Vec<String> = several.iter().map(part).collect();
            let between = if several.iter().any(|(phrase, _)| has_comma(phrase)) { "; " } else { ", " };
            parts.join(between)
        }
    };
    crate::words::sentence(&text)
}

/// For whom a conditional flag is on, one phrase a gate.
fn whom(state: &FlagState) -> Vec<String> {
    let mut parts: Vec<String> = by_kind(state.actors.iter());
    if !state.groups.is_empty() {
        let names: Vec<&str> = state.groups.iter().map(String::as_str).collect();
        let group = if names.len() == 1 { "the group" } else { "the groups" };
        parts.push(format!("{group} {}", and(&names)));
    }
    let above_zero = |share: Option<Percentage>| share.filter(|share| *share > Percentage::ZERO);
    let others = if parts.is_empty() { "actors" } else { "the others" };
    parts.extend(above_zero(state.percentage_of_actors).map(|share| format!("{share} % of {others}")));
    parts.extend(above_zero(state.percentage_of_time).map(|share| format!("{share} % of calls")));
    parts
}

/// `, but not for 1 user`, if anyone has opted out.
fn exception(state: &FlagState) -> String {
    match by_kind(state.opt_outs.iter()).as_slice() {
        [] => String::new(),
        kinds => format!(", but not for {}", and(kinds)),
    }
}

/// `2 projects`, `1 user`, `3 actors of type Tenant`.
pub(crate) fn by_kind<'a>(actors: impl Iterator<Item = &'a ActorId>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for actor in actors {
        let kind = actor.as_str().split_once(':').map_or("", |(kind, _)| kind);
        *kinds.entry(kind).or_default() += 1;
    }
    let words = |(kind, n): (&str, u64)| match kind {
        "Project" => count(n, "project", "projects"),
        "Group" => count(n, "group", "groups"),
        "User" => count(n, "user", "users"),
        "Repository" => count(n, "repository", "repositories"),
        other => format!("{} of type {other}", count(n, "actor", "actors")),
    };
    let order = |kind: &str| ["Project", "Group", "User", "Repository"].iter().position(|k| *k == kind);
    let mut kinds: Vec<(&str, u64)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(kind, _)| order(kind).unwrap_or(usize::MAX));
    kinds.into_iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::{note, phrase, sentence};
    use crate::page::flags::places::{Here, Knowledge};
    use std::sync::Arc;
    use wigwag_engine::flags::FlagView;
    use wigwag_flags::{Definition, FlagState, shipped};

    fn defined(name: &str) -> Arc<Definition> {
        shipped::definitions().into_iter().find(|one| one.name.as_str() == name).map(Arc::new).unwrap()
    }

    fn here(stored: Option<FlagState>) -> Here {
        let view = FlagView {
            name: "f".parse().unwrap(),
            definition: Some(defined(shipped::WEBHOOKS_FAILED_CALLOUT)),
            stored: stored.map(Arc::new),
            stale_since: None,
        };
        Here { view, overridden: None, knowledge: Knowledge::Known }
    }

    fn state(actors: &[&str], opt_outs: &[&str], share: Option<&str>) -> FlagState {
        FlagState {
            actors: actors.iter().map(|id| id.parse().unwrap()).collect(),
            opt_outs: opt_outs.iter().map(|id| id.parse().unwrap()).collect(),
            percentage_of_actors: share.map(|share| share.parse().unwrap()),
            ..FlagState::default()
        }
    }

    #[test]
    fn a_state_has_its_phrase_and_its_note() {
        let check = |stored: Option<FlagState>, told: &str, noted: &str| {
            let here = here(stored);
            assert_eq!((phrase(&here).as_str(), note(&here).as_str()), (told, noted));
        };
        let two = ["Project:1", "Project:2"];
        check(None, "off", "by default");
        check(Some(FlagState::default()), "off", "set");
        check(Some(FlagState { boolean: Some(true), ..FlagState::default() }), "on", "set");
        check(Some(state(&two, &[], None)), "on for 2 projects", "2 projects");
        check(
            Some(state(&two, &[], Some("25"))),
            "on for 2 projects and 25 % of the others",
            "2 projects and 25 % of the others",
        );
        check(Some(state(&[], &[], Some("0.5"))), "on for 0.5 % of actors", "0.5 % of actors");
        check(
            Some(state(&["Tenant:x", "User:5"], &["Project:9"], None)),
            "on for 1 user and 1 actor of type Tenant, but not for 1 project",
            "1 user and 1 actor of type Tenant, but not for 1 project",
        );
        check(Some(state(&[], &["User:1"], None)), "off", "nobody, but not for 1 user");
        let but = FlagState { boolean: Some(true), ..state(&[], &["User:1", "User:2"], None) };
        check(Some(but), "on, but not for 2 users", "set, but not for 2 users");
        let chance = FlagState {
            groups: ["staff".to_owned()].into(),
            percentage_of_time: Some("10".parse().unwrap()),
            ..FlagState::default()
        };
        check(Some(chance), "on for the group staff and 10 % of calls", "the group staff and 10 % of calls");
    }

    #[test]
    fn environments_that_are_alike_are_told_together() {
        let (off, on) = (here(None), here(Some(FlagState { boolean: Some(true), ..FlagState::default() })));
        let some = here(Some(state(&["Project:1"], &[], Some("25"))));
        let check = |places: &[(&str, &Here)], told: &str| assert_eq!(sentence(places), told);
        let unread = Here::never_set(&"f".parse().unwrap(), Knowledge::Unread);
        check(&[("dev", &off), ("staging", &unread)], "Off in dev, unknown in staging.");
        check(&[("production", &off)], "Off in production.");
        check(&[("dev", &off), ("staging", &off)], "Off everywhere.");
        check(
            &[("dev", &on), ("staging", &on), ("production", &some)],
            "On in dev and staging, on for 1 project and 25 % of the others in production.",
        );
        let but = here(Some(state(&["Project:1"], &["User:1"], None)));
        check(
            &[("dev", &on), ("production", &but)],
            "On in dev; in production on for 1 project, but not for 1 user.",
        );
    }
}
