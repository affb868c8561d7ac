use super::places::Place;
use super::set::{Writing, ready_to_delete};
use super::words;
use crate::flags::{FlagWritten, Mode, StateMark};
use crate::{Engine, EngineError};
use wigwag_access::{Direction, Principal};
use wigwag_chat::Command;

/// What a command that changes a flag would do in one environment.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// What would be stored, if the change itself is possible.
    pub written: Option<FlagWritten>,
    /// Every check, in order.
    pub checks: Vec<Checked>,
}

/// A question that a change must pass before it is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Check {
    /// The flag and everyone who is named exist, the value is one.
    Names,
    /// Who asks may do it.
    Rights,
    /// No override stands in the way.
    Override,
    /// What the flag depends on is on.
    Dependencies,
}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// It was passed.
    Passed,
    /// It does not apply.
    NotNeeded,
    /// It refuses the change.
    Refused,
    /// One before it refused, so nobody looked.
    NotAsked,
}

/// A check with its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Which.
    pub check: Check,
    /// How it came out.
    pub verdict: Verdict,
    /// Why, as a sentence; empty where the verdict says it all.
    pub reason: String,
    /// Commands that mend it.
    pub commands: Vec<String>,
}

impl Preview {
    /// Whether a check refuses the change.
    pub fn is_refused(&self) -> bool {
        self.checks.iter().any(|checked| checked.verdict == Verdict::Refused)
    }
}

impl Engine {
    /// Says what a `feature set` or `feature delete` of one environment would do, and how each check comes out.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for another command, or one of several environments; [`EngineError::Unavailable`]. What
    /// the checks refuse is no error.
    pub async fn preview_command(
        &self,
        principal: &Principal,
        command: &Command,
        via: &str,
    ) -> Result<Preview, EngineError> {
        let place = self.single_place(command)?;
        match self.writing(principal, command, via).await {
            Ok(writing) => self.preview_in(&writing, &place).await,
            Err(error) => refused_by(Check::Names, error),
        }
    }

    /// Makes the change that [`Engine::preview_command`] showed, if what is stored is still what it was: `seen` is the
    /// mark of the state before. Every check is passed again.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if the flag was changed since, or a dependency is not on; as [`Engine::set_flags`].
    pub async fn make_previewed(
        &self,
        principal: &Principal,
        command: &Command,
        seen: StateMark,
        via: &str,
    ) -> Result<FlagWritten, EngineError> {
        let place = self.single_place(command)?;
        let writing = self.writing(principal, command, via).await?;
        let tried = self.change_in(&writing, &place, Mode::Try).await?;
        if let Some(refusal) = self.unmet(&writing, &tried) {
            return Err(EngineError::Conflict(refusal.reason));
        }
        self.change_in(&writing, &place, Mode::MakeIfStill(seen)).await
    }

    async fn writing<'c>(
        &self,
        principal: &'c Principal,
        command: &'c Command,
        via: &str,
    ) -> Result<Writing<'c>, EngineError> {
        match command {
            Command::FeatureSet(set) => self.ready_to_set(principal, set, via).await,
            Command::FeatureDelete(delete) => ready_to_delete(principal, delete, via),
            Command::FeatureGet(_) | Command::Help(_) => Err(changes_nothing()),
        }
    }

    fn single_place(&self, command: &Command) -> Result<Place, EngineError> {
        let environments = match command {
            Command::FeatureSet(set) => &set.environments,
            Command::FeatureDelete(delete) => &delete.environments,
            Command::FeatureGet(_) | Command::Help(_) => return Err(changes_nothing()),
        };
        let mut places = Place::all(&self.inner.flags, environments);
        match (places.pop(), places.is_empty()) {
            (Some(place), true) => Ok(place),
            _ => Err(EngineError::Invalid { field: "environment", rule: "must be exactly one".into() }),
        }
    }

    async fn preview_in(&self, writing: &Writing<'_>, place: &Place) -> Result<Preview, EngineError> {
        let written = match self.change_in(writing, place, Mode::Try).await {
            Ok(written) => written,
            Err(error @ EngineError::Forbidden(_)) => return refused_by(Check::Rights, error),
            Err(error @ EngineError::Conflict(_)) => return refused_by(Check::Override, error),
            Err(error) => return refused_by(Check::Names, error),
        };
        let last = self.dependencies(writing, &written);
        let checks = checks(Check::Dependencies, last);
        Ok(Preview { written: Some(written), checks })
    }

    fn dependencies(&self, writing: &Writing<'_>, written: &FlagWritten) -> Checked {
        let told = |verdict, reason: String| Checked {
            check: Check::Dependencies,
            verdict,
            reason,
            commands: Vec::new(),
        };
        if let Some(refusal) = self.unmet(writing, written) {
            let refused = told(Verdict::Refused, refusal.reason);
            return Checked { commands: refusal.commands, ..refused };
        }
        let needs = written.definition.as_deref().map_or(&[][..], |definition| &definition.depends_on);
        let names: Vec<&str> = needs.iter().map(|name| name.as_str()).collect();
        match (names.as_slice(), written.direction) {
            ([], _) => told(Verdict::NotNeeded, "It depends on no other flag.".into()),
            (_, Direction::OffWard) => {
                told(Verdict::NotNeeded, "Nobody gets it by this, so nothing else needs to be on.".into())
            }
            (names, Direction::OnWard) => told(Verdict::Passed, format!("On there: {}.", names.join(", "))),
        }
    }
}

/// The preview of what could not even be tried.
fn refused_by(check: Check, error: EngineError) -> Result<Preview, EngineError> {
    if matches!(error, EngineError::Unavailable { .. } | EngineError::Unauthorized) {
        return Err(error);
    }
    let refused =
        Checked { check, verdict: Verdict::Refused, reason: words::sentence(&error), commands: Vec::new() };
    Ok(Preview { written: None, checks: checks(check, refused) })
}

/// All checks, those before `at` passed, those behind it not asked if it refuses.
fn checks(at: Check, outcome: Checked) -> Vec<Checked> {
    let all = [Check::Names, Check::Rights, Check::Override, Check::Dependencies];
    let plain = |check, verdict| Checked { check, verdict, reason: String::new(), commands: Vec::new() };
    let before = all.into_iter().take_while(|check| *check != at).map(|check| plain(check, Verdict::Passed));
    let behind = all.into_iter().skip_while(|check| *check != at).skip(1);
    let behind = behind.map(|check| plain(check, Verdict::NotAsked));
    before.chain([outcome]).chain(behind).collect()
}

fn changes_nothing() -> EngineError {
    EngineError::Invalid { field: "command", rule: "changes no flag".into() }
}
