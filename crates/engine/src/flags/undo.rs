//! Taking the last change of a flag back: exactly what was stored before it is stored again.

use super::{FlagChange, FlagWritten, Mode, Occasion, Spoken, StateMark, TargetNames, UnknownFlag};
use crate::command::Transport;
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_flags::{Change, FlagName, Origin};
use wigwag_ports::flags::FlagBefore;

/// A step as somebody was shown it: what was stored before, and since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeenStep {
    /// Before it.
    pub before: StateMark,
    /// Since.
    pub after: StateMark,
}

impl From<&FlagBefore> for SeenStep {
    fn from(step: &FlagBefore) -> Self {
        Self { before: StateMark::of(step.before.as_ref()), after: StateMark::of(step.after.as_ref()) }
    }
}

impl Engine {
    /// The last step of what `environment`, or the one whose flags it reads, stores of a flag; `None` if it was never
    /// written here, or another server keeps it.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`], [`EngineError::NotFound`] (the environment), the store's.
    pub async fn flag_step(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &FlagName,
    ) -> Result<Option<FlagBefore>, EngineError> {
        self.readable(principal, environment)?;
        self.step_of(environment, flag).await
    }

    /// Takes the last step of a flag back, as it was shown, or tries to. `seen` is the step as the asking person was shown
    /// it; the checks were asked before.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if the flag was changed since; else as [`Engine::set_flags`].
    pub(crate) async fn undo_step(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &FlagName,
        seen: SeenStep,
        (from, mode): (&Transport, Mode),
    ) -> Result<FlagWritten, EngineError> {
        let step = self.step_of(environment, flag).await?;
        let step = step.filter(|step| SeenStep::from(step) == seen).ok_or_else(|| {
            EngineError::Conflict(format!(
                "{flag} was changed in {environment} since; look at it again before you take anything back"
            ))
        })?;
        let change = FlagChange {
            environment: environment.to_owned(),
            flag: flag.clone(),
            change: Change::Replace(step.before),
            names: TargetNames::default(),
        };
        let occasion = Occasion {
            via: from.via(),
            origin: Origin::Command,
            reason: Some("takes the change before it back".into()),
            unknown: UnknownFlag::Accept,
            mode,
            spoken: Some(Spoken { command: String::new(), heard: from.heard().cloned() }),
        };
        let mut written = self.set_flags(principal, vec![change], occasion).await?;
        written.pop().ok_or(EngineError::NotFound("environment"))
    }

    async fn step_of(&self, environment: &str, flag: &FlagName) -> Result<Option<FlagBefore>, EngineError> {
        // What our store may have of it is from a time when it was kept here.
        if self.remote_of(environment).is_some() {
            return Ok(None);
        }
        let base = self.inner.flags.base_of(environment).unwrap_or(environment);
        Ok(self.inner.store.flag_before(base.to_owned(), flag.clone()).await?)
    }
}
