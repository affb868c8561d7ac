//! A writing command made ready: whom it names was found, what it would do is tried in one environment after the other.

use super::checks::{Check, Checked, SourceSaid, together};
use super::places::Place;
use super::targets::Asked;
use super::{Transport, told};
use crate::chat::Refused;
use crate::flags::{
    FlagChange, FlagWritten, Mode, Occasion, Seen, Spoken, StateMark, TargetNames, UnknownFlag,
};
use crate::{Engine, EngineError};
use std::sync::Arc;
use tokio::sync::OnceCell;
use wigwag_access::{Action, Direction, Principal, UserState};
use wigwag_chat::{FeatureDelete, FeatureSet, IgnoredCheck};
use wigwag_flags::{Change, FlagName, Origin, Snapshot};
use wigwag_ports::registry::UserKey;

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
    /// What a dry run would have done in the environments before.
    pub(super) earlier: Vec<FlagWritten>,
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

    /// What was stored of each flag, on which every check was asked. What can only take a flag from people goes on whatever
    /// is stored.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let takes_only = |change: &FlagChange| {
            matches!(
                change.change,
                Change::DisableEveryone | Change::DisableKeepTargets | Change::Disable(_) | Change::OptOut(_)
            )
        };
        if self.changes.iter().all(takes_only) {
            return Vec::new();
        }
        let seen =
            |one: &FlagWritten| Seen { flag: one.flag.clone(), mark: StateMark::of(one.before.as_ref()) };
        self.written.iter().map(seen).collect()
    }
}

impl Writing<'_> {
    /// Whether the author takes a check upon himself.
    pub(super) fn ignores(&self, check: IgnoredCheck) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.set.ignored.contains(&check))
    }

    /// The flags of an environment after what a dry run would have done there.
    pub(super) fn after_earlier(&self, snapshot: Arc<Snapshot>, environment: &str) -> Arc<Snapshot> {
        let there = self.earlier.iter().filter(|one| one.environment == environment);
        there.fold(snapshot, |snapshot, one| {
            Arc::new(snapshot.with_state(snapshot.version(), &one.flag, one.after.clone()))
        })
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
        if !writing.asked.as_ref().is_some_and(|asked| asked.set.with_dependencies) {
            return Ok(plain);
        }
        let Some(tried) = plain.own().filter(|tried| tried.direction == Direction::OnWard) else {
            return Ok(plain);
        };
        let gainers = self.known_gainers(writing, tried).await.map_err(EngineError::Conflict)?;
        let mut changes = together(&self.inner.flags, tried, &gainers)?;
        if changes.is_empty() {
            return Ok(plain);
        }
        changes.extend(plain.changes);
        let written = self.write(writing, changes.clone(), Mode::Try).await?;
        Ok(Trial { changes, written })
    }

    /// Makes what was tried, if everything is still as it was then.
    pub(super) async fn make(
        &self,
        writing: &Writing<'_>,
        trial: &Trial,
    ) -> Result<Vec<FlagWritten>, EngineError> {
        let principal = self.still_who_it_was(writing).await?;
        let seen = trial.seen();
        let mode = if seen.is_empty() { Mode::Make } else { Mode::MakeIfStill(seen) };
        let occasion = Occasion { mode, ..writing.occasion.clone() };
        let written = self.set_flags(&principal, trial.changes.clone(), occasion).await?;
        if written.is_empty() { Err(EngineError::NotFound("environment")) } else { Ok(written) }
    }

    /// Whoever asks, by the rights of this moment: sources were asked meanwhile, which may have taken long.
    async fn still_who_it_was(&self, writing: &Writing<'_>) -> Result<Principal, EngineError> {
        let principal = writing.principal.clone();
        if !writing.sources.initialized() {
            return Ok(principal);
        }
        let user = self.find_user(UserKey::Id(principal.user)).await?.ok_or(EngineError::Unauthorized)?;
        if user.state == UserState::Blocked {
            return Err(EngineError::Forbidden("Your user is blocked here. Ask an administrator.".into()));
        }
        Ok(Principal { role: user.role, chat_role: user.chat_role, ..principal })
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
    Writing {
        principal,
        flag,
        occasion,
        asked: None,
        dry_run,
        from,
        sources: OnceCell::new(),
        earlier: Vec::new(),
    }
}

/// The circumstances of a command.
pub(super) fn occasion(from: &Transport, reason: Option<String>, command: String) -> Occasion {
    Occasion {
        via: from.via(),
        origin: Origin::Command,
        reason,
        unknown: UnknownFlag::Refuse,
        mode: Mode::Make,
        spoken: Some(Spoken { command, heard: from.heard().cloned() }),
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
    /// [`EngineError::Forbidden`] if who asks, or where, is the reason.
    pub(super) error: EngineError,
    /// The reason, as a sentence.
    pub(super) reason: String,
    /// Commands that mend it.
    pub(super) commands: Vec<String>,
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Self { reason: told::sentence(&error), error, commands: Vec::new() }
    }
}

impl From<&Checked> for Refusal {
    fn from(checked: &Checked) -> Self {
        let is_of_rights = matches!(checked.check, Check::Rights | Check::Channel);
        let kind = if is_of_rights { EngineError::Forbidden } else { EngineError::Conflict };
        let reason = checked.reason.clone();
        Self { error: kind(reason.clone()), reason, commands: checked.commands.clone() }
    }
}

impl Engine {
    /// The audit log has commands of chats that were refused for who said them, or where.
    pub(super) async fn note_not_allowed(
        &self,
        (principal, from): (&Principal, &Transport),
        command: &str,
        error: &EngineError,
    ) {
        let EngineError::Forbidden(reason) = error else { return };
        let (platform, who) = match from {
            Transport::Direct(_) => return,
            Transport::Chat(heard) => (heard.platform, heard.who.clone()),
            Transport::Gateway(_) => match self.username_of(principal.user).await {
                Ok(name) => ("gateway", name),
                Err(_) => return,
            },
        };
        let what = (platform, Refused::NotAllowed);
        self.note_refused(what, (&who, &from.via()), &format!("{command}: {reason}")).await;
    }
}
