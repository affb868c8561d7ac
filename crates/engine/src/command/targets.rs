//! Whom a command names, and what becomes of them. Where another server keeps the flags it finds them by itself: then
//! there are stand-ins for them here.

use crate::flags::{FlagWritten, TargetNames};
use crate::{Engine, EngineError};
use std::collections::BTreeSet;
use wigwag_base::{GroupId, ProjectId, UserId};
use wigwag_chat::{FeatureSet, ShareOf, Target, TargetKind, Value};
use wigwag_flags::{ActorId, Change, Reason, Targets};
use wigwag_ports::registry::{PathKey, UserKey};

/// A `feature set` whose targets were found.
pub(super) struct Asked<'c> {
    /// As it was written.
    pub(super) set: &'c FeatureSet,
    /// Those of its targets that are actors, where flags are kept here; empty if none are.
    here: Vec<FoundTarget>,
    /// What stands in for them where another server keeps the flags.
    elsewhere: Vec<FoundTarget>,
}

/// A target and the actor that it is.
#[derive(Clone)]
pub(super) struct FoundTarget {
    pub(super) target: Target,
    pub(super) actor: ActorId,
    kept: Kept,
}

/// Who keeps the flags of an environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kept {
    /// Our store.
    Here,
    /// Another server.
    Elsewhere,
}

impl Asked<'_> {
    /// Those of its targets that are actors.
    pub(super) fn targets(&self, kept: Kept) -> &[FoundTarget] {
        match kept {
            Kept::Here => &self.here,
            Kept::Elsewhere => &self.elsewhere,
        }
    }

    /// Whom it names, as it was written.
    pub(super) fn names(&self) -> TargetNames {
        let mut names = TargetNames::default();
        self.set.targets.iter().for_each(|target| put(&mut names, target));
        names
    }

    /// What it asks for.
    pub(super) fn change(&self, kept: Kept) -> Change {
        let set = self.set;
        let actors: BTreeSet<ActorId> = self.targets(kept).iter().map(|one| one.actor.clone()).collect();
        let groups = self.names().feature_groups.into_iter().collect();
        match set.value {
            Value::On if set.targets.is_empty() => Change::EnableEveryone,
            Value::Off if set.targets.is_empty() && set.keep_targets => Change::DisableKeepTargets,
            Value::Off if set.targets.is_empty() => Change::DisableEveryone,
            Value::On => Change::Enable(Targets { actors, groups }),
            Value::Off => Change::Disable(Targets { actors, groups }),
            Value::OptOut => Change::OptOut(actors),
            Value::RemoveOptOut => Change::RemoveOptOut(actors),
            Value::Share(share, ShareOf::Actors) => Change::PercentageOfActors(share),
            Value::Share(share, ShareOf::Time) => Change::PercentageOfTime(share),
        }
    }
}

impl FoundTarget {
    /// Somebody who is listed in what our store keeps.
    pub(super) fn by_id(actor: &ActorId) -> Self {
        let (kind, name) = actor.as_str().split_once(':').unwrap_or(("", actor.as_str()));
        let kind = match kind {
            "Project" => TargetKind::Project,
            "Group" => TargetKind::Group,
            "User" => TargetKind::User,
            _ => TargetKind::Repository,
        };
        let name = if kind == TargetKind::Repository { actor.to_string() } else { name.to_owned() };
        Self { target: Target { kind, name }, actor: actor.clone(), kept: Kept::Here }
    }

    /// Whether it is named by a number that another server alone can tell.
    pub(super) fn is_number_elsewhere(&self) -> bool {
        let by_number = self.target.kind != TargetKind::Repository && self.target.name.parse::<i64>().is_ok();
        self.kept == Kept::Elsewhere && by_number
    }

    /// Whether another server alone knows who it is: it is named by a path or username there.
    pub(super) fn is_stand_in(&self) -> bool {
        let by_name = self.target.kind != TargetKind::Repository && self.target.name.parse::<i64>().is_err();
        self.kept == Kept::Elsewhere && by_name
    }
}

impl Engine {
    /// Who keeps the flags of an environment.
    pub(super) fn kept(&self, environment: &str) -> Kept {
        if self.remote_of(environment).is_some() { Kept::Elsewhere } else { Kept::Here }
    }

