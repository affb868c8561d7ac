use crate::{Scopes, Source};
use std::sync::Arc;
use wigwag_base::{ProjectId, Timestamp, TokenId, UserId};

/// An API token as it is stored: never its secret, only a keyed hash of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Given by the store.
    pub id: TokenId,
    /// Whose rights it carries.
    pub user: UserId,
    /// What its owner calls it.
    pub name: String,
    /// HMAC-SHA-256 of the whole token text under the server's token key.
    pub hash: [u8; 32],
    /// What it allows.
    pub scopes: Scopes,
    /// The one project that it is bound to, if any.
    pub project: Option<ProjectId>,
    /// The environments whose flags alone it reaches, by name; `None` if it is not bound to any.
    pub environments: Option<Arc<[String]>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A signed-in browser. The cookie holds a random secret; only its hash is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// SHA-256 of the cookie's secret.
    pub hash: [u8; 32],
    /// Who is signed in.
    pub user: UserId,
    /// What it is limited to.
    pub limit: SessionLimit,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// What a session may touch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionLimit {
    /// Whatever its user may.
    Unlimited,
    /// The hook pages of one project or group: what the banner's button gives.
    HookPages(Source),
}

/// A one-time link that signs a user in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoginLink {
    /// SHA-256 of the link's secret.
    pub hash: [u8; 32],
    /// Whom it signs in.
    pub user: UserId,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// The public half of a key with which a platform signs embed tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmbedKey {
    /// The `kid` of the token's header.
    pub kid: String,
    /// Ed25519 public key.
    pub public_key: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
