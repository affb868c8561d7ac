//! From what a request shows to who asks. A token that was used lately costs a keyed hash and a look-up in memory.

use crate::embed::EmbedClaims;
use crate::exact::ExactCache;
use crate::limits::{CREDENTIAL_CACHE_MAX, LAST_USED_LAG_MAX, SECRET_TEXT_BYTES_MAX};
use crate::{Engine, EngineError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use wigwag_access::{
    EmbedKey, Principal, Session, SudoRefusal, Token, TokenKind, TokenShapeError, User, UserState,
};
use wigwag_access::{check_shape, token_text};
use wigwag_base::{Secret, Timestamp, UserId};
use wigwag_ports::credentials::{SessionCall, TokenKey, TokenMark};
use wigwag_ports::registry::UserKey;

/// What a request shows to say who asks.
#[derive(Clone, Debug)]
pub enum Credential {
    /// An API token: header `PRIVATE-TOKEN` or `Authorization: Bearer`.
    PrivateToken(Secret<String>),
    /// The session cookie's value.
    SessionCookie(Secret<String>),
    /// A callout embed token: `Authorization: Bearer` or the parameter `token` of `/embed`.
    EmbedToken(Secret<String>),
}

/// What authentication keeps in memory.
pub(crate) struct Authenticator {
    token_key: OnceLock<Hmac<Sha256>>,
    tokens: ExactCache<[u8; 32], Arc<KnownToken>>,
    sessions: ExactCache<[u8; 32], Arc<(Session, Arc<User>)>>,
    pub(crate) embed_tokens: ExactCache<[u8; 32], EmbedClaims>,
    pub(crate) embed_keys: ExactCache<(), Arc<Vec<EmbedKey>>>,
}

/// A token that was looked up, and whose it is.
pub(crate) struct KnownToken {
    token: Token,
    user: Arc<User>,
    /// When it was last marked as used, in milliseconds; `i64::MIN` for never.
    marked_at_ms: AtomicI64,
}

impl KnownToken {
    pub(crate) fn new(token: Token, user: Arc<User>) -> Self {
        let marked_at_ms = AtomicI64::new(token.last_used_at.map_or(i64::MIN, Timestamp::as_millis));
        Self { token, user, marked_at_ms }
    }
}

impl Default for Authenticator {
    fn default() -> Self {
        Self {
            token_key: OnceLock::new(),
            tokens: ExactCache::new(CREDENTIAL_CACHE_MAX),
            sessions: ExactCache::new(CREDENTIAL_CACHE_MAX),
            embed_tokens: ExactCache::new(CREDENTIAL_CACHE_MAX),
            embed_keys: ExactCache::new(1),
        }
    }
}

impl Authenticator {
    /// To be called after tokens were revoked or made to replace others.
    pub(crate) fn tokens_changed(&self) {
        self.tokens.forget_all();
    }

    /// A number that is another after each revocation.
    pub(crate) fn tokens_generation(&self) -> u64 {
        self.tokens.generation()
    }

    /// To be called after sessions ended.
    pub(crate) fn sessions_changed(&self) {
        self.sessions.forget_all();
    }

    /// To be called after keys for embed tokens were made or revoked.
    pub(crate) fn embed_keys_changed(&self) {
        self.embed_keys.forget_all();
        self.embed_tokens.forget_all();
    }
}

impl Engine {
    /// Who asks. Revocations and ended sessions count at once on this node; expiry is judged at each use.
    ///
    /// # Errors
    /// [`EngineError::Unauthorized`] for whatever does not prove anything; for an embed token also
    /// [`EngineError::NotFound`], see [`Engine::check_embed_token`].
    pub async fn authenticate(&self, credential: &Credential) -> Result<Principal, EngineError> {
        match credential {
            Credential::PrivateToken(text) => self.authenticate_token(text.expose()).await,
            Credential::SessionCookie(text) => self.authenticate_session(text.expose()).await,
            Credential::EmbedToken(text) => {
                let claims = self.check_embed_token(text.expose()).await?;
                let user = self.active_user(claims.user).await?;
                Ok(Principal::of_embed(&user, claims.source))
            }
        }
    }

    /// `principal` acting as `who` (username or id), with that user's rights only. The principal remembers both.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] for everyone but admins with scope `api` or `admin`; [`EngineError::NotFound`] for
    /// them, if there is no such user.
    pub async fn sudo(&self, principal: &Principal, who: &str) -> Result<Principal, EngineError> {
        let target = match self.find_user(UserKey::Username(who.to_owned())).await? {
            Some(user) => Some(user),
            None => match who.parse() {
                Ok(id) => self.find_user(UserKey::Id(id)).await?,
                Err(_) => None,
            },
        };
        principal.sudo(target.as_deref()).map_err(|refusal| match refusal {
            SudoRefusal::UnknownUser => EngineError::NotFound("user"),
            SudoRefusal::NotAdmin | SudoRefusal::Scope | SudoRefusal::Blocked => {
                EngineError::Forbidden(refusal.to_string())
            }
        })
    }

    /// What the store knows a token by: HMAC-SHA-256 under a key of its own, so that a stolen store gives no token
    /// away and a made-up row opens nothing.
    pub(crate) fn token_hash(&self, text: &str) -> [u8; 32] {
        let key = self.inner.authenticator.token_key.get_or_init(|| {
            let key = derived_key(&self.inner.root_key, "api token hash");
            Hmac::new_from_slice(key.expose()).expect("HMAC takes a key of any length")
        });
        let mut mac = key.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A new token of `kind`.
    pub(crate) fn fresh_token_text(&self, kind: TokenKind) -> Secret<String> {
        let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = self.inner.entropy.secret();
        let public_id = u64::from_be_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
        token_text(kind, public_id, self.inner.entropy.secret())
    }

    /// A user who may act.
    pub(crate) async fn active_user(&self, id: UserId) -> Result<Arc<User>, EngineError> {
        let user = self.find_user(UserKey::Id(id)).await?.ok_or(EngineError::Unauthorized)?;
        match user.state {
            UserState::Active => Ok(user),
            UserState::Blocked => Err(EngineError::Unauthorized),
        }
    }

    async fn authenticate_token(&self, text: &str) -> Result<Principal, EngineError> {
        let hash = self.token_hash(text);
        let tokens = &self.inner.authenticator.tokens;
        let in_memory = tokens.get(&hash).or_else(|| self.inner.emergency.get(&hash, tokens.generation()));
        let known = match in_memory {
            Some(known) => known,
            None => self.look_token_up(text, hash).await?,
        };
        let now = self.inner.clock.now();
        if known.token.expires_at.is_some_and(|at| at <= now) {
            return Err(EngineError::Unauthorized);
        }
        self.mark_used(&known, now);
        Ok(Principal::of_token(&known.user, &known.token))
    }

    async fn look_token_up(&self, text: &str, hash: [u8; 32]) -> Result<Arc<KnownToken>, EngineError> {
        // A token of ours that was cut off or mistyped, or a megabyte of noise, costs no read.
        if matches!(check_shape(text), Err(TokenShapeError::TooLong)) {
            return Err(EngineError::Unauthorized);
        }
        let cache = &self.inner.authenticator.tokens;
        let read_in = cache.before_read();
        let found = self.inner.store.tokens(TokenKey::Hash(hash)).await?;
        let token = found.into_iter().find(|token| token.revoked_at.is_none());
        let token = token.ok_or(EngineError::Unauthorized)?;
        let user = self.active_user(token.user).await?;
        let known = Arc::new(KnownToken::new(token, user));
        cache.keep(read_in, hash, known.clone());
        Ok(known)
    }

    /// Marks a token as used, in the background and at most once a minute.
    fn mark_used(&self, known: &KnownToken, now: Timestamp) {
        let before = known.marked_at_ms.load(Ordering::Relaxed);
        if before != i64::MIN && now.since(Timestamp::from_millis(before)) < LAST_USED_LAG_MAX {
            return;
        }
        let relaxed = Ordering::Relaxed;
        if known.marked_at_ms.compare_exchange(before, now.as_millis(), relaxed, relaxed).is_err() {
            return;
        }
        let (store, id) = (self.inner.store.clone(), known.token.id);
        tokio::spawn(async move {
            if let Err(error) = store.mark_token(id, TokenMark::Used, now).await {
                tracing::warn!(token = id.0, %error, "could not note when a token was last used");
            }
        });
    }

    async fn authenticate_session(&self, cookie: &str) -> Result<Principal, EngineError> {
        if cookie.len() > SECRET_TEXT_BYTES_MAX {
            return Err(EngineError::Unauthorized);
        }
        let hash = secret_hash(cookie);
        let cache = &self.inner.authenticator.sessions;
        let known = match cache.get(&hash) {
            Some(known) => known,
            None => {
                let read_in = cache.before_read();
                let session = self.inner.store.session(hash, SessionCall::Read).await?;
                let session = session.ok_or(EngineError::Unauthorized)?;
                let user = self.active_user(session.user).await?;
                let known = Arc::new((session, user));
                cache.keep(read_in, hash, known.clone());
                known
            }
        };
        let (session, user) = &*known;
        if session.expires_at <= self.inner.clock.now() {
            return Err(EngineError::Unauthorized);
        }
        Ok(Principal::of_session(user, session.limit))
    }
}

/// What the store knows a cookie or link by: SHA-256 is enough for 32 random bytes.
pub(crate) fn secret_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A key for one purpose, from the data key.
pub(crate) fn derived_key(root_key: &Secret<[u8; 32]>, purpose: &str) -> Secret<[u8; 32]> {
    let mut mac: Hmac<Sha256> =
        Hmac::new_from_slice(root_key.expose()).expect("HMAC takes a key of any length");
    mac.update(b"wigwag ");
    mac.update(purpose.as_bytes());
    Secret::new(mac.finalize().into_bytes().into())
}
