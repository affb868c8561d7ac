//! Every flag hashes its own buckets: 50 % under 50 % is 25 %. Before a percentage or everyone, a dependency must
//! therefore be fully on; before targets it must be on for each of them.

use super::{Check, Checked, Verdict, enabling};
use crate::command::gainers::Gainers;
use crate::command::targets::{FoundTarget, put};
use crate::command::told;
use crate::command::writing::{Trial, Writing};
use crate::flags::{FlagBoard, FlagChange, FlagWritten, TargetNames, share};
use crate::limits::DEPENDENCIES_TOGETHER_MAX;
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_chat::{Command, FeatureSet, Target, TargetKind};
use wigwag_flags::{ActorId, Change, Definition, Flag, FlagName, Snapshot, Targets};

/// A dependency that is not on as far as a change needs it.
struct Unmet<'t> {
    needed: FlagName,
    /// Those for whom it is not; nobody where it must be on for everyone.
    without: Vec<&'t FoundTarget>,
    /// The feature groups that it is not on for, likewise.
    without_groups: Vec<&'t String>,
}

impl Unmet<'_> {
    fn targets(&self) -> Vec<Target> {
        let actors = self.without.iter().map(|one| one.target.clone());
        let group = |name: &&String| Target { kind: TargetKind::FeatureGroup, name: (*name).clone() };
        actors.chain(self.without_groups.iter().map(group)).collect()
    }
}

impl Engine {
    /// Whether what the flag depends on is on, or is turned on with it.
    pub(super) async fn check_dependencies(
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
        let gainers = match self.known_gainers(writing, written).await {
            Ok(gainers) => gainers,
            Err(reason) => {
                let text =
                    format!("Whether what {} depends on is on cannot be told, {reason}.", written.flag);
                return said(Verdict::Refused, text);
            }
        };
        let comes_along = |flag: &FlagName| trial.written.iter().any(|one| one.flag == *flag);
        let Some(snapshot) = self.inner.flags.of(&written.environment) else {
            return said(Verdict::Refused, format!("The flags of {} are not known.", written.environment));
        };
        let all = unmet_in(&snapshot, written.definition.as_deref(), &gainers);
        let Some(unmet) = all.into_iter().find(|unmet| !comes_along(&unmet.needed)) else {
            let names: Vec<&str> = needs.iter().map(|name| name.as_str()).collect();
            let on = format!("On there: {}.", names.join(", "));
            return match needs.iter().find(|needed| !gainers.are_named() && has_opt_outs(&snapshot, needed)) {
                Some(needed) => said(Verdict::Warned, format!("{on} Some have opted out of {needed}.")),
                None => said(Verdict::Passed, on),
            };
        };
        let whom = if gainers.are_named() { "for every target" } else { "for everyone" };
        let reason = format!(
            "{} depends on {}, which is not on {whom} there. This turns on both:",
            written.flag, unmet.needed
        );
        said(Verdict::Refused, reason).mended_by(self.mend(written, writing, &unmet))
    }

    /// The commands that turn on both, in order; one, where one transaction can hold both.
    fn mend(&self, written: &FlagWritten, writing: &Writing<'_>, unmet: &Unmet<'_>) -> Vec<String> {
        let environments = || vec![written.environment.clone()];
        let first = enabling(&unmet.needed, unmet.targets(), environments());
        let Some(asked) = &writing.asked else { return vec![Command::FeatureSet(first).to_string()] };
        let again = |with_dependencies| {
            let set = FeatureSet {
                environments: environments(),
                with_dependencies,
                dry_run: false,
                ..asked.set.clone()
            };
            Command::FeatureSet(set).to_string()
        };
        if self.remote_of(&written.environment).is_some() {
            // Another server makes one change at a time.
            vec![Command::FeatureSet(first).to_string(), again(false)]
        } else {
            vec![again(true)]
        }
    }
}

