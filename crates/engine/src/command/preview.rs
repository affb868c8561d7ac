//! A change as a page shows it before it is made: the same steps as data, with every check.

use super::checks::{Check, Checked, Depth, Verdict};
use super::places::Place;
use super::writing::Writing;
use super::{Transport, told};
use crate::flags::{FlagWritten, StateMark};
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_chat::Command;

/// What a command that changes a flag would do in one environment.
#[derive(Clone, PartialEq, Debug)]
pub struct Preview {
    /// What would be stored, if the change itself is possible.
    pub written: Option<FlagWritten>,
    /// Every check, in order.
    pub checks: Vec<Checked>,
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
        let from = Transport::direct(via);
        match self.writing(principal, command, &from).await {
            Ok(writing) => self.preview_in(&writing, &place).await,
            Err(error) => refused_by(Check::Names, error),
        }
    }

    /// Makes the change that [`Engine::preview_command`] showed, if what is stored is still what it was: `seen` is the
    /// mark of the state before. Every check is passed again.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if the flag was changed since, or a check refuses; as [`Engine::set_flags`].
    pub async fn make_previewed(
        &self,
        principal: &Principal,
        command: &Command,
        seen: StateMark,
        via: &str,
    ) -> Result<FlagWritten, EngineError> {
        let place = self.single_place(command)?;
        let from = Transport::direct(via);
        let writing = self.writing(principal, command, &from).await?;
        match self.write_in(&writing, &place, Some(seen)).await {
            Ok(mut done) => done.written.pop().ok_or(EngineError::NotFound("environment")),
            Err(refusal) => Err(refusal.error),
        }
    }

    async fn preview_in(&self, writing: &Writing<'_>, place: &Place) -> Result<Preview, EngineError> {
        let trial = match self.try_in(writing, place).await {
            Ok(trial) => trial,
            Err(error @ EngineError::Forbidden(_)) => return refused_by(Check::Rights, error),
            Err(error @ EngineError::Conflict(_)) => return refused_by(Check::Override, error),
            Err(error) => return refused_by(Check::Names, error),
        };
        let checks = self.judge(writing, &trial, Depth::All).await;
        Ok(Preview { written: trial.own().cloned(), checks })
    }
}

/// The preview of what could not even be tried.
fn refused_by(at: Check, error: EngineError) -> Result<Preview, EngineError> {
    if matches!(error, EngineError::Unavailable { .. } | EngineError::Unauthorized) {
        return Err(error);
    }
    let checked = |check: Check| match check.cmp_order(at) {
        std::cmp::Ordering::Less => Checked::new(check, Verdict::Passed, ""),
        std::cmp::Ordering::Equal => Checked::new(check, Verdict::Refused, told::sentence(&error)),
        std::cmp::Ordering::Greater => Checked::new(check, Verdict::NotAsked, ""),
    };
    Ok(Preview { written: None, checks: Check::ALL.into_iter().map(checked).collect() })
}

impl Check {
    /// Which of two checks comes first.
    fn cmp_order(self, other: Self) -> std::cmp::Ordering {
        let place = |check: Self| Self::ALL.iter().position(|one| *one == check);
        place(self).cmp(&place(other))
    }
}
