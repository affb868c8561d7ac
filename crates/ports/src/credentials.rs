//! Tokens, passwords, sessions, login links, embed keys. Secrets arrive as hashes.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_access::{EmbedKey, LoginLink, Session, Token};
use wigwag_base::{Secret, Timestamp, TokenId, UserId};

/// Keeps credentials.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Keeps a new token; `token.id` is ignored, the store gives one. A token with the same hash is replaced (the
    /// operator's root token at each start).
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (its user or project).
    async fn create_token(&self, token: Token) -> Result<Token, StoreError>;

    /// A token by its hash or id, revoked and expired ones too; or every token of a user.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn tokens(&self, key: TokenKey) -> Result<Vec<Token>, StoreError>;

    /// Marks a token as revoked, or as used; a later mark never undoes an earlier revocation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn mark_token(&self, id: TokenId, mark: TokenMark, at: Timestamp) -> Result<(), StoreError>;

    /// The argon2id hash of a user's password, if one is set.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn password_hash(&self, user: UserId) -> Result<Option<Secret<String>>, StoreError>;

    /// Sets or removes a user's password hash; ends all sessions of that user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    async fn set_password_hash(&self, user: UserId, hash: Option<Secret<String>>) -> Result<(), StoreError>;

    /// Keeps a new session and forgets those that ended before `session.created_at`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (its user).
    async fn create_session(&self, session: Session) -> Result<(), StoreError>;

    /// Reads one session by its hash, or ends it.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn session(&self, hash: [u8; 32], call: SessionCall) -> Result<Option<Session>, StoreError>;

    /// Keeps a new one-time link, or takes one: it is gone afterwards, whoever asks at the same moment.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (its user).
    async fn login_link(&self, call: LinkCall) -> Result<Option<LoginLink>, StoreError>;

    /// Marks a one-time id (an embed token's hash) as used until `expires_at`.
    ///
    /// # Errors
    /// [`StoreError::Taken`] if it was used before.
    async fn use_once(&self, id: [u8; 32], now: Timestamp, expires_at: Timestamp) -> Result<(), StoreError>;

    /// Keeps a new embed key, revokes one, or lists them all (the answer in every case).
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Taken`] (`kid`).
    async fn embed_keys(&self, call: EmbedKeyCall) -> Result<Vec<EmbedKey>, StoreError>;
}

/// By what tokens are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKey {
    /// By hash.
    Hash([u8; 32]),
    /// By id.
    Id(TokenId),
    /// All of one user.
    User(UserId),
    /// Those not revoked whose scopes may switch a flag off, the newest of them, at most so many.
    SwitchingOff(u32),
}

/// What is marked on a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenMark {
    /// Never valid again.
    Revoked,
    /// Used.
    Used,
}

/// What to do with a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionCall {
    /// Read it.
    Read,
    /// End it.
    End,
}

/// What to do with a login link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkCall {
    /// Keep it.
    Keep(LoginLink),
    /// Take the one with this hash.
    Take([u8; 32]),
}

/// What to do with embed keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EmbedKeyCall {
    /// Keep a new one.
    Keep(EmbedKey),
    /// Revoke the one with this `kid`.
    Revoke(String, Timestamp),
    /// Only list.
    List,
}
