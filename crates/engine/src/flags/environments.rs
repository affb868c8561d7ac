use crate::rights::allow;
use crate::{Engine, EngineError};
use wigwag_access::{Action, Principal, Thing};

impl Engine {
    /// The environment that a request means which names none: the one that the token in hand is bound to, else the
    /// server's own.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a token that is bound to several, none of which is the server's own.
    pub fn environment_of(&self, principal: &Principal) -> Result<String, EngineError> {
        let own = &self.inner.settings.environment;
        match principal.environments.as_deref() {
            None => Ok(own.clone()),
            Some([one]) => Ok(one.clone()),
            Some(several) if several.contains(own) => Ok(own.clone()),
            Some(several) => {
                let rule = format!("must be named: the token is bound to {}", several.join(", "));
                Err(EngineError::Invalid { field: "environment", rule })
            }
        }
    }

    /// Asks `may` about the flags of an environment, and gives the one that keeps their state.
    ///
    /// # Errors
    /// As [`allow`]; [`EngineError::NotFound`] if there is no such environment, told to those alone who may act in one.
    pub fn allow_in(
        &self,
        principal: &Principal,
        action: Action,
        environment: &str,
    ) -> Result<&str, EngineError> {
        if let Some(base) = self.inner.flags.base_of(environment) {
            allow(principal, action, self.place(environment, base))?;
            return Ok(base);
        }
        let bound = principal.environments.as_deref().and_then(<[String]>::first);
        let own = bound.map_or(environment, String::as_str);
        allow(principal, action, self.place(own, own))?;
        Err(EngineError::NotFound("environment"))
    }

    fn place<'a>(&self, name: &'a str, base: &'a str) -> Thing<'a> {
        Thing::Environment { name, base, kind: self.inner.flags.kind_of(base) }
    }
}
