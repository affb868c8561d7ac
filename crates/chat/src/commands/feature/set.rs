//! What `feature set` says, and what its parts demand of each other.

use super::targets::{kind_of, targets};
use super::value::read_value;
use crate::command::{Command, FeatureSet, IgnoredCheck, ShareOf, TargetKind, Value};
use crate::commands::common::{name, reason};
use crate::error::Fault;
use crate::lex::Word;
use crate::parsed::{Given, Parsed};

pub(super) fn set(parsed: &Parsed) -> Result<Command, Fault> {
    let name = name(parsed)?;
    let value = value(parsed)?;
    let targets = targets(parsed)?;
    let keep_targets = parsed.option("keep-targets");
    if let Some(given) = keep_targets.filter(|_| value != Value::Off || !targets.is_empty()) {
        return Err(Fault::new(given.at, "--keep-targets goes with `false` for everyone only."));
    }
    let ignored = IgnoredCheck::ALL.into_iter().filter(|check| parsed.has(check.as_str()));
    Ok(Command::FeatureSet(FeatureSet {
        name,
        value,
        targets,
        ignored: ignored.collect(),
        keep_targets: keep_targets.is_some(),
        with_dependencies: parsed.has("with-dependencies"),
        large_step: parsed.has("large-step"),
        dry_run: parsed.has("dry-run"),
        reason: reason(parsed)?,
        environments: parsed.environments.clone(),
    }))
}

/// The value, with what it demands of the targets and of `--actors` and `--random`.
fn value(parsed: &Parsed) -> Result<Value, Fault> {
    let word = &parsed.arguments[1];
    let target = parsed.options.iter().find(|given| kind_of(given).is_some());
    let share_of = share_of(parsed)?;
    if let (Some((_, share)), Some(target)) = (share_of, target) {
        let message = format!("--{} is for everyone: leave out --{}.", share.name, target.name);
        return Err(Fault::new(share.at.max(target.at), message));
    }
    match (read_value(word)?, share_of, target) {
        (Value::Share(share, _), Some((of, _)), _) => Ok(Value::Share(share, of)),
        (Value::Share(..), None, Some(target)) => {
            let message = format!("A percentage is for everyone: leave out --{}, or use true.", target.name);
            Err(Fault::new(target.at, message))
        }
        (Value::Share(share, _), None, None) => {
            let message = format!("{share} needs --actors (always the same ones) or --random (by chance).");
            Err(Fault::new(word.inside, message).suggest(Some(format!("{share} --actors"))))
        }
        (value @ (Value::OptOut | Value::RemoveOptOut), ..) => check_opt_out(parsed, value, word),
        (value, ..) => Ok(value),
    }
}

/// Which of `--actors` and `--random` stands there.
fn share_of(parsed: &Parsed) -> Result<Option<(ShareOf, &Given)>, Fault> {
    match (parsed.option("actors"), parsed.option("random")) {
        (Some(actors), Some(random)) => {
            Err(Fault::new(actors.at.max(random.at), "Choose one of --actors and --random."))
        }
        (Some(actors), None) => Ok(Some((ShareOf::Actors, actors))),
        (None, Some(random)) => Ok(Some((ShareOf::Time, random))),
        (None, None) => Ok(None),
    }
}

fn check_opt_out(parsed: &Parsed, value: Value, word: &Word) -> Result<Value, Fault> {
    if let Some(given) = parsed.option(TargetKind::FeatureGroup.as_str()) {
        return Err(Fault::new(given.at, "A feature group cannot opt out; name projects, groups or users."));
    }
    if parsed.options.iter().any(|given| kind_of(given).is_some()) {
        return Ok(value);
    }
    Err(Fault::new(word.inside, format!("{} needs a target, such as --user=NAME.", word.text)))
}
