use crate::{Engine, EngineError, flags::FlagBoard};
use std::sync::Arc;
use wigwag_access::{Action, Principal};
use wigwag_base::Timestamp;
use wigwag_flags::{Definition, Flag, FlagName, FlagState, Snapshot, State};

/// A flag as one environment has it.
#[derive(Clone, PartialEq, Debug)]
pub struct FlagView {
    /// Its name.
    pub name: FlagName,
    /// What its owner wrote down, if it is defined.
    pub definition: Option<Arc<Definition>>,
    /// What is stored, if anything is.
    pub stored: Option<Arc<FlagState>>,
    /// As of when this is known, where another server keeps the environment and cannot be asked now.
    pub stale_since: Option<Timestamp>,
}

impl FlagView {
    fn of(name: &FlagName, flag: &Flag, stale_since: Option<Timestamp>) -> Self {
        let (definition, stored) = (flag.definition.clone(), flag.state.clone());
        Self { name: name.clone(), definition, stored, stale_since }
    }

    /// `on`, `conditional` or `off`: what is stored, else the default.
    pub fn state(&self) -> State {
        match (&self.stored, &self.definition) {
            (Some(stored), _) => stored.state(),
            (None, Some(definition)) if definition.default_enabled => State::On,
            (None, _) => State::Off,
        }
    }
}

/// What a flag decides for some actors, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagExplanation {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// The gate that opened, by its key in GitLab's API.
    pub gate: Option<&'static str>,
    /// The actors' bucket, 0 to 99,999; none without an actor.
    pub bucket: Option<u32>,
    /// All of it as a sentence.
    pub text: String,
}

impl Engine {
    /// The flags in memory: for streams and for the server's own switches.
    pub fn flag_board(&self) -> &FlagBoard {
        &self.inner.flags
    }

    /// Every flag that is defined or stored, as `environment` has it, by name.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; [`EngineError::NotFound`] if there is no such environment;
    /// [`EngineError::Unavailable`] if another server keeps it and was never read.
    pub fn flags(&self, principal: &Principal, environment: &str) -> Result<Vec<FlagView>, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let stale = self.stale_since(environment);
        Ok(snapshot.flags().into_iter().map(|(name, flag)| FlagView::of(name, flag, stale)).collect())
    }

    /// One flag, as `environment` has it.
    ///
    /// # Errors
    /// As [`Engine::flags`]; [`EngineError::NotFound`] if it is neither defined nor stored there.
    pub fn flag(
        &self,
        principal: &Principal,
        environment: &str,
        name: &str,
    ) -> Result<FlagView, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let name: FlagName = name.parse().map_err(|_| EngineError::NotFound("feature flag"))?;
        let flag = snapshot.flag(name.as_str()).ok_or(EngineError::NotFound("feature flag"))?;
        Ok(FlagView::of(&name, flag, self.stale_since(environment)))
    }

    /// Every definition that holds in `environment`, by name.
    ///
    /// # Errors
    /// As [`Engine::flags`].
    pub fn flag_definitions(
        &self,
        principal: &Principal,
        environment: &str,
    ) -> Result<Vec<Arc<Definition>>, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let flags = snapshot.flags().into_iter();
        Ok(flags.filter_map(|(_, flag)| flag.definition.clone()).collect())
    }

    /// What flag `name` decides for `actors` (ids such as `Project:1`) together in `environment`; an unknown flag is
    /// off and says so.
    ///
    /// # Errors
    /// As [`Engine::flags`].
    pub fn explain_flag(
        &self,
        principal: &Principal,
        environment: &str,
        name: &str,
        actors: &[&str],
    ) -> Result<FlagExplanation, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let explanation = snapshot.explain(name, actors, || self.inner.entropy.uniform());
        Ok(FlagExplanation {
            enabled: explanation.decision.enabled,
            reason: explanation.decision.reason.as_str(),
            gate: explanation.decision.gate().map(|gate| gate.as_str()),
            bucket: explanation.bucket,
            text: match self.stale_since(environment) {
                Some(at) => format!("{explanation} (as of {at}: {environment} cannot be asked now)"),
                None => explanation.to_string(),
            },
        })
    }

    /// The flags of `environment`, if `principal` may read them, there is such an environment, and they are known: of
    /// another server's, nothing is known until it was read once.
    pub(super) fn readable(
        &self,
        principal: &Principal,
        environment: &str,
    ) -> Result<Arc<Snapshot>, EngineError> {
        self.allow_in(principal, Action::ReadFlags, environment)?;
        self.check_read(environment)?;
        self.inner.flags.of(environment).ok_or(EngineError::NotFound("environment"))
    }
}
