//! Callout embed tokens: short-lived JWTs by which a page may ask for one user's callouts of one project or group.
//!
//! One algorithm (EdDSA over Ed25519), one audience, at most 15 minutes from `iat` to `exp`, judged by our own clock. A
//! platform signs with a key that it got from us once; for platforms without a JWT library the server signs with a key
//! of its own, which is derived from the data key and stored nowhere.

mod claims;
mod jws;

use crate::authenticate::derived_key;
use crate::completed::completed;
use crate::limits::{EMBED_TOKEN_AGE_MAX, EMBED_TOKEN_BYTES_MAX, EMBED_TOKEN_LEEWAY};
use crate::rights::allow;
use crate::{Engine, EngineError, NewSession};
use claims::{AUDIENCE, Named, RawClaims};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{EncodePrivateKey, KeypairBytes};
use jws::Unverified;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use wigwag_access::{Action, EmbedKey, Principal, SessionLimit, Source, Thing};
use wigwag_base::{Secret, Timestamp, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::credentials::EmbedKeyCall;
use wigwag_ports::registry::{PathKey, UserKey};

/// What a good embed token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EmbedClaims {
    /// Whose callouts.
    pub user: UserId,
    /// Of which project or group.
    pub source: Source,
    /// From when on it is refused (but for the leeway).
    pub expires_at: Timestamp,
    /// SHA-256 of what was signed: the one-time id of its exchange.
    pub hash: [u8; 32],
}

/// A key for a platform, whose private half is told once.
#[derive(Clone, Debug)]
pub struct NewEmbedKey {
    /// The public half, as kept.
    pub key: EmbedKey,
    /// The private half, PKCS#8 in PEM.
    pub private_pem: Secret<String>,
}

/// An embed token of the server's own making.
#[derive(Clone, Debug)]
pub struct NewEmbedToken {
    /// The JWT.
    pub token: Secret<String>,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// The `kid` of the server's own key; stored keys' ids begin otherwise.
const OWN_KID: &str = "server";

impl Engine {
    /// Makes a key for a platform. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn create_embed_key(&self, principal: &Principal) -> Result<NewEmbedKey, EngineError> {
        allow(principal, Action::Operate, Thing::Server)?;
        let signing = SigningKey::from_bytes(&self.inner.entropy.secret());
        let id = self.inner.entropy.secret();
        let key = EmbedKey {
            kid: format!("embed-{}", hex(&id[..8])),
            public_key: signing.verifying_key().to_bytes(),
            created_at: self.inner.clock.now(),
            revoked_at: None,
        };
        let pem = private_half(&signing).to_pkcs8_pem(LineEnding::LF).expect("32 bytes always encode");
        self.embed_keys_call(EmbedKeyCall::Keep(key.clone())).await?;
        Ok(NewEmbedKey { key, private_pem: Secret::new(pem.to_string()) })
    }

