//! A writing command made ready: whom it names was found, what it would do is tried in one environment after the other.

use super::checks::{SourceSaid, together};
use super::places::Place;
use super::targets::Asked;
use super::{Transport, told};
use crate::flags::{FlagChange, FlagWritten, Mode, Occasion, Spoken, TargetNames, UnknownFlag};
use crate::{Engine, EngineError};
use tokio::sync::OnceCell;
use wigwag_access::{Action, Direction, Principal};
use wigwag_chat::{FeatureDelete, FeatureSet, IgnoredCheck};
use wigwag_flags::{Change, FlagName, Origin};

/// One writing command, made ready.
pub(super) struct Writing<'c> {
    pub(super) principal: &'c Principal,
    pub(super) flag: FlagName,
    pub(super) occasion: Occasion,
    /// What a `feature set` asks for; `None` for `feature delete`.
    pub(super) asked: Option<Asked<'c>>,
    pub(super) dry_run: bool,
    pub(super) from: &'c Transport,
    /// What the sources of the production check said: they are asked once a command.
    pub(super) sources: OnceCell<Vec<SourceSaid>>,
}

/// What a command would do in one environment: the changes of one transaction, and what comes of them. The last is of the
/// flag that the command names; before it stand its dependencies, if they are turned on with it.
pub(super) struct Trial {
    pub(super) changes: Vec<FlagChange>,
    pub(super) written: Vec<FlagWritten>,
}

impl Trial {
    /// What comes of the flag that the command names.
    pub(super) fn own(&self) -> Option<&FlagWritten> {
        self.written.last()
    }
}

impl Writing<'_> {
    /// Whether the author takes a check upon himself.
    pub(super) fn ignores(&self, check: IgnoredCheck) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.set.ignored.contains(&check))
    }
}

impl Engine {
    /// Finds what a `feature set` names.
    pub(super) async fn ready_to_set<'c>(
        &self,
        principal: &'c Principal,
        set: &'c FeatureSet,
        from: &'c Transport,
    ) -> Result<Writing<'c>, EngineError> {
        // Before names are looked up: a refusal of one tells the nearest that exists.
        for environment in set.environments.iter().filter(|_| !set.targets.is_empty()) {
            self.allow_in(principal, Action::CommandFlags(Direction::OffWard), environment)?;
        }
        let asked = Some(self.ask(set).await?);
        let flag = flag_name(&set.name)?;
        let command = wigwag_chat::Command::FeatureSet(set.clone()).to_string();
        let occasion = occasion(from, reason_with_ignored(set), command);
        Ok(Writing { asked, ..plain(principal, flag, occasion, set.dry_run, from) })
    }

    /// Tries what the command asks for in one environment.
    pub(super) async fn try_in(&self, writing: &Writing<'_>, place: &Place) -> Result<Trial, EngineError> {
        let own = self.changes_in(writing, place);
        let written = self.write(writing, own.clone(), Mode::Try).await?;
        let plain = Trial { changes: own, written };
        let Some(asked) = writing.asked.as_ref().filter(|asked| asked.set.with_dependencies) else {
            return Ok(plain);
        };
        let Some(tried) = plain.own().filter(|tried| tried.direction == Direction::OnWard) else {
            return Ok(plain);
        };
        let mut changes = together(&self.inner.flags, tried, asked.targets(self.kept(&place.base)))?;
        if changes.is_empty() {
            return Ok(plain);
        }
        changes.extend(plain.changes);
        let written = self.write(writing, changes.clone(), Mode::Try).await?;
        Ok(Trial { changes, written })
    }

    /// Makes what was tried.
    pub(super) async fn make(
        &self,
        writing: &Writing<'_>,
        trial: Trial,
        mode: Mode,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        self.write(writing, trial.changes, mode).await
    }

    async fn write(
        &self,
        writing: &Writing<'_>,
        changes: Vec<FlagChange>,
        mode: Mode,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        let occasion = Occasion { mode, ..writing.occasion.clone() };
        let written = self.set_flags(writing.principal, changes, occasion).await?;
        if written.is_empty() { Err(EngineError::NotFound("environment")) } else { Ok(written) }
    }

    /// The change that the command asks for, for each environment that it names of one place.
    fn changes_in(&self, writing: &Writing<'_>, place: &Place) -> Vec<FlagChange> {
        let (made, names) = match &writing.asked {
            None => (Change::Delete, TargetNames::default()),
            Some(asked) => (asked.change(self.kept(&place.base)), asked.names()),
        };
        let change = |environment: &String| FlagChange {
            environment: environment.clone(),
            flag: writing.flag.clone(),
            change: made.clone(),
            names: names.clone(),
        };
        place.named.iter().map(change).collect()
    }
}

/// Makes a `feature delete` ready.
pub(super) fn ready_to_delete<'c>(
    principal: &'c Principal,
    delete: &'c FeatureDelete,
    from: &'c Transport,
) -> Result<Writing<'c>, EngineError> {
    let flag = flag_name(&delete.name)?;
    let command = wigwag_chat::Command::FeatureDelete(delete.clone()).to_string();
    let occasion = occasion(from, delete.reason.clone(), command);
    Ok(plain(principal, flag, occasion, delete.dry_run, from))
}

/// A command that names nobody.
pub(super) fn plain<'c>(
    principal: &'c Principal,
    flag: FlagName,
    occasion: Occasion,
    dry_run: bool,
    from: &'c Transport,
) -> Writing<'c> {
    Writing { principal, flag, occasion, asked: None, dry_run, from, sources: OnceCell::new() }
}

/// The circumstances of a command.
pub(super) fn occasion(from: &Transport, reason: Option<String>, command: String) -> Occasion {
    Occasion {
        via: from.via(),
        origin: Origin::Command,
        reason,
        unknown: UnknownFlag::Refuse,
        mode: Mode::Make,
        spoken: Some(Spoken { command, channel: from.heard_in().cloned() }),
    }
}

pub(super) fn flag_name(text: &str) -> Result<FlagName, EngineError> {
    text.parse().map_err(|error| EngineError::Invalid { field: "name", rule: format!("{text:?} {error}") })
}

/// The author's reason, and after it the checks that were passed over.
fn reason_with_ignored(set: &FeatureSet) -> Option<String> {
    let ignored: Vec<String> = set.ignored.iter().map(|check| format!("--{}", check.as_str())).collect();
    let large = set.large_step.then(|| "--large-step".to_owned());
    let parts: Vec<String> = set.reason.iter().cloned().chain(ignored).chain(large).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Why one environment was refused.
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) commands: Vec<String>,
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Self { reason: told::sentence(&error), commands: Vec::new() }
    }
}
