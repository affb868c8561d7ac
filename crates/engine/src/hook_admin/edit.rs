use super::{HookFields, HookView};
use crate::completed::completed;
use crate::hook_admin::fields::refused;
use crate::limits::EDIT_TRIES_MAX;
use crate::rights::ADMINISTER_HOOKS;
use crate::{Engine, EngineError};
use std::time::Duration;
use wigwag_access::Principal;
use wigwag_base::{HookId, Secret, Timestamp};
use wigwag_hooks::health::{self, Signal};
use wigwag_hooks::hook_input::{self, InputError};
use wigwag_hooks::limits::SIGNING_KEYS_PER_HOOK_MAX;
use wigwag_hooks::{Hook, HookScope, PolicyChoice, SigningKey};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::HealthChange;

/// What is to change of a hook.
enum Edit {
    /// What a person said.
    Fields(Box<HookFields>),
    /// One more signing key, before which the others run out after so long.
    SigningKey(SigningKey, Duration),
}

impl Engine {
    /// Changes what `fields` names. Secrets do not follow a hook to another address: they are cleared unless given
    /// anew. A change of address, credentials or template makes a failing hook due at once; switching on starts healthy.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names the field; [`EngineError::Conflict`] if others changed it all the while.
    pub async fn update_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        fields: HookFields,
    ) -> Result<HookView, EngineError> {
        self.edit(principal, scope, id, &Edit::Fields(Box::new(fields))).await
    }

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
    ) -> Result<Secret<String>, EngineError> {
        let given = match &token {
            Some(text) => hook_input::signing_token(text.expose()).map_err(refused)?,
            None => None,
        };
        let key = given.unwrap_or_else(|| SigningKey {
            key: Secret::new(self.inner.entropy.secret().to_vec()),
            expires_at: None,
        });
        let text = key.format();
        self.edit(principal, scope, id, &Edit::SigningKey(key, overlap)).await?;
        Ok(text)
    }

    /// Reads, changes and writes a hook by compare-and-set, again if a delivery or another person was faster.
    async fn edit(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        edit: &Edit,
    ) -> Result<HookView, EngineError> {
        for _ in 0..EDIT_TRIES_MAX {
            let before = self.hook_for(principal, ADMINISTER_HOOKS, scope, id).await?;
            let after = self.edited(&before, edit).await?;
            let health = self.moved_by_edit(&before, &after);
            if let Some((hook, waiting)) = self.write_edit(after, health).await? {
                return Ok(self.view(hook, waiting));
            }
        }
        Err(StoreError::Stale.into())
    }

    /// The hook after an edit.
    async fn edited(&self, before: &Hook, edit: &Edit) -> Result<Hook, EngineError> {
        let fields = match edit {
            Edit::Fields(fields) => fields,
            Edit::SigningKey(key, overlap) => {
                let signing_keys = rotated(&before.signing_keys, key, self.inner.clock.now(), *overlap)?;
                return Ok(Hook { signing_keys, ..before.clone() });
            }
        };
        let hook = self.moved(before, fields)?;
        if hook.url != before.url || hook.url_variables != before.url_variables {
            self.judge_url(&hook).await?;
        }
        fields.apply(hook)
    }

    /// Writes an edit and tells of it; `None` if somebody was faster.
    async fn write_edit(
        &self,
        after: Hook,
        health: Option<HealthChange>,
    ) -> Result<Option<(Hook, u64)>, EngineError> {
        let inner = self.inner.clone();
        completed(async move {
            let hook = match inner.store.update_hook(after, health).await {
                Ok(hook) => hook,
                Err(StoreError::Stale) => return Ok(None),
                Err(other) => return Err(other.into()),
            };
            inner.dispatch.hook_written(&hook);
            // Only a banner tells how many wait, and a number that cannot be read harms nobody.
            let waiting = inner.store.waiting_count(hook.id).await.unwrap_or(0);
            inner.watch.hook_moved(&hook, waiting, None);
            Ok(Some((hook, waiting)))
        })
        .await
    }

    /// How an edit moves the hook's health, if it does.
    fn moved_by_edit(&self, before: &Hook, after: &Hook) -> Option<HealthChange> {
        let signal = edit_signal(before, after)?;
        let step = health::step(&before.health, signal, self.inner.clock.now(), &self.policy(after));
        (step.record.version != before.health.version).then_some(HealthChange {
            hook: before.id,
            seen_version: before.health.version,
            record: step.record,
            transition: step.transition,
        })
    }
}

/// What an edit means to the hook's health: the strongest of what it changed.
fn edit_signal(before: &Hook, after: &Hook) -> Option<Signal<'static>> {
    let request = |hook: &Hook| {
        let secrets = (hook.token.clone(), hook.signing_keys.clone(), hook.custom_headers.clone());
        (hook.url.clone(), hook.url_variables.clone(), secrets, hook.template.clone())
    };
    if after.enabled.is_on() && !before.enabled.is_on() {
        Some(Signal::SwitchedOn)
    } else if after.failure_policy == PolicyChoice::Off && before.failure_policy != PolicyChoice::Off {
        Some(Signal::PolicyOff)
    } else if request(before) != request(after) || before.certificate_check != after.certificate_check {
        Some(Signal::Edited)
    } else {
        None
    }
}

/// The keys after `newest` was added: it comes first; the others run out after `overlap`, or earlier if they did so
/// already; those that ran out go.
fn rotated(
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
