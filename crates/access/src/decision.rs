use crate::{AccessLevel, ChatRole, Scopes};
use std::fmt;

/// The answer of [`may`](crate::may).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Go ahead.
    Allowed,
    /// The thing may be seen, but this may not be done: 403 with the reason.
    Denied(Denial),
    /// Not even that the thing exists may be told: the same 404 as for what does not exist.
    Hidden,
}

impl Decision {
    /// Whether to go ahead.
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }
}

/// Why something may not be done, with what would help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denial {
    /// The token has none of these scopes.
    Scope(Scopes),
    /// The user's level is too low.
    Level {
        /// What it takes.
        needs: AccessLevel,
        /// What the user has.
        has: AccessLevel,
    },
    /// The user's role in commands is too low.
    ChatRole {
        /// What it takes.
        needs: ChatRole,
        /// What the user has.
        has: ChatRole,
    },
    /// Nobody knows who asks: a chat user without a link.
    Stranger,
    /// Only admins may, or tokens that admins made for it.
    AdminOnly,
    /// The token is bound to a project, and this is none of its.
    Bound,
    /// The token is bound to environments, and this is none of theirs.
    BoundToEnvironments,
    /// The token is bound to an environment that reads another's flags: a write would change that one.
    BoundToReader,
    /// The session came from a banner's button and reaches the hook pages alone.
    SessionLimited,
    /// An embed token reads and dismisses its user's callouts and does nothing else.
    EmbedOnly,
    /// The action is not one that is done to such a thing.
    WrongThing,
}

impl Denial {
    /// The stable code for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Scope(_) => "scope_missing",
            Self::Level { .. } => "level_too_low",
            Self::ChatRole { .. } => "chat_role_too_low",
            Self::Stranger => "not_linked",
            Self::AdminOnly => "admin_only",
            Self::Bound | Self::BoundToEnvironments | Self::BoundToReader => "token_bound",
            Self::SessionLimited => "session_limited",
            Self::EmbedOnly => "embed_only",
            Self::WrongThing => "wrong_thing",
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope(scopes) => {
                f.write_str("This token may not do that; it takes one with scope ")?;
                for (index, scope) in scopes.iter().enumerate() {
                    write!(f, "{}{scope}", if index == 0 { "" } else { " or " })?;
                }
                Ok(())
            }
            Self::Level { needs, has } => {
                write!(f, "That takes the level {needs}; yours is {has}. Ask an owner for a higher one.")
            }
            Self::ChatRole { needs, has } => write!(
                f,
                "That takes the role {needs}, and yours is {has}; or a token with scope flags:rw. Whoever has the role admin \
                 gives it: wigwag chat role USER {needs}"
            ),
            Self::Stranger => f.write_str("This chat does not know who you are. Link yourself: wigwag chat link"),
            Self::AdminOnly => f.write_str("Only an admin may do that. Ask one, or for a token made for it."),
            Self::Bound => f.write_str("This token is bound to one project. Use one that is not."),
            Self::BoundToEnvironments => f.write_str(
                "This token is bound to other environments and reaches nothing but their flags. Use one that is not.",
            ),
            Self::BoundToReader => f.write_str(
                "This token is bound to an environment that only reads another's flags: a write would change that one. \
                 Use a token that is bound to it.",
            ),
            Self::SessionLimited => f.write_str(
                "You came by a banner's button, which opens the hook pages alone. Sign in for more.",
            ),
            Self::EmbedOnly => {
                f.write_str("An embed token reads and dismisses callouts and does nothing else.")
            }
            Self::WrongThing => f.write_str("That cannot be done here."),
        }
    }
}

impl std::error::Error for Denial {}