    /// Revokes a platform's key: on this node at once. Admins only.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn revoke_embed_key(&self, principal: &Principal, kid: &str) -> Result<(), EngineError> {
        allow(principal, Action::Operate, Thing::Server)?;
        self.embed_keys_call(EmbedKeyCall::Revoke(kid.to_owned(), self.inner.clock.now())).await.map(drop)
    }

    /// The platforms' keys, revoked ones too. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn embed_keys(&self, principal: &Principal) -> Result<Vec<EmbedKey>, EngineError> {
        allow(principal, Action::Operate, Thing::Server)?;
        Ok(self.inner.store.embed_keys(EmbedKeyCall::List).await?)
    }

    /// Signs an embed token for `user` at `source` with the server's own key.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] without scope `callouts`; [`EngineError::NotFound`] names what does not exist.
    pub async fn mint_embed_token(
        &self,
        principal: &Principal,
        user: UserKey,
        source: Source,
    ) -> Result<NewEmbedToken, EngineError> {
        self.allow_at(principal, Action::MintEmbedTokens, source).await?;
        let user = self.find_user(user).await?.ok_or(EngineError::NotFound("user"))?;
        let iat = self.inner.clock.now().as_secs();
        let exp = iat + EMBED_TOKEN_AGE_MAX.as_secs() as i64;
        let (kind, id) = match source {
            Source::Project(id) => ("project", id.0),
            Source::Group(id) => ("group", id.0),
        };
        let mut claims = serde_json::json!({ "aud": AUDIENCE, "sub": user.username, "iat": iat, "exp": exp });
        claims[kind] = id.into();
        let token = jws::sign(&self.own_embed_key(), OWN_KID, &claims);
        Ok(NewEmbedToken { token: Secret::new(token), expires_at: Timestamp::from_secs(exp) })
    }

    /// Judges an embed token.
    ///
    /// # Errors
    /// [`EngineError::Unauthorized`] for a bad token; [`EngineError::NotFound`] for a good one that names a user,
    /// project or group which does not exist (the callouts of which are an empty list).
    pub async fn check_embed_token(&self, text: &str) -> Result<EmbedClaims, EngineError> {
        if text.len() > EMBED_TOKEN_BYTES_MAX {
            return Err(EngineError::Unauthorized);
        }
        let cache = &self.inner.authenticator.embed_tokens;
        let whole: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        let claims = match cache.get(&whole) {
            Some(claims) => claims,
            None => {
                let read_in = cache.before_read();
                let claims = self.verify_embed_token(text).await?;
                cache.keep(read_in, whole, claims);
                claims
            }
        };
        if self.inner.clock.now() >= claims.expires_at + EMBED_TOKEN_LEEWAY {
            return Err(EngineError::Unauthorized);
        }
        Ok(claims)
    }

    /// Gives a session of the token's user that is limited to the hook pages of its project or group: what the
    /// banner's button does. Once for each token.
    ///
    /// # Errors
    /// As [`Engine::check_embed_token`]; [`EngineError::Conflict`] if it was exchanged before.
    pub async fn exchange_embed_token(&self, text: &str) -> Result<NewSession, EngineError> {
        let claims = self.check_embed_token(text).await?;
        let user = self.active_user(claims.user).await?;
        let now = self.inner.clock.now();
        match self.inner.store.use_once(claims.hash, now, claims.expires_at + EMBED_TOKEN_LEEWAY).await {
            Ok(()) => self.open_session(user.id, SessionLimit::HookPages(claims.source)).await,
            Err(StoreError::Taken(_)) => Err(EngineError::Conflict(
                "this button's link was used before; reload the page that showed the banner, or sign in"
                    .into(),
            )),
            Err(other) => Err(other.into()),
        }
    }

    async fn verify_embed_token(&self, text: &str) -> Result<EmbedClaims, EngineError> {
        let refuse = |why: &str| {
            tracing::debug!(why, "embed token refused");
            EngineError::Unauthorized
        };
        let token = Unverified::parse(text).map_err(refuse)?;
        let key = self.embed_public_key(&token.kid).await?;
        let key = key.ok_or_else(|| refuse("its kid is unknown or revoked"))?;
        let claims = token.verify(&key).map_err(refuse)?;
        let claims = RawClaims::read(&claims, self.inner.clock.now()).map_err(refuse)?;
        let hash = Sha256::digest(token.signed.as_bytes()).into();
        let user = self.find_user(UserKey::Username(claims.username)).await?;
        let user = user.ok_or(EngineError::NotFound("user"))?;
        let source = self.named_source(claims.source).await?;
        Ok(EmbedClaims { user: user.id, source, expires_at: claims.expires_at, hash })
    }

    async fn named_source(&self, named: Named) -> Result<Source, EngineError> {
        match named {
            Named::Project(key) => {
                let placed = self.find_project(key).await?.ok_or(EngineError::NotFound("project"))?;
                Ok(Source::Project(placed.project.id))
            }
            Named::Group(key) => {
                let line = self.find_group(key).await?.ok_or(EngineError::NotFound("group"))?;
                let itself = line.first().ok_or(EngineError::NotFound("group"))?;
                Ok(Source::Group(itself.id))
            }
        }
    }

    /// The public half of a key that still holds.
    async fn embed_public_key(&self, kid: &str) -> Result<Option<[u8; 32]>, EngineError> {
        if kid == OWN_KID {
            return Ok(Some(self.own_embed_key().verifying_key().to_bytes()));
        }
        let cache = &self.inner.authenticator.embed_keys;
        let keys = match cache.get(&()) {
            Some(keys) => keys,
            None => {
                let read_in = cache.before_read();
                let keys = Arc::new(self.inner.store.embed_keys(EmbedKeyCall::List).await?);
                cache.keep(read_in, (), keys.clone());
                keys
            }
        };
        let key = keys.iter().find(|key| key.kid == kid && key.revoked_at.is_none());
        Ok(key.map(|key| key.public_key))
    }

    async fn embed_keys_call(&self, call: EmbedKeyCall) -> Result<Vec<EmbedKey>, EngineError> {
        let inner = self.inner.clone();
        completed(async move {
            let answer = inner.store.embed_keys(call).await;
            inner.authenticator.embed_keys_changed();
            Ok(answer?)
        })
        .await
    }

    fn own_embed_key(&self) -> SigningKey {
        SigningKey::from_bytes(derived_key(&self.inner.root_key, "embed token signing").expose())
    }
}

/// The private half alone (PKCS#8 version 1): OpenSSL and what builds on it do not read version 2.
fn private_half(key: &SigningKey) -> KeypairBytes {
    KeypairBytes { secret_key: key.to_bytes(), public_key: None }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// By what a claim names a project or group: its id, or its full path.
fn path_key<Id: std::str::FromStr>(text: &str) -> PathKey<Id> {
    text.parse().map_or_else(|_| PathKey::FullPath(text.to_owned()), PathKey::Id)
}
