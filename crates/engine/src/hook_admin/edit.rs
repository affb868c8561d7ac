use super::signing_tokens::{rotated, without};
use super::url::is_unfilled;
use super::{HookFields, HookView};
use crate::completed::completed;
use crate::limits::EDIT_TRIES_MAX;
use crate::rights::ADMINISTER_HOOKS;
use crate::{Engine, EngineError};
use std::time::Duration;
use wigwag_access::Principal;
use wigwag_base::HookId;
use wigwag_hooks::health::{self, Signal};
use wigwag_hooks::{Hook, HookScope, PolicyChoice, SigningKey};
use wigwag_ports::StoreError;
use wigwag_ports::deliveries::HealthChange;
use wigwag_ports::flags::AuditEntry;

/// What is to change of a hook.
pub(super) enum Edit {
    /// What a person said.
    Fields(Box<HookFields>),
    /// One more signing key, before which the others run out after so long.
    AddSigningKey(SigningKey, Duration),
    /// The signing key of this id goes.
    RemoveSigningKey(String),
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

    /// Reads, changes and writes a hook by compare-and-set, again if a delivery or another person was faster.
    pub(super) async fn edit(
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
            let audit = self.audit_of_certificate(principal, before.certificate_check, &after).await?;
            if let Some((hook, waiting)) = self.write_edit(after, health, audit).await? {
                return Ok(self.view(hook, waiting));
            }
        }
        Err(StoreError::Stale.into())
    }

    /// The hook after an edit.
    async fn edited(&self, before: &Hook, edit: &Edit) -> Result<Hook, EngineError> {
        let fields = match edit {
            Edit::Fields(fields) => fields,
            Edit::AddSigningKey(key, overlap) => {
                let signing_keys = rotated(&before.signing_keys, key, self.inner.clock.now(), *overlap)?;
                return Ok(Hook { signing_keys, ..before.clone() });
            }
            Edit::RemoveSigningKey(key) => {
                let signing_keys = without(&before.signing_keys, key)?;
                return Ok(Hook { signing_keys, ..before.clone() });
            }
        };
        let mut hook = self.moved(before, fields)?;
        hook.enabled = fields.enabled.unwrap_or(hook.enabled);
        let is_other = hook.url != before.url || hook.url_variables != before.url_variables;
        // What lacked values while it was off must have them now.
        if is_other || hook.enabled != before.enabled && is_unfilled(&hook) {
            self.judge_url(&hook).await?;
        }
        let hook = fields.apply(hook)?;
        if hook.client_identity != before.client_identity {
            self.judge_identity(&hook)?;
        }
        Ok(hook)
    }

    /// Writes an edit and tells of it; `None` if somebody was faster.
    async fn write_edit(
        &self,
        after: Hook,
        health: Option<HealthChange>,
        audit: Option<AuditEntry>,
    ) -> Result<Option<(Hook, u64)>, EngineError> {
        let inner = self.inner.clone();
        completed(async move {
            let hook = match inner.store.update_hook(after, health, audit).await {
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
            record: step.record.by_hand(),
            transition: step.transition,
        })
    }
}

/// What an edit means to the hook's health: the strongest of what it changed.
fn edit_signal(before: &Hook, after: &Hook) -> Option<Signal<'static>> {
    let request = |hook: &Hook| {
        let secrets = (hook.token.clone(), hook.signing_keys.clone(), hook.custom_headers.clone());
        let secrets = (secrets, hook.client_identity.clone());
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
