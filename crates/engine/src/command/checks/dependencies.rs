//! Every flag hashes its own buckets: 50 % under 50 % is 25 %. Before a percentage or everyone, a dependency must
//! therefore be fully on; before targets it must be on for each of them.

use super::{Check, Checked, Verdict};
use crate::command::targets::FoundTarget;
use crate::command::told;
use crate::command::writing::{Trial, Writing};
use crate::flags::{FlagBoard, FlagChange, FlagWritten, TargetNames, share};
use crate::limits::DEPENDENCIES_TOGETHER_MAX;
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureSet, Target, Value};
use wigwag_flags::{ActorId, Change, Definition, Flag, FlagName, Snapshot, Targets};

/// A dependency that is not on as far as a change needs it.
struct Unmet<'t> {
    needed: FlagName,
    /// Those for whom it is not; nobody where it must be on for everyone.
    without: Vec<&'t FoundTarget>,
}

impl Engine {
    /// Whether what the flag depends on is on, or is turned on with it.
    pub(super) fn check_dependencies(
        &self,
        writing: &Writing<'_>,
        trial: &Trial,
        written: &FlagWritten,
    ) -> Checked {
        let said = |verdict, reason: String| Checked::new(Check::Dependencies, verdict, reason);
        let needs = written.definition.as_deref().map_or(&[][..], |definition| &definition.depends_on);
        if needs.is_empty() {
            return said(Verdict::NotNeeded, "It depends on no other flag.".into());
        }
        let targets = match &writing.asked {
            Some(asked) => asked.targets(self.kept(&written.environment)),
            None => &[],
        };
        let comes_along = |flag: &FlagName| trial.written.iter().any(|one| one.flag == *flag);
        let all = unmet(&self.inner.flags, written, targets);
        let Some(unmet) = all.into_iter().find(|unmet| !comes_along(&unmet.needed)) else {
            let names: Vec<&str> = needs.iter().map(|name| name.as_str()).collect();
            return said(Verdict::Passed, format!("On there: {}.", names.join(", ")));
        };
        let whom = if targets.is_empty() { "for everyone" } else { "for every target" };
        let reason = format!(
            "{} depends on {}, which is not on {whom} there. This turns on both:",
            written.flag, unmet.needed
        );
        said(Verdict::Refused, reason).mended_by(mend(written, writing, &unmet))
    }
}

/// The changes that turn on whatever a change needs, and what that needs, those that are needed first.
///
/// # Errors
/// [`EngineError::Conflict`] if there are too many.
pub(in crate::command) fn together(
    board: &FlagBoard,
    written: &FlagWritten,
    targets: &[FoundTarget],
) -> Result<Vec<FlagChange>, EngineError> {
    let mut changes: Vec<FlagChange> = Vec::new();
    gather(board, &written.environment, written.definition.as_deref(), targets, &mut changes)?;
    changes.reverse();
    Ok(changes)
}

fn gather(
    board: &FlagBoard,
    environment: &str,
    definition: Option<&Definition>,
    targets: &[FoundTarget],
    changes: &mut Vec<FlagChange>,
) -> Result<(), EngineError> {
    let Some(snapshot) = board.of(environment) else { return Ok(()) };
    for unmet in unmet_in(&snapshot, definition, targets) {
        if changes.iter().any(|change| change.flag == unmet.needed) {
            continue;
        }
        if changes.len() >= DEPENDENCIES_TOGETHER_MAX {
            let text =
                format!("it needs more than {DEPENDENCIES_TOGETHER_MAX} other flags; turn those on first");
            return Err(EngineError::Conflict(text));
        }
        let mut names = TargetNames::default();
        let change = if targets.is_empty() {
            Change::EnableEveryone
        } else {
            unmet.without.iter().for_each(|one| crate::command::targets::put(&mut names, &one.target));
            let actors: BTreeSet<ActorId> = unmet.without.iter().map(|one| one.actor.clone()).collect();
            Change::Enable(Targets { actors, groups: BTreeSet::new() })
        };
        let needs = snapshot.flag(unmet.needed.as_str()).and_then(|flag| flag.definition.clone());
        changes.push(FlagChange { environment: environment.to_owned(), flag: unmet.needed, change, names });
        gather(board, environment, needs.as_deref(), targets, changes)?;
    }
    Ok(())
}