    /// Finds the targets of a command, for each way in which its environments are kept.
    pub(super) async fn ask<'c>(&self, set: &'c FeatureSet) -> Result<Asked<'c>, EngineError> {
        let environment = |kept| set.environments.iter().find(|name| self.kept(name) == kept);
        let mut asked = Asked { set, here: Vec::new(), elsewhere: Vec::new() };
        if let Some(environment) = environment(Kept::Here) {
            asked.here = self.find_targets(environment, Kept::Here, &set.targets).await?;
        }
        if let Some(environment) = environment(Kept::Elsewhere) {
            asked.elsewhere = self.find_targets(environment, Kept::Elsewhere, &set.targets).await?;
        }
        Ok(asked)
    }

    async fn find_targets(
        &self,
        environment: &str,
        kept: Kept,
        targets: &[Target],
    ) -> Result<Vec<FoundTarget>, EngineError> {
        let mut found = Vec::new();
        for target in targets {
            let mut names = TargetNames::default();
            put(&mut names, target);
            let actors = self.flag_targets_in(environment, &names).await?.actors;
            found.extend(actors.into_iter().map(|actor| FoundTarget { target: target.clone(), actor, kept }));
        }
        Ok(found)
    }

    /// Who a target is in our registry, if it names anybody here.
    pub(super) async fn find_here(&self, one: &FoundTarget) -> Result<Option<ActorId>, String> {
        let mut names = TargetNames::default();
        put(&mut names, &one.target);
        match self.flag_targets(&names).await {
            Ok(found) => Ok(found.actors.into_iter().next()),
            Err(EngineError::Invalid { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// A target by the name that it has on every server: a number is turned into the path or username that it stands for
    /// here.
    pub(super) async fn by_name(&self, one: &FoundTarget) -> Result<Target, String> {
        let Target { kind, name } = &one.target;
        let Ok(number) = name.parse::<i64>() else { return Ok(one.target.clone()) };
        let told = |error: EngineError| error.to_string();
        let known = match kind {
            TargetKind::Project => {
                let placed = self.find_project(PathKey::Id(ProjectId(number))).await.map_err(told)?;
                placed.map(|placed| placed.project.full_path.clone())
            }
            TargetKind::Group | TargetKind::Namespace => {
                let line = self.find_group(PathKey::Id(GroupId(number))).await.map_err(told)?;
                line.and_then(|line| line.first().map(|group| group.full_path.clone()))
            }
            TargetKind::User => {
                let user = self.find_user(UserKey::Id(UserId(number))).await.map_err(told)?;
                user.map(|user| user.username.clone())
            }
            TargetKind::Repository | TargetKind::FeatureGroup => Some(name.clone()),
        };
        let known = known.ok_or_else(|| format!("no {} has the number {number} here", kind.as_str()))?;
        Ok(Target { kind: *kind, name: known })
    }

    /// What the flag decides for each target now, and what to do where that is not what was meant.
    pub(super) fn decided(&self, written: &FlagWritten, asked: &Asked<'_>) -> Vec<(String, String)> {
        let Some(snapshot) = self.inner.flags.of(&written.environment) else { return Vec::new() };
        let targets = asked.targets(self.kept(&written.environment));
        let decided = |one: &FoundTarget| {
            let actor = if one.is_stand_in() { told_by(written, targets)? } else { one.actor.clone() };
            let decision = snapshot.explain(written.flag.as_str(), &[actor.as_str()], || 1.0).decision;
            let text = match (asked.set.value, decision.reason) {
                (Value::Off, reason) if decision.enabled => {
                    format!("still on, by {}; use opt_out to take it from this one", gate_words(reason))
                }
                _ => decision.to_string(),
            };
            let label = match one.target.name.parse::<i64>() {
                Ok(_) => actor.to_string(),
                Err(_) => format!("{} ({actor})", one.target.name),
            };
            Some((label, text))
        };
        targets.iter().filter_map(decided).collect()
    }
}

/// Who the only target is on another server, as its answer tells: the one entry that came or went.
fn told_by(written: &FlagWritten, targets: &[FoundTarget]) -> Option<ActorId> {
    let [_] = targets else { return None };
    let nothing = Default::default();
    let (before, after) =
        (written.before.as_ref().unwrap_or(&nothing), written.after.as_ref().unwrap_or(&nothing));
    let listed = before.actors.symmetric_difference(&after.actors);
    let mut moved = listed.chain(before.opt_outs.symmetric_difference(&after.opt_outs));
    let only = moved.next()?.clone();
    moved.next().is_none().then_some(only)
}

pub(super) fn put(names: &mut TargetNames, target: &Target) {
    let list = match target.kind {
        TargetKind::Project => &mut names.projects,
        TargetKind::Group => &mut names.groups,
        TargetKind::Namespace => &mut names.namespaces,
        TargetKind::User => &mut names.users,
        TargetKind::Repository => &mut names.repositories,
        TargetKind::FeatureGroup => &mut names.feature_groups,
    };
    list.push(target.name.clone());
}

fn gate_words(reason: Reason<'_>) -> String {
    match reason {
        Reason::Boolean => "boolean (on for everyone)".into(),
        Reason::Group(group) => format!("the feature group {group}"),
        reason => reason.as_str().replace('_', " "),
    }
}
