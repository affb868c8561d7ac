use crate::health::HealthRecord;
use crate::{
    BranchFilter, BranchStrategy, EventGlob, NamedSecret, PolicyChoice, RetryPolicy, Template, TriggerSet,
    filled_url,
};
use std::borrow::Cow;
use wigwag_base::{GroupId, HookId, ProjectId, Secret, Timestamp};

/// A URL that wants events, with everything its owner set.
#[derive(Clone, PartialEq, Debug)]
pub struct Hook {
    /// Given by the store.
    pub id: HookId,
    /// Stable over edits; the receiver sees it.
    pub uuid: HookUuid,
    /// Whose events it wants.
    pub scope: HookScope,
    /// Where requests go; a `{name}` in it stands for a value of `url_variables`.
    pub url: Secret<String>,
    /// The parts of the URL that are secret, at most [`crate::limits::URL_VARIABLES_MAX`].
    pub url_variables: Vec<NamedSecret>,
    /// When its address (scheme, host, port, path) last became another one.
    pub redirected_at: Option<Timestamp>,
    /// What people call it; may be empty.
    pub name: String,
    /// What people say of it; may be empty.
    pub description: String,
    /// The forge's events that it wants.
    pub triggers: TriggerSet,
    /// Any platform's events that it wants.
    pub event_types: Vec<EventGlob>,
    /// The branches whose pushes it wants.
    pub branch_filter: BranchFilter,
    /// Sent verbatim in `X-Gitlab-Token`.
    pub token: Option<Secret<String>>,
    /// Standard Webhooks keys; every valid one signs.
    pub signing_keys: Vec<SigningKey>,
    /// Headers of the owner's own, at most [`crate::limits::CUSTOM_HEADERS_MAX`]; they come last.
    pub custom_headers: Vec<NamedSecret>,
    /// What is sent instead of the payload.
    pub template: Option<Template>,
    /// Whether the receiver's certificate is checked.
    pub certificate_check: Switch,
    /// With what requests show who sends them (mutual TLS).
    pub client_identity: Option<ClientIdentity>,
    /// The owner's own switch; off skips new events.
    pub enabled: Switch,
    /// Whether events go out in their order.
    pub ordering: Ordering,
    /// Most deliveries a minute, if limited.
    pub rate_per_minute: Option<u32>,
    /// What happens to events that arrive while it is paused or disabled.
    pub while_paused: WhilePaused,
    /// When failures pause and disable it.
    pub failure_policy: PolicyChoice,
    /// When a failed delivery is tried again; `None` takes the instance's.
    pub retry_policy: Option<RetryPolicy>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Raised by every edit of what its owner set.
    pub revision: i64,
    /// How it does.
    pub health: HealthRecord,
}

impl Hook {
    /// A hook as it is where its owner says nothing but its URL: pushes, held while it is paused, every policy that of
    /// the next level. The store gives its id.
    pub const fn new(scope: HookScope, uuid: HookUuid, url: Secret<String>, created_at: Timestamp) -> Self {
        Self {
            id: HookId(0),
            uuid,
            scope,
            url,
            url_variables: Vec::new(),
            redirected_at: None,
            name: String::new(),
            description: String::new(),
            triggers: TriggerSet::NEW_HOOK,
            event_types: Vec::new(),
            branch_filter: BranchFilter { strategy: BranchStrategy::Wildcard, pattern: String::new() },
            token: None,
            signing_keys: Vec::new(),
            custom_headers: Vec::new(),
            template: None,
            certificate_check: Switch::On,
            client_identity: None,
            enabled: Switch::On,
            ordering: Ordering::Any,
            rate_per_minute: None,
            while_paused: WhilePaused::Hold,
            failure_policy: PolicyChoice::Inherit,
            retry_policy: None,
            created_at,
            revision: 0,
            health: HealthRecord::new(created_at),
        }
    }

    /// Where requests go, with the values of its variables.
    pub fn full_url(&self) -> Cow<'_, str> {
        filled_url(self.url.expose(), &self.url_variables)
    }

    /// What people read for this hook: its name, else its URL's host.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { crate::hook::host_of(self.url.expose()) } else { &self.name }
    }
}

/// The host (with port) of an absolute URL, without credentials; the whole text if it has none.
pub(crate) fn host_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or(after_scheme);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The id that a receiver sees, a UUID in its 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HookUuid(pub [u8; 16]);

/// Whose events a hook wants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HookScope {
    /// One project's.
    Project(ProjectId),
    /// Those of every project below one group.
    Group(GroupId),
    /// All.
    System,
}

/// Something that is on or off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// `On` for true.
    pub const fn from_bool(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }

    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::On)
    }
}

/// What happens to events that arrive while a hook is paused or disabled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WhilePaused {
    /// They are kept and delivered after recovery, oldest first.
    Hold,
    /// They are listed as skipped, as GitLab does.
    Drop,
}

/// Whether a hook's events go out in their order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ordering {
    /// Several at once; a failed one does not hold up the others.
    Any,
    /// One at a time, and none before an older one has ended.
    Strict,
}

impl Ordering {
    /// Both.
    pub const ALL: [Ordering; 2] = [Self::Any, Self::Strict];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Strict => "strict",
        }
    }
}

/// A certificate that is shown to receivers, with its key, both as their owner gave them. Whether they can be used is
/// told by who sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientIdentity {
    /// PEM, the hook's own certificate first, then those between it and its root.
    pub certificate: String,
    /// PEM.
    pub key: Secret<String>,
}

/// How a signing key signs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SigningScheme {
    /// `v1`: HMAC-SHA256, with a key that both sides know.
    Hmac,
    /// `v1a`: ed25519; the receiver needs the public half alone.
    Ed25519,
}

impl SigningScheme {
    /// Both.
    pub const ALL: [SigningScheme; 2] = [Self::Hmac, Self::Ed25519];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hmac => "hmac",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// One Standard Webhooks signing key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningKey {
    /// How it signs.
    pub scheme: SigningScheme,
    /// The key's bytes: 24 to 64 of HMAC (what follows `whsec_`, decoded), or the 32 of ed25519's seed.
    pub key: Secret<Vec<u8>>,
    /// From when on it signs no more; `None` while it is the newest.
    pub expires_at: Option<Timestamp>,
}
