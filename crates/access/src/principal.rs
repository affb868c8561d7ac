use crate::{ChatRole, Scope, Scopes, SessionLimit, Source, User, UserRole, UserState};
use std::fmt;
use std::sync::Arc;
use wigwag_base::{ProjectId, TokenId, UserId};

/// Who asks, with what in hand: made by authentication alone, and only for users who may act at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// Whose rights count.
    pub user: UserId,
    /// Whether that user administers the whole server.
    pub role: UserRole,
    /// What that user may do by command.
    pub chat_role: ChatRole,
    /// What was shown to prove it.
    pub via: Via,
    /// The environments that the token in hand is bound to: it reads and writes flags there and reaches nothing else.
    pub environments: Option<Arc<[String]>>,
    /// The admin who acts as `user` (`Sudo`); the audit names both.
    pub sudo_by: Option<UserId>,
}

/// What a principal showed, and how far that reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Via {
    /// An API token.
    Token {
        /// Its row; none for the root token that the operator set.
        id: Option<TokenId>,
        /// What it allows.
        scopes: Scopes,
        /// The one project that it is bound to.
        project: Option<ProjectId>,
    },
    /// A signed-in browser.
    Session(SessionLimit),
    /// A callout embed token of one project or group.
    Embed(Source),
    /// A chat that vouches for who it is, by its signature.
    Chat,
}

/// Why nobody may act as the named user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SudoRefusal {
    /// The asking user is no admin: 403.
    NotAdmin,
    /// No unbound token with scope `api` or `admin` was shown: 403.
    Scope,
    /// There is no such user: 404.
    UnknownUser,
    /// The named user is blocked: 403.
    Blocked,
}

impl fmt::Display for SudoRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAdmin => "Must be admin to use sudo",
            Self::Scope => "sudo needs a token of an admin with scope api or admin that is bound to nothing",
            Self::UnknownUser => "There is no such user to sudo as",
            Self::Blocked => "The user to sudo as is blocked",
        })
    }
}

impl std::error::Error for SudoRefusal {}

impl Principal {
    /// The holder of an API token.
    pub fn of_token(user: &User, token: &crate::Token) -> Self {
        let via = Via::Token { id: Some(token.id), scopes: token.scopes, project: token.project };
        let environments = token.environments.clone();
        Self { environments, ..Self::with(user, via) }
    }

    /// The holder of the root token that the operator set.
    pub fn of_root(user: &User) -> Self {
        let via =
            Via::Token { id: None, scopes: Scopes::NONE.with(Scope::Api).with(Scope::Admin), project: None };
        Self::with(user, via)
    }

    /// The user of a signed-in browser.
    pub fn of_session(user: &User, limit: SessionLimit) -> Self {
        Self::with(user, Via::Session(limit))
    }

    /// The bearer of a callout embed token.
    pub fn of_embed(user: &User, source: Source) -> Self {
        Self::with(user, Via::Embed(source))
    }

    /// The user whom a chat user is linked to.
    pub fn of_chat(user: &User) -> Self {
        Self::with(user, Via::Chat)
    }

    /// A chat user whom nobody knows: may read what any user may, and has nothing.
    pub const fn of_stranger() -> Self {
        Self {
            user: UserId(0),
            role: UserRole::Regular,
            chat_role: ChatRole::Viewer,
            via: Via::Chat,
            environments: None,
            sudo_by: None,
        }
    }

    /// Whether nobody knows who this is; see [`Principal::of_stranger`].
    pub fn is_stranger(&self) -> bool {
        *self == Self::of_stranger()
    }

    fn with(user: &User, via: Via) -> Self {
        let (role, chat_role) = (user.role, user.chat_role);
        Self { user: user.id, role, chat_role, via, environments: None, sudo_by: None }
    }

    /// This principal acting as `target` (`None` if no user has the given name or id), with that user's rights and
    /// no others. Whether the user exists is told to those who may use sudo only.
    ///
    /// # Errors
    /// [`SudoRefusal`] says which rule stands against it.
    pub fn sudo(&self, target: Option<&User>) -> Result<Principal, SudoRefusal> {
        if self.role != UserRole::Admin || self.sudo_by.is_some() {
            return Err(SudoRefusal::NotAdmin);
        }
        match self.via {
            Via::Token { scopes, project: None, .. }
                if self.environments.is_none()
                    && (scopes.holds(Scope::Api) || scopes.holds(Scope::Admin)) => {}
            Via::Token { .. } | Via::Session(_) | Via::Embed(_) | Via::Chat => {
                return Err(SudoRefusal::Scope);
            }
        }
        let target = target.ok_or(SudoRefusal::UnknownUser)?;
        match target.state {
            UserState::Blocked => Err(SudoRefusal::Blocked),
            UserState::Active => {
                let (via, sudo_by) = (self.via, Some(self.user));
                Ok(Self { sudo_by, ..Self::with(target, via) })
            }
        }
    }
}
