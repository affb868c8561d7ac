//! What buttons do: the change that was shown is made, or the last one taken back, judged anew for whoever presses.

use super::checks::{Depth, Verdict};
use super::places::Place;
use super::set::{Done, Page};
use super::writing::{Refusal, Trial, Writing, flag_name, occasion, plain, ready_to_delete};
use super::{Transport, told};
use crate::flags::{FlagWritten, Mode, Seen, SeenStep, StateMark};
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_chat::{Command, Reply};
use wigwag_flags::FlagName;

impl Engine {
    /// Makes the change that a dry run showed.
    pub(crate) async fn apply_shown(
        &self,
        principal: &Principal,
        command: &str,
        seen: StateMark,
        from: &Transport,
    ) -> Reply {
        let command = match self.parse(command) {
            Ok(command) => command,
            Err(error) => return Reply::from(&error),
        };
        let place = match self.single_place(&command) {
            Ok(place) => place,
            Err(error) => return Reply::refused().text(told::sentence(&error)),
        };
        let writing = match self.writing(principal, &command, from).await {
            Ok(writing) => writing,
            Err(error) => return self.not_ready((principal, from), &command, &error).await,
        };
        match self.write_in(&writing, &place, Some(seen)).await {
            Ok(done) => {
                let reply = self.tell(Reply::done(), &writing, &place, (&done, Page::Told));
                match done.written.last() {
                    Some(own) => self.undo_button(reply, own),
                    None => reply,
                }
            }
            Err(refusal) => self.tell_refusal(Reply::refused(), &writing, &place, refusal).await,
        }
    }

    /// Takes back the change that a reply told of.
    pub(crate) async fn undo_shown(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &FlagName,
        seen: SeenStep,
        from: &Transport,
    ) -> Reply {
        match self.undo_flag_from(principal, environment, flag, seen, from).await {
            Ok(written) => {
                let occasion = occasion(from, None, String::new());
                let writing = plain(principal, flag.clone(), occasion, false, from);
                let place = Place { base: written.environment.clone(), named: written.named.clone() };
                let done = Done { written: vec![written], checks: Vec::new() };
                self.tell(Reply::done(), &writing, &place, (&done, Page::Told))
            }
            Err(error) => {
                let what = format!("undo {flag} in {environment}");
                self.note_not_allowed((principal, from), &what, &error).await;
                Reply::refused().text(told::sentence(&error))
            }
        }
    }

    /// Takes the last step of a flag back. What turns something on by that passes every check first.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if the flag was changed since, or a check refuses, [`EngineError::Forbidden`] if that is
    /// who asks, or where; else as [`Engine::set_flags`].
    pub async fn undo_flag_from(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &FlagName,
        seen: SeenStep,
        from: &Transport,
    ) -> Result<FlagWritten, EngineError> {
        let tried = self.undo_step(principal, environment, flag, seen, (from, Mode::Try)).await?;
        let occasion = occasion(from, None, String::new());
        let writing: Writing<'_> = plain(principal, flag_name(flag.as_str())?, occasion, false, from);
        let trial = Trial { changes: Vec::new(), written: vec![tried] };
        let checks = self.judge(&writing, &trial, Depth::UntilRefused).await;
        if let Some(refused) = checks.iter().find(|checked| checked.verdict == Verdict::Refused) {
            return Err(Refusal::from(refused).error);
        }
        let still = Mode::MakeIfStill(vec![Seen { flag: flag.clone(), mark: seen.after }]);
        self.undo_step(principal, environment, flag, seen, (from, still)).await
    }

    /// A writing command, made ready.
    pub(super) async fn writing<'c>(
        &self,
        principal: &'c Principal,
        command: &'c Command,
        from: &'c Transport,
    ) -> Result<Writing<'c>, EngineError> {
        match command {
            Command::FeatureSet(set) => self.ready_to_set(principal, set, from).await,
            Command::FeatureDelete(delete) => ready_to_delete(principal, delete, from),
            _ => Err(changes_nothing()),
        }
    }

    /// The only environment that a writing command names.
    pub(super) fn single_place(&self, command: &Command) -> Result<Place, EngineError> {
        let environments = match command {
            Command::FeatureSet(set) => &set.environments,
            Command::FeatureDelete(delete) => &delete.environments,
            _ => return Err(changes_nothing()),
        };
        let mut places = Place::all(&self.inner.flags, environments);
        match (places.pop(), places.is_empty()) {
            (Some(place), true) => Ok(place),
            _ => Err(EngineError::Invalid { field: "environment", rule: "must be exactly one".into() }),
        }
    }
}

fn changes_nothing() -> EngineError {
    EngineError::Invalid { field: "command", rule: "changes no flag".into() }
}
