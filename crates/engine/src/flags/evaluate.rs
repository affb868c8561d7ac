use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::Principal;
use wigwag_flags::{Decision, FlagName, Reason, Snapshot};

/// What a flag decides, without the story: what a program asks for thousands of times a second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlagDecision {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// The actors' bucket, 0 to 99,999, where it decided.
    pub bucket: Option<u32>,
}

impl FlagDecision {
    fn of(decision: &Decision<'_>) -> Self {
        let bucket = match decision.reason {
            Reason::PercentageOfActors(bucket) => Some(bucket),
            _ => None,
        };
        Self { enabled: decision.enabled, reason: decision.reason.as_str(), bucket }
    }
}

impl Engine {
    /// What flag `name` decides for `actors` together in `environment`, counted as an exposure. Reads memory alone.
    ///
    /// # Errors
    /// As [`Engine::flags`]; [`EngineError::NotFound`] of a `feature flag` that is neither defined nor stored.
    pub fn evaluate_flag(
        &self,
        principal: &Principal,
        environment: &str,
        name: &str,
        actors: &[&str],
    ) -> Result<FlagDecision, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let decision = FlagDecision::of(&snapshot.is_enabled(name, actors, || self.inner.entropy.uniform()));
        if decision.reason == Reason::Unknown.as_str() {
            return Err(EngineError::NotFound("feature flag"));
        }
        self.inner.exposures.count(
            environment,
            name,
            decision.enabled,
            decision.reason,
            self.inner.clock.now(),
        );
        Ok(decision)
    }

    /// What every flag decides for `actors` together in `environment`, each counted as an exposure; `tell` hears them in
    /// an order that stays the same while no flag comes or goes. Gives the version of the snapshot that decided. Reads
    /// memory alone.
    ///
    /// # Errors
    /// As [`Engine::flags`].
    pub fn evaluate_flags(
        &self,
        principal: &Principal,
        environment: &str,
        actors: &[&str],
        mut tell: impl FnMut(&FlagName, FlagDecision),
    ) -> Result<u64, EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let mut counting = self.inner.exposures.counting(environment, self.inner.clock.now());
        snapshot.decide_all(
            actors,
            || self.inner.entropy.uniform(),
            |name, decided| {
                let decision = FlagDecision::of(&decided);
                counting.count(name.as_str(), decision.enabled, decision.reason, 1);
                tell(name, decision);
            },
        );
        Ok(snapshot.version())
    }

    /// The flags of `environment`, for who may read them: to be handed on whole.
    ///
    /// # Errors
    /// As [`Engine::flags`].
    pub fn flag_snapshot(
        &self,
        principal: &Principal,
        environment: &str,
    ) -> Result<Arc<Snapshot>, EngineError> {
        self.readable(principal, environment)
    }
}
