//! A change as the one request by which another server makes it.
//!
//! | change | request |
//! |---|---|
//! | enable, disable everyone | `value` true, false |
//! | enable, disable targets, opt out, remove opt-out | `value` and the targets, named as the author named them |
//! | percentage of actors, of time, between 0 and 100 | `value` and `key` |
//! | delete, replace by nothing | DELETE |
//! | anything else | the one of these that leads to the same state, if there is one |
//!
//! 0 and 100 are no percentages in that API: they mean false and true for everyone.

use crate::flags::TargetNames;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_flags::{
    ActorGroups, ActorId, Change, Definition, FlagState, Origin, Targets, WriteContext, apply,
};

/// What another server is asked for.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Request {
    /// POST with these fields.
    Set(Value),
    /// DELETE.
    Delete,
}

/// Another server has groups of its own.
struct AnyGroup;

impl ActorGroups for AnyGroup {
    fn knows(&self, _: &str) -> bool {
        true
    }

    fn accepts(&self, _: &str, _: &str) -> bool {
        false
    }
}

/// What a change is judged by where another server judges again.
pub(super) fn context<'a>(definition: Option<&'a Definition>, origin: Origin) -> WriteContext<'a> {
    WriteContext { definition, origin, groups: &AnyGroup }
}

/// The request that makes `change`; `before` is what is stored, and `names` whom it is for, if it is for someone.
///
/// # Errors
/// Why one request cannot make it, as a sentence.
pub(super) fn request(
    change: &Change,
    names: &TargetNames,
    definition: Option<&Definition>,
    before: Option<&FlagState>,
) -> Result<Request, String> {
    match change {
        Change::EnableEveryone => Ok(Request::Set(json!({ "value": "true" }))),
        Change::DisableEveryone => Ok(Request::Set(json!({ "value": "false" }))),
        Change::Delete | Change::Replace(None) => Ok(Request::Delete),
        Change::Enable(_) => for_targets("true", names),
        Change::Disable(_) => for_targets("false", names),
        Change::OptOut(_) => for_targets("opt_out", names),
        Change::RemoveOptOut(_) => for_targets("remove_opt_out", names),
        Change::PercentageOfActors(share) if is_between(*share) => {
            Ok(percentage(*share, "percentage_of_actors"))
        }
        Change::PercentageOfTime(share) if is_between(*share) => Ok(percentage(*share, "percentage_of_time")),
        Change::PercentageOfActors(_)
        | Change::PercentageOfTime(_)
        | Change::DisableKeepTargets
        | Change::Replace(Some(_)) => {
            let context = context(definition, Origin::Rest);
            let wanted = apply(before, change, &context).map_err(|refused| refused.to_string())?.after;
            let step = one_step(before, wanted.as_ref(), &context).ok_or_else(|| in_one_step(change))?;
            let names = TargetNames::of(&step);
            request(&step, &names, definition, before)
        }
    }
}

/// Why a change takes more than one request.
fn in_one_step(change: &Change) -> String {
    match change {
        Change::PercentageOfActors(share) | Change::PercentageOfTime(share) if *share == Percentage::ZERO => {
            "0 means false for everyone there, which takes the other gates away too; say false, or a percentage \
             above 0"
        }
        Change::PercentageOfActors(_) | Change::PercentageOfTime(_) => {
            "100 means true for everyone there; say true, or a percentage below 100"
        }
        Change::DisableKeepTargets => {
            "it cannot keep targets while everyone else is turned off, since it makes one change at a time; say \
             false without keeping them, or take the percentage or the groups away by themselves"
        }
        _ => {
            "it makes one change at a time, and this takes more than one; make them one by one, as commands"
        }
    }
    .into()
}

fn is_between(share: Percentage) -> bool {
    share > Percentage::ZERO && share < Percentage::HUNDRED
}

fn percentage(share: Percentage, key: &str) -> Request {
    Request::Set(json!({ "value": share.to_string(), "key": key }))
}

fn for_targets(value: &str, names: &TargetNames) -> Result<Request, String> {
    let mut fields = json!({ "value": value });
    let mut lists: [(&str, Vec<String>); 6] = [
        ("project", names.projects.clone()),
        ("group", names.groups.clone()),
        ("namespace", names.namespaces.clone()),
        ("user", names.users.iter().map(|name| name.trim_start_matches('@').to_owned()).collect()),
        ("repository", names.repositories.clone()),
        ("feature_group", names.feature_groups.clone()),
    ];
    for id in &names.actors {
        let place = match id.split_once(':') {
            Some(("Project", _)) => 0,
            Some(("Group", _)) => 1,
            Some(("User", _)) => 3,
            Some(("Repository", _)) => 4,
            _ => {
                return Err(format!(
                    "{id} cannot be named to it: it knows projects, groups, users and repositories"
                ));
            }
        };
        lists[place].1.extend(id.split_once(':').map(|(_, name)| name.to_owned()));
    }
    for (field, list) in lists {
        if let Some(name) = list.iter().find(|name| name.contains(',') || name.trim().is_empty()) {
            return Err(format!("{field} {name:?} cannot be named to it"));
        }
        if !list.is_empty() {
            fields[field] = list.join(",").into();
        }
    }
    Ok(Request::Set(fields))
}

/// The one change that a request can make and that leads from `before` to `wanted`, if there is one.
fn one_step(
    before: Option<&FlagState>,
    wanted: Option<&FlagState>,
    context: &WriteContext<'_>,
) -> Option<Change> {
    let leads = |change: &Change| {
        apply(before, change, context).is_ok_and(|done| is_the_same(done.after.as_ref(), wanted))
    };
    candidates(before, wanted).into_iter().find(leads)
}

fn candidates(before: Option<&FlagState>, wanted: Option<&FlagState>) -> Vec<Change> {
    let Some(wanted) = wanted else { return vec![Change::Delete] };
    let nothing = FlagState::default();
    let before = before.unwrap_or(&nothing);
    let more = |a: &BTreeSet<ActorId>, b: &BTreeSet<ActorId>| a.difference(b).cloned().collect();
    let groups = |a: &FlagState, b: &FlagState| a.groups.difference(&b.groups).cloned().collect();
    let added = Targets { actors: more(&wanted.actors, &before.actors), groups: groups(wanted, before) };
    let taken = Targets { actors: more(&before.actors, &wanted.actors), groups: groups(before, wanted) };
    let between = |share: Option<Percentage>| share.filter(|share| is_between(*share));
    let mut all = vec![Change::EnableEveryone, Change::DisableEveryone];
    all.extend(between(wanted.percentage_of_actors).map(Change::PercentageOfActors));
    all.extend(between(wanted.percentage_of_time).map(Change::PercentageOfTime));
    all.extend([
        Change::Enable(added),
        Change::Disable(taken),
        Change::OptOut(more(&wanted.opt_outs, &before.opt_outs)),
        Change::RemoveOptOut(more(&before.opt_outs, &wanted.opt_outs)),
    ]);
    all
}

/// Whether two states open for the same, whatever is stored: a boolean that is false and a percentage of 0 open nothing.
fn is_the_same(a: Option<&FlagState>, b: Option<&FlagState>) -> bool {
    let set = |share: Option<Percentage>| share.filter(|share| *share > Percentage::ZERO);
    let plain = |state: &FlagState| FlagState {
        boolean: state.boolean.filter(|on| *on),
        percentage_of_actors: set(state.percentage_of_actors),
        percentage_of_time: set(state.percentage_of_time),
        ..state.clone()
    };
    a.map(plain) == b.map(plain)
}

#[cfg(test)]
mod tests;
