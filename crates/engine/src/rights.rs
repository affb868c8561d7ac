//! From a question of right to an answer for the person who asked.

use crate::{Engine, EngineError};
use wigwag_access::{Action, Decision, Principal, Source, Thing, may};
use wigwag_hooks::HookScope;

/// What a refusal may say of a thing.
const fn noun(thing: Thing) -> &'static str {
    match thing {
        Thing::Server => "server",
        Thing::Environment { .. } => "environment",
        Thing::Project { .. } => "project",
        Thing::Group { .. } => "group",
        Thing::User(_) => "user",
    }
}

/// Lets what is allowed pass.
///
/// # Errors
/// [`EngineError::Forbidden`] with what would help, [`EngineError::NotFound`] where nothing may be told.
pub fn allow(principal: &Principal, action: Action, thing: Thing) -> Result<(), EngineError> {
    pass(may(principal, action, thing), noun(thing))
}

/// As [`allow`], for a decision already made.
pub(crate) fn pass(decision: Decision, hidden: &'static str) -> Result<(), EngineError> {
    match decision {
        Decision::Allowed => Ok(()),
        Decision::Denied(denial) => Err(EngineError::Forbidden(denial.to_string())),
        Decision::Hidden => Err(EngineError::NotFound(hidden)),
    }
}

/// The same action, named for each kind of scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActionPerScope {
    project: Action,
    group: Action,
    system: Action,
}

/// Seeing hooks, deliveries and attempts.
pub(crate) const READ_HOOKS: ActionPerScope = ActionPerScope {
    project: Action::ReadHooks,
    group: Action::ReadGroupHooks,
    system: Action::ReadSystemHooks,
};

/// Whatever changes hooks or sends something.
pub(crate) const ADMINISTER_HOOKS: ActionPerScope = ActionPerScope {
    project: Action::AdministerHooks,
    group: Action::AdministerGroupHooks,
    system: Action::AdministerSystemHooks,
};

impl Engine {
    /// Asks `may` about a project or group, with the asking user's level there.
    ///
    /// # Errors
    /// As [`allow`], and the store's.
    pub async fn allow_at(
        &self,
        principal: &Principal,
        action: Action,
        source: Source,
    ) -> Result<(), EngineError> {
        allow(principal, action, self.thing(principal, source).await?)
    }

    /// Asks `may` about the hooks of one scope.
    ///
    /// # Errors
    /// As [`allow`], and the store's.
    pub(crate) async fn allow_hooks(
        &self,
        principal: &Principal,
        actions: ActionPerScope,
        scope: HookScope,
    ) -> Result<(), EngineError> {
        match scope {
            HookScope::Project(id) => self.allow_at(principal, actions.project, Source::Project(id)).await,
            HookScope::Group(id) => self.allow_at(principal, actions.group, Source::Group(id)).await,
            HookScope::System => allow(principal, actions.system, Thing::Server),
        }
    }

    /// A project or group as `may` wants it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if it does not exist (an admin may do anything, but only to what is there), and the
    /// store's.
    pub(crate) async fn thing(
        &self,
        principal: &Principal,
        source: Source,
    ) -> Result<Thing<'static>, EngineError> {
        let level = self.level(principal.user, source).await?;
        let thing = match source {
            Source::Project(id) => Thing::Project { id, level },
            Source::Group(id) => Thing::Group { id, level },
        };
        if level.is_none() && self.lineage(source).await?.is_none() {
            return Err(EngineError::NotFound(noun(thing)));
        }
        Ok(thing)
    }
}
