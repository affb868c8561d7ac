use crate::action::{Effect, Right, Rule};
use crate::{
    AccessLevel, Action, ChatRole, Decision, Denial, EnvironmentKind, Principal, Scope, Scopes, SessionLimit,
    Source, UserRole, Via,
};
use wigwag_base::{GroupId, ProjectId, UserId};

/// What an action is done to. The level is the asking user's effective one there ([`Levels`](crate::Levels)); none
/// also stands for a thing that does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thing<'a> {
    /// The whole server.
    Server,
    /// The flags of one environment.
    Environment {
        /// As it was named.
        name: &'a str,
        /// The one that keeps its flags' state: its `flags_of`, or itself.
        base: &'a str,
        /// Whether the users of any environment are real that reads those flags.
        kind: EnvironmentKind,
    },
    /// A project.
    Project {
        /// Which.
        id: ProjectId,
        /// The asking user's level there.
        level: Option<AccessLevel>,
    },
    /// A group.
    Group {
        /// Which.
        id: GroupId,
        /// The asking user's level there.
        level: Option<AccessLevel>,
    },
    /// A user, or that user's own namespace.
    User(UserId),
}

impl Thing<'_> {
    /// The project or group that it is.
    pub const fn source(self) -> Option<Source> {
        match self {
            Self::Project { id, .. } => Some(Source::Project(id)),
            Self::Group { id, .. } => Some(Source::Group(id)),
            Self::Server | Self::Environment { .. } | Self::User(_) => None,
        }
    }
}

/// Whether `principal` may do `action` to `thing`. What may not be seen is hidden before anything else is said of it,
/// so that no answer tells whether it exists.
///
/// ```
/// # use wigwag_access::*;
/// # use wigwag_base::{ProjectId, UserId};
/// let reporter = Principal {
///     user: UserId(7),
///     role: UserRole::Regular,
///     chat_role: ChatRole::Viewer,
///     via: Via::Session(SessionLimit::Unlimited),
///     environments: None,
///     sudo_by: None,
/// };
/// let project = Thing::Project { id: ProjectId(42), level: Some(AccessLevel::Reporter) };
/// assert!(may(&reporter, Action::ReadProject, project).is_allowed());
/// assert!(!may(&reporter, Action::ReadHooks, project).is_allowed());
/// ```
pub fn may(principal: &Principal, action: Action, thing: Thing) -> Decision {
    let rule = action.rule();
    let reach = reach(principal, action, thing);
    if reach != Decision::Allowed {
        return reach;
    }
    match right(principal, rule, thing) {
        Decision::Allowed if shut_to_strangers(action, rule) && principal.is_stranger() => {
            Decision::Denied(Denial::Stranger)
        }
        Decision::Allowed => scope(principal, rule),
        Decision::Denied(denial) => {
            // Whoever lacks both is told of the scope first: it is the token in hand that is wrong.
            match (rule.right, scope(principal, rule)) {
                (Right::AdminOrScope | Right::Commander(_), _)
                | (_, Decision::Allowed | Decision::Hidden) => Decision::Denied(denial),
                (_, missing @ Decision::Denied(_)) => missing,
            }
        }
        Decision::Hidden => Decision::Hidden,
    }
}

/// Who is not known changes nothing; a command asks for its own right too.
fn shut_to_strangers(action: Action, rule: Rule) -> bool {
    rule.effect == Effect::Write && action != Action::RunChat
}

/// Whether someone whose level is `own` may give, change or take a membership of level `given`: never one above it.
pub fn may_give(own: AccessLevel, given: AccessLevel) -> Decision {
    if given <= own { Decision::Allowed } else { Decision::Denied(Denial::Level { needs: given, has: own }) }
}

/// Whether `principal` may make a token with `scopes`. Scopes that give more than their user has are an admin's to give.
pub fn may_mint(principal: &Principal, scopes: Scopes) -> Decision {
    const GIVING: [Scope; 8] = [
        Scope::Deployments,
        Scope::FlagsRead,
        Scope::FlagsOff,
        Scope::FlagsWrite,
        Scope::ChatGateway,
        Scope::Callouts,
        Scope::Metrics,
        Scope::Admin,
    ];
    if principal.role == UserRole::Admin || !GIVING.into_iter().any(|scope| scopes.holds(scope)) {
        Decision::Allowed
    } else {
        Decision::Denied(Denial::AdminOnly)
    }
}

/// Whether what was shown reaches the thing at all.
fn reach(principal: &Principal, action: Action, thing: Thing) -> Decision {
    if let Some(bound) = &principal.environments {
        let reach = in_environments(bound, action, thing);
        if reach != Decision::Allowed {
            return reach;
        }
    }
    match principal.via {
        Via::Token { project: None, .. } | Via::Session(SessionLimit::Unlimited) | Via::Chat => {
            Decision::Allowed
        }
        Via::Token { project: Some(bound), .. } => match (thing, action) {
            (Thing::Project { id, .. }, _) if id == bound => Decision::Allowed,
            (Thing::User(_), Action::ReadSelf | Action::RevokeSelf) => Decision::Allowed,
            (Thing::Project { .. } | Thing::Group { .. } | Thing::User(_), _) => Decision::Hidden,
            (Thing::Server | Thing::Environment { .. }, _) => Decision::Denied(Denial::Bound),
        },
        Via::Session(SessionLimit::HookPages(source)) => {
            let hook_page = matches!(
                action,
                Action::ReadHooks
                    | Action::AdministerHooks
                    | Action::ReadGroupHooks
                    | Action::AdministerGroupHooks
                    | Action::AskOwnCallouts
                    | Action::DismissOwnCallouts
            );
            confined(thing, source, hook_page.then_some(action), Denial::SessionLimited)
        }
        Via::Embed(source) => {
            let callouts = matches!(action, Action::AskOwnCallouts | Action::DismissOwnCallouts);
            confined(thing, source, callouts.then_some(action), Denial::EmbedOnly)
        }
    }
}

