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
use wigwag_hooks::{HookScope, SigningKey};

/// A signing token without its value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SigningTokenView {
    /// What it is called.
    pub id: String,
    /// From when on it signs no more; none while it is the newest.
    pub expires_at: Option<Timestamp>,
}

/// A signing token that was just added; its value is told this once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSigningToken {
    /// What it is called.
    pub id: String,
    /// `whsec_...`.
    pub token: Secret<String>,
}

impl Engine {
    /// Adds a signing token (a fresh one, if none is given) beside those that are valid, which run out after
    /// `overlap`. It is told once.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `signing_token`.
    pub async fn add_signing_token(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        token: Option<Secret<String>>,
        overlap: Duration,
    ) -> Result<NewSigningToken, EngineError> {
        let given = match &token {
            Some(text) => hook_input::signing_token(text.expose()).map_err(refused)?,
            None => None,
        };
        let key = given.unwrap_or_else(|| SigningKey {
            key: Secret::new(self.inner.entropy.secret().to_vec()),
            expires_at: None,
        });
        let new = NewSigningToken { id: key.id(), token: key.format() };
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
        Ok(valid.map(|key| SigningTokenView { id: key.id(), expires_at: key.expires_at }).collect())
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
/// already; those that ran out go.
pub(super) fn rotated(
    keys: &[SigningKey],
    newest: &SigningKey,
    now: Timestamp,
    overlap: Duration,
) -> Result<Vec<SigningKey>, EngineError> {
    let end = now + overlap;
    let older = keys.iter().filter(|key| key.is_valid_at(now) && key.key != newest.key).map(|key| {
        SigningKey { expires_at: Some(key.expires_at.map_or(end, |at| at.min(end))), ..key.clone() }
    });
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
    use wigwag_base::{Secret, Timestamp};
    use wigwag_hooks::SigningKey;

    #[test]
    fn older_signing_tokens_run_out_and_five_hold_at_a_time() {
        let key = |byte: u8, end_s: Option<i64>| SigningKey {
            key: Secret::new(vec![byte; 24]),
            expires_at: end_s.map(Timestamp::from_secs),
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
        assert_eq!(rotated(&four, &key(9, None), now, Duration::ZERO).map(|keys| keys.len()), Ok(5));
        assert!(rotated(&five, &key(9, None), now, Duration::ZERO).is_err());
    }
}