/// The changes that turn on whatever a change needs, and what that needs, those that are needed first.
///
/// # Errors
/// [`EngineError::Conflict`] if there are too many.
pub(in crate::command) fn together(
    board: &FlagBoard,
    written: &FlagWritten,
    gainers: &Gainers<'_>,
) -> Result<Vec<FlagChange>, EngineError> {
    let mut changes: Vec<FlagChange> = Vec::new();
    gather(board, &written.environment, written.definition.as_deref(), gainers, &mut changes)?;
    changes.reverse();
    Ok(changes)
}

fn gather(
    board: &FlagBoard,
    environment: &str,
    definition: Option<&Definition>,
    gainers: &Gainers<'_>,
    changes: &mut Vec<FlagChange>,
) -> Result<(), EngineError> {
    let Some(snapshot) = board.of(environment) else { return Ok(()) };
    for unmet in unmet_in(&snapshot, definition, gainers) {
        if changes.iter().any(|change| change.flag == unmet.needed) {
            continue;
        }
        if changes.len() >= DEPENDENCIES_TOGETHER_MAX {
            let text =
                format!("it needs more than {DEPENDENCIES_TOGETHER_MAX} other flags; turn those on first");
            return Err(EngineError::Conflict(text));
        }
        let mut names = TargetNames::default();
        let change = if gainers.are_named() {
            unmet.targets().iter().for_each(|target| put(&mut names, target));
            let actors: BTreeSet<ActorId> = unmet.without.iter().map(|one| one.actor.clone()).collect();
            let groups = unmet.without_groups.iter().map(|name| (*name).clone()).collect();
            Change::Enable(Targets { actors, groups })
        } else {
            Change::EnableEveryone
        };
        let needs = snapshot.flag(unmet.needed.as_str()).and_then(|flag| flag.definition.clone());
        changes.push(FlagChange { environment: environment.to_owned(), flag: unmet.needed, change, names });
        gather(board, environment, needs.as_deref(), gainers, changes)?;
    }
    Ok(())
}

fn unmet_in<'t>(
    snapshot: &Snapshot,
    definition: Option<&Definition>,
    gainers: &'t Gainers<'_>,
) -> Vec<Unmet<'t>> {
    let needs = definition.map_or(&[][..], |definition| &definition.depends_on);
    let unmet = |needed: &FlagName| {
        if !gainers.are_named() {
            let nobody = Unmet { needed: needed.clone(), without: Vec::new(), without_groups: Vec::new() };
            return not_for_everyone(snapshot, needed).then_some(nobody);
        }
        let lists = snapshot.flag(needed.as_str()).and_then(|flag| flag.state.as_deref());
        let off =
            |one: &&FoundTarget| !snapshot.is_enabled(needed.as_str(), &[one.actor.as_str()], || 1.0).enabled;
        let has_group = |name: &&String| lists.is_some_and(|state| state.groups.contains(*name));
        let for_everyone = !not_for_everyone(snapshot, needed);
        let without: Vec<&FoundTarget> = gainers.actors.iter().filter(off).collect();
        let without_groups: Vec<&String> =
            gainers.groups.iter().filter(|name| !for_everyone && !has_group(name)).collect();
        let is_met = without.is_empty() && without_groups.is_empty();
        (!is_met).then(|| Unmet { needed: needed.clone(), without, without_groups })
    };
    needs.iter().filter_map(unmet).collect()
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

/// Whether it is not on for everyone; that some have opted out is their own affair.
fn not_for_everyone(snapshot: &Snapshot, needed: &FlagName) -> bool {
    let Some(flag) = snapshot.flag(needed.as_str()) else { return true };
    share(flag.definition.as_deref(), flag.state.as_deref()) != Percentage::HUNDRED
}

fn has_opt_outs(snapshot: &Snapshot, needed: &FlagName) -> bool {
    let state = snapshot.flag(needed.as_str()).and_then(|flag| flag.state.as_deref());
    state.is_some_and(|state| !state.opt_outs.is_empty())
}