fn unmet<'t>(board: &FlagBoard, written: &FlagWritten, targets: &'t [FoundTarget]) -> Vec<Unmet<'t>> {
    match board.of(&written.environment) {
        Some(snapshot) => unmet_in(&snapshot, written.definition.as_deref(), targets),
        None => Vec::new(),
    }
}

fn unmet_in<'t>(
    snapshot: &Snapshot,
    definition: Option<&Definition>,
    targets: &'t [FoundTarget],
) -> Vec<Unmet<'t>> {
    let needs = definition.map_or(&[][..], |definition| &definition.depends_on);
    let without = |needed: &FlagName| match targets {
        [] => not_for_everyone(snapshot, needed).then(Vec::new),
        targets => {
            // Whom another server knows by another id may be among those that are listed there.
            let lists = snapshot.flag(needed.as_str()).and_then(|flag| flag.state.as_deref());
            let lists_some = lists.is_some_and(|state| !state.actors.is_empty());
            let off = |one: &&FoundTarget| {
                let decision = snapshot.is_enabled(needed.as_str(), &[one.actor.as_str()], || 1.0);
                !(decision.enabled || one.is_stand_in() && lists_some)
            };
            let without: Vec<&FoundTarget> = targets.iter().filter(off).collect();
            (!without.is_empty()).then_some(without)
        }
    };
    needs
        .iter()
        .filter_map(|needed| Some(Unmet { needed: needed.clone(), without: without(needed)? }))
        .collect()
}

/// The flags that depend on this one and are on for someone: they go dark with it.
pub(in crate::command) fn darkened(board: &FlagBoard, written: &FlagWritten) -> Vec<FlagName> {
    let Some(snapshot) = board.of(&written.environment) else { return Vec::new() };
    let depends = |flag: &Flag| {
        flag.definition.as_deref().is_some_and(|definition| {
            definition.depends_on.contains(&written.flag)
                && told::state(Some(definition), flag.state.as_deref()) != "off"
        })
    };
    let flags = snapshot.flags().into_iter();
    flags.filter(|(_, flag)| depends(flag)).map(|(name, _)| name.clone()).collect()
}

fn not_for_everyone(snapshot: &Snapshot, needed: &FlagName) -> bool {
    let Some(flag) = snapshot.flag(needed.as_str()) else { return true };
    let opted_out = flag.state.as_deref().is_some_and(|state| !state.opt_outs.is_empty());
    opted_out || share(flag.definition.as_deref(), flag.state.as_deref()) != Percentage::HUNDRED
}

/// The commands that turn on both, in order; the named one again, with its dependencies, if it was a `feature set`.
fn mend(written: &FlagWritten, writing: &Writing<'_>, unmet: &Unmet<'_>) -> Vec<String> {
    let environments = vec![written.environment.clone()];
    let targets: Vec<Target> = unmet.without.iter().map(|one| one.target.clone()).collect();
    match &writing.asked {
        Some(asked) => {
            let again =
                FeatureSet { environments, with_dependencies: true, dry_run: false, ..asked.set.clone() };
            vec![Command::FeatureSet(again).to_string()]
        }
        None => vec![Command::FeatureSet(enable(&unmet.needed, targets, environments)).to_string()],
    }
}

fn enable(flag: &FlagName, targets: Vec<Target>, environments: Vec<String>) -> FeatureSet {
    FeatureSet {
        name: flag.to_string(),
        value: Value::On,
        targets,
        ignored: Vec::new(),
        keep_targets: false,
        with_dependencies: false,
        large_step: false,
        dry_run: false,
        reason: None,
        environments,
    }
}
