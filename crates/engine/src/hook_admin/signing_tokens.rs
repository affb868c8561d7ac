//! Signing tokens one by one: a new one begins to sign at once, and the older ones run out while receivers change over.

use super::edit::Edit;
use super::fields::refused;
use crate::rights::READ_HOOKS;
use crate::{Engine, EngineError};
use std::time::Duration;
use wigwag_access::Principal;
use wigwag_base::{HookId, Secret, Timestamp};
use wigwag_hooks::hook_input::{self, InputError};
use wigwag_hooks::limits::SIGNING_KEYS_PER_HOOK_MAX;
use wigwag_hooks::{HookScope, SigningKey, SigningScheme};

/// A signing token without its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningTokenView {
    /// What it is called.
    pub id: String,
    /// How it signs.
    pub scheme: SigningScheme,
    /// What receivers verify with, of ed25519.
    pub public_key: Option<String>,
    /// From when on it signs no more; none while it is the newest.
    pub expires_at: Option<Timestamp>,
}

/// A signing token that was just added; its value is told this once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSigningToken {
    /// What it is called.
    pub id: String,
    /// `whsec_...`, or `whsk_...` of ed25519.
    pub token: Secret<String>,
    /// What receivers verify with, of ed25519.
    pub public_key: Option<String>,
}

/// A signing token to add.
#[derive(Clone, Debug)]
pub enum AddedToken {
    /// This one.
    Given(Secret<String>),
    /// A fresh one.
    Fresh(SigningScheme),
}

impl Engine {
    /// Adds a signing token beside those that are valid, which run out after
    /// `overlap`. It is told once.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `signing_token`.
    pub async fn add_signing_token(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        token: AddedToken,
        overlap: Duration,
    ) -> Result<NewSigningToken, EngineError> {
        let key = match &token {
            AddedToken::Given(text) => {
                let missing = EngineError::Invalid { field: "signing_token", rule: "is missing".into() };
                hook_input::signing_token(text.expose()).map_err(refused)?.ok_or(missing)?
            }
            AddedToken::Fresh(SigningScheme::Hmac) => SigningKey::hmac(self.inner.entropy.secret().to_vec()),
            AddedToken::Fresh(SigningScheme::Ed25519) => SigningKey::ed25519(self.inner.entropy.secret()),
        };
        let new = NewSigningToken { id: key.id(), token: key.format(), public_key: key.public_key() };
        self.edit(principal, scope, id, &Edit::AddSigningKey(key, overlap)).await?;
        Ok(new)
    }

    /// The signing tokens that are valid, the newest first.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn signing_tokens(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
    ) -> Result<Vec<SigningTokenView>, EngineError> {
        let hook = self.hook_for(principal, READ_HOOKS, scope, id).await?;
        let now = self.inner.clock.now();
        let valid = hook.signing_keys.iter().filter(|key| key.is_valid_at(now));
        let shown = |key: &SigningKey| SigningTokenView {
            id: key.id(),
            scheme: key.scheme,
            public_key: key.public_key(),
            expires_at: key.expires_at,
        };
        Ok(valid.map(shown).collect())
    }

    /// Takes a signing token away: it signs no more. The next older one goes on for as long as it has.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn remove_signing_token(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        token: &str,
    ) -> Result<(), EngineError> {
        self.edit(principal, scope, id, &Edit::RemoveSigningKey(token.to_owned())).await.map(drop)
    }
}

/// The keys without the one of this id.
pub(super) fn without(keys: &[SigningKey], id: &str) -> Result<Vec<SigningKey>, EngineError> {
    let rest: Vec<SigningKey> = keys.iter().filter(|key| key.id() != id).cloned().collect();
    if rest.len() == keys.len() { Err(EngineError::NotFound("signing token")) } else { Ok(rest) }
}

/// The keys after `newest` was added: it comes first; the others run out after `overlap`, or earlier if they did so
/// already; those that ran out go, at once where they do not overlap.
pub(super) fn rotated(
    keys: &[SigningKey],
    newest: &SigningKey,
    now: Timestamp,
    overlap: Duration,
) -> Result<Vec<SigningKey>, EngineError> {
    let end = now + overlap;
    let older = keys.iter().filter(|key| key.key != newest.key).map(|key| SigningKey {
        expires_at: Some(key.expires_at.map_or(end, |at| at.min(end))),
        ..key.clone()
    });
    let older = older.filter(|key| key.is_valid_at(now));
    let keys: Vec<SigningKey> = std::iter::once(newest.clone()).chain(older).collect();
    if keys.len() > SIGNING_KEYS_PER_HOOK_MAX {
        return Err(refused(InputError::SigningTokensTooMany));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::rotated;
    use std::time::Duration;
    use wigwag_base::Timestamp;
    use wigwag_hooks::SigningKey;

    #[test]
    fn older_signing_tokens_run_out_and_five_hold_at_a_time() {
        let key = |byte: u8, end_s: Option<i64>| SigningKey {
            expires_at: end_s.map(Timestamp::from_secs),
            ..SigningKey::hmac(vec![byte; 24])
        };
        let check = |keys: &[SigningKey], expected: &[SigningKey]| {
            let after = rotated(keys, &key(9, None), Timestamp::from_secs(100), Duration::from_secs(50));
            assert_eq!(after.as_deref(), Ok(expected));
        };
        check(&[], &[key(9, None)]);
        check(&[key(1, None)], &[key(9, None), key(1, Some(150))]);
        check(&[key(1, None), key(2, Some(120))], &[key(9, None), key(1, Some(150)), key(2, Some(120))]);
        check(&[key(1, Some(100))], &[key(9, None)]);
        check(&[key(9, None)], &[key(9, None)]);
        let four: Vec<_> = (1..5).map(|n| key(n, None)).collect();
        let five: Vec<_> = (1..6).map(|n| key(n, None)).collect();
        let now = Timestamp::from_secs(100);
        let second = Duration::from_secs(1);
        assert_eq!(rotated(&four, &key(9, None), now, second).map(|keys| keys.len()), Ok(5));
        assert!(rotated(&five, &key(9, None), now, second).is_err());
        assert_eq!(
            rotated(&five, &key(9, None), now, Duration::ZERO),
            Ok(vec![key(9, None)]),
            "they are over"
        );
    }
}