/// A token that is bound to environments reads the flags of those, and of those that read theirs; it writes where it
/// is bound to the one that keeps the state.
fn in_environments(bound: &[String], action: Action, thing: Thing) -> Decision {
    let holds = |environment: &str| bound.iter().any(|name| name == environment);
    match (thing, action) {
        (
            Thing::Environment { base, .. },
            Action::ReadFlags | Action::WriteFlags(_) | Action::CommandFlags(_),
        ) if holds(base) => Decision::Allowed,
        (Thing::Environment { name, .. }, Action::ReadFlags) if holds(name) => Decision::Allowed,
        (Thing::Environment { name, .. }, Action::WriteFlags(_) | Action::CommandFlags(_)) if holds(name) => {
            Decision::Denied(Denial::BoundToReader)
        }
        (Thing::User(_), Action::ReadSelf | Action::RevokeSelf) => Decision::Allowed,
        (Thing::Server | Thing::Environment { .. }, _) => Decision::Denied(Denial::BoundToEnvironments),
        (Thing::Project { .. } | Thing::Group { .. } | Thing::User(_), _) => Decision::Hidden,
    }
}

/// A credential that reaches one project or group, for the actions that are its own.
fn confined(thing: Thing, source: Source, own_action: Option<Action>, denial: Denial) -> Decision {
    match (thing.source(), own_action) {
        (Some(asked), Some(_)) if asked == source => Decision::Allowed,
        (Some(asked), _) if asked != source => Decision::Hidden,
        _ => Decision::Denied(denial),
    }
}

/// Whether the user's own rights are enough.
fn right(principal: &Principal, rule: Rule, thing: Thing) -> Decision {
    const WRONG: Decision = Decision::Denied(Denial::WrongThing);
    match (rule.right, thing) {
        (Right::InProject(needs), Thing::Project { level, .. })
        | (Right::InGroup(needs) | Right::InNamespace(needs), Thing::Group { level, .. }) => {
            level_of(principal, level, needs)
        }
        (Right::InNamespace(_) | Right::Oneself, Thing::User(user)) => {
            let own = user == principal.user || principal.role == UserRole::Admin;
            if own { Decision::Allowed } else { Decision::Hidden }
        }
        (Right::InProject(_) | Right::InGroup(_) | Right::InNamespace(_) | Right::Oneself, _) => WRONG,
        (Right::OwnCallouts, Thing::Project { .. } | Thing::Group { .. }) => Decision::Allowed,
        (Right::OwnCallouts, Thing::Server | Thing::Environment { .. } | Thing::User(_)) => WRONG,
        (Right::Anyone, _) => Decision::Allowed,
        (Right::Commander(direction), Thing::Environment { kind, .. }) => {
            commander(principal, rule, ChatRole::to_write(direction, kind))
        }
        (Right::Commander(_), _) => WRONG,
        (Right::ChatAdmin, _) => commander(principal, rule, ChatRole::Admin),
        (Right::Admin, _) => match principal.role {
            UserRole::Admin => Decision::Allowed,
            UserRole::Regular => Decision::Denied(Denial::AdminOnly),
        },
        (Right::AdminOrScope, _) => match principal.role {
            UserRole::Admin => Decision::Allowed,
            UserRole::Regular if conveys(principal, rule.scopes) => Decision::Allowed,
            UserRole::Regular => Decision::Denied(Denial::AdminOnly),
        },
    }
}

/// Whether the role in commands is enough; administrators have the highest, and a token for flags does as well.
fn commander(principal: &Principal, rule: Rule, needs: ChatRole) -> Decision {
    let has = principal.chat_role;
    if principal.role == UserRole::Admin || has >= needs || conveys(principal, rule.scopes) {
        return Decision::Allowed;
    }
    Decision::Denied(Denial::ChatRole { needs, has })
}

/// Whether the level is enough; admins are owners everywhere.
fn level_of(principal: &Principal, level: Option<AccessLevel>, needs: AccessLevel) -> Decision {
    match (principal.role, level) {
        (UserRole::Admin, _) => Decision::Allowed,
        (UserRole::Regular, None) => Decision::Hidden,
        (UserRole::Regular, Some(has)) if has >= needs => Decision::Allowed,
        (UserRole::Regular, Some(has)) => Decision::Denied(Denial::Level { needs, has }),
    }
}

/// Whether the token itself gives what its user has not; that it may run commands does not. Under sudo it never does: that user's rights only.
fn conveys(principal: &Principal, scopes: Scopes) -> bool {
    match (principal.via, principal.sudo_by) {
        (Via::Token { scopes: held, .. }, None) => {
            held.iter().any(|scope| scope != Scope::Chat && scopes.holds(scope))
        }
        (Via::Token { .. } | Via::Session(_) | Via::Embed(_) | Via::Chat, _) => false,
    }
}

/// Whether the token's scopes are enough; sessions and embed tokens have none and are confined otherwise.
fn scope(principal: &Principal, rule: Rule) -> Decision {
    let Via::Token { scopes: held, .. } = principal.via else { return Decision::Allowed };
    let mut enough = rule.scopes.with(Scope::Api);
    if rule.effect == Effect::Read {
        enough = enough.with(Scope::ReadApi);
    }
    let admin = principal.role == UserRole::Admin || principal.sudo_by.is_some();
    let all = admin && held.holds(Scope::Admin);
    if all || held.iter().any(|scope| enough.holds(scope)) {
        return Decision::Allowed;
    }
    Decision::Denied(Denial::Scope(enough))
}

#[cfg(test)]
mod tests;
