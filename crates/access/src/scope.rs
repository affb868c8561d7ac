use std::fmt;
use std::str::FromStr;

/// One thing that a token allows. `api` and `read_api` are GitLab's, the others our own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scope {
    /// Everything that its user may.
    Api,
    /// Reading whatever its user may read.
    ReadApi,
    /// Publishing events.
    EventsWrite,
    /// Reading and changing hooks, deliveries and their replay.
    HooksWrite,
    /// Reading flags and evaluating them.
    FlagsRead,
    /// Turning flags off, never on.
    FlagsOff,
    /// Changing flags.
    FlagsWrite,
    /// Running chat commands.
    Chat,
    /// Saying from which channel a chat command came.
    ChatGateway,
    /// Asking for any user's callouts and dismissing them, minting embed tokens.
    Callouts,
    /// Reading the metrics.
    Metrics,
    /// Reporting and reading deployments.
    Deployments,
    /// Everything on the whole server, if its user is an admin.
    Admin,
}

impl Scope {
    /// All scopes with their stable names, in the order in which they are listed.
    pub const ALL: [(Scope, &'static str); 13] = [
        (Self::Api, "api"),
        (Self::ReadApi, "read_api"),
        (Self::EventsWrite, "events:write"),
        (Self::HooksWrite, "hooks:rw"),
        (Self::FlagsRead, "flags:read"),
        (Self::FlagsOff, "flags:off"),
        (Self::FlagsWrite, "flags:rw"),
        (Self::Chat, "chat"),
        (Self::ChatGateway, "chat:gateway"),
        (Self::Callouts, "callouts"),
        (Self::Metrics, "metrics"),
        (Self::Deployments, "deployments:write"),
        (Self::Admin, "admin"),
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no scope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownScope(pub String);

impl fmt::Display for UnknownScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no scope; there are ", self.0)?;
        for (index, (_, name)) in Scope::ALL.iter().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownScope {}

impl FromStr for Scope {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|(_, name)| *name == text)
            .map(|(scope, _)| scope)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// The scopes of one token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// No scope at all.
    pub const NONE: Scopes = Scopes(0);

    /// These and `scope`.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | 1 << scope as u16)
    }

    /// Whether `scope` itself is among them.
    pub const fn holds(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u16 != 0
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().map(|(scope, _)| scope).filter(move |scope| self.holds(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, Self::with)
    }
}
