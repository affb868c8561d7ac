use crate::flags::FlagWritten;
use crate::limits::UNDO_COMMANDS_MAX;
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureDelete, FeatureSet, IgnoredCheck, ShareOf, Target, TargetKind, Value};
use wigwag_flags::{ActorId, FlagState};

/// The commands that bring back what was stored before, in order; `None` if it takes too many, or a gate that no
/// command sets.
pub(super) fn commands(written: &FlagWritten) -> Option<Vec<String>> {
    let commands = match &written.before {
        None => vec![Command::FeatureDelete(FeatureDelete {
            name: written.flag.to_string(),
            dry_run: false,
            reason: None,
            environments: vec![written.environment.clone()],
        })],
        Some(before) => to_state(written, written.after.as_ref(), before)?,
    };
    (commands.len() <= UNDO_COMMANDS_MAX).then(|| commands.iter().map(ToString::to_string).collect())
}

/// From `now` to `before`: over the listed ones alone if nothing else differs, else from `false` up.
fn to_state(written: &FlagWritten, now: Option<&FlagState>, before: &FlagState) -> Option<Vec<Command>> {
    let set = |value, targets| command(written, value, targets);
    let mut commands = Vec::new();
    let mut at = now.cloned().unwrap_or_default();
    let listed_alone = now.is_some()
        && (at.boolean, at.percentage_of_actors, at.percentage_of_time, &at.groups)
            == (before.boolean, before.percentage_of_actors, before.percentage_of_time, &before.groups);
    let percentage_alone = now.is_some()
        && FlagState { percentage_of_actors: before.percentage_of_actors, ..at.clone() } == *before
        && before.percentage_of_actors.is_some_and(|share| share > Percentage::ZERO);
    if percentage_alone {
        at = before.clone();
        commands.push(set(Value::Share(at.percentage_of_actors?, ShareOf::Actors), Vec::new()));
    } else if !listed_alone {
        let on = before.boolean == Some(true);
        commands.push(set(if on { Value::On } else { Value::Off }, Vec::new()));
        at = FlagState { boolean: Some(on), ..FlagState::default() };
        let shares =
            [(before.percentage_of_actors, ShareOf::Actors), (before.percentage_of_time, ShareOf::Time)];
        for (share, of) in shares.into_iter().filter_map(|(share, of)| Some((share?, of))) {
            if share > Percentage::ZERO {
                commands.push(set(Value::Share(share, of), Vec::new()));
            }
        }
        if !before.groups.is_empty() {
            let group = |name: &String| Target { kind: TargetKind::FeatureGroup, name: name.clone() };
            commands.push(set(Value::On, before.groups.iter().map(group).collect()));
        }
    }
    let steps = [
        (Value::RemoveOptOut, at.opt_outs.difference(&before.opt_outs).collect()),
        (Value::Off, at.actors.difference(&before.actors).collect()),
        (Value::On, before.actors.difference(&at.actors).collect()),
        (Value::OptOut, before.opt_outs.difference(&at.opt_outs).collect()),
    ];
    for (value, actors) in steps {
        let targets = targets(&actors)?;
        if !targets.is_empty() {
            commands.push(set(value, targets));
        }
    }
    Some(commands)
}

fn command(written: &FlagWritten, value: Value, targets: Vec<Target>) -> Command {
    let random = matches!(value, Value::Share(_, ShareOf::Time));
    Command::FeatureSet(FeatureSet {
        name: written.flag.to_string(),
        value,
        targets,
        ignored: if random { vec![IgnoredCheck::RandomDeprecation] } else { Vec::new() },
        keep_targets: false,
        with_dependencies: false,
        large_step: false,
        dry_run: false,
        reason: None,
        environments: vec![written.environment.clone()],
    })
}

/// Actors as the options that name them; `None` if one is of a type without an option.
fn targets(actors: &BTreeSet<&ActorId>) -> Option<Vec<Target>> {
    let target = |actor: &&ActorId| {
        let (kind, name) = actor.as_str().split_once(':')?;
        let kind = match kind {
            "Project" => TargetKind::Project,
            "Group" => TargetKind::Group,
            "User" => TargetKind::User,
            "Repository" => TargetKind::Repository,
            _ => return None,
        };
        Some(Target { kind, name: name.to_owned() })
    };
    actors.iter().map(target).collect()
}
