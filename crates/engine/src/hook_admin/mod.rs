//! Hooks as their owners administer them: make, read, change, list, delete, re-enable, test.
//!
//! Every call names the scope it was asked in (a project's, a group's or the system's hooks); a hook of another scope
//! does not exist there.

mod audit;
mod edit;
mod fields;
mod identity;
mod named;
mod resend;
mod samples;
mod signing_tokens;
mod url;
mod view;

pub use fields::HookFields;
pub use identity::ClientCertificate;
pub use named::NamedEdit;
pub use signing_tokens::{AddedToken, NewSigningToken, SigningTokenView};
pub use view::HookView;

use crate::completed::completed;
use crate::hook_admin::fields::refused;
use crate::limits::SYSTEM_HOOKS_MAX;
use crate::rates::TestedAt;
use crate::rights::{ADMINISTER_HOOKS, ActionPerScope, READ_HOOKS};
use crate::{Engine, EngineError};
use wigwag_access::Principal;
use wigwag_base::{HookId, Page, PageOf, Secret};
use wigwag_hooks::health::Signal;
use wigwag_hooks::{Attempt, EventType, Hook, HookScope, HookUuid, Switch, Trigger, hook_input};
use wigwag_ports::deliveries::Record;

const MISSING: EngineError = EngineError::NotFound("hook");

impl Engine {
    /// Makes a hook. `fields.url` is required; what else is missing gets its default.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names the field; [`EngineError::Conflict`] above the number of hooks of the scope.
    pub async fn create_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        fields: HookFields,
    ) -> Result<HookView, EngineError> {
        self.allow_hooks(principal, ADMINISTER_HOOKS, scope).await?;
        let url = fields.url.as_ref().map_or("", |url| url.expose());
        let url = Secret::new(hook_input::url_text(url).map_err(refused)?.to_owned());
        let blank = self.blank_hook(scope);
        let hook = Hook { url, enabled: fields.enabled.unwrap_or(blank.enabled), ..blank };
        let hook = self.with_named(hook, false, &fields)?;
        self.judge_url(&hook).await?;
        let hook = fields.apply(hook)?;
        self.judge_identity(&hook)?;
        let count_max = match scope {
            HookScope::Project(_) => self.inner.settings.project_hooks_max,
            HookScope::Group(_) => self.inner.settings.group_hooks_max,
            HookScope::System => SYSTEM_HOOKS_MAX,
        };
        let audit = self.audit_of_certificate(principal, Switch::On, &hook).await?;
        let inner = self.inner.clone();
        let hook = completed(async move {
            let hook = inner.store.create_hook(hook, count_max, audit).await?;
            inner.dispatch.hook_written(&hook);
            Ok(hook)
        });
        Ok(self.view(hook.await?, 0))
    }

    /// One hook.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
    ) -> Result<HookView, EngineError> {
        let hook = self.hook_for(principal, READ_HOOKS, scope, id).await?;
        self.counted_view(hook).await
    }

    /// The hooks of exactly this scope, by id.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for strangers.
    pub async fn hooks(
        &self,
        principal: &Principal,
        scope: HookScope,
        page: Page,
    ) -> Result<PageOf<HookView>, EngineError> {
        self.allow_hooks(principal, READ_HOOKS, scope).await?;
        let PageOf { rows: hooks, page, total } = self.inner.store.hooks_of(scope, page).await?;
        let mut rows = Vec::with_capacity(hooks.len());
        for hook in hooks {
            rows.push(self.counted_view(hook).await?);
        }
        Ok(PageOf { rows, page, total })
    }

    /// Deletes a hook; what waits for it is cancelled, its log stays.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn delete_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
    ) -> Result<(), EngineError> {
        self.hook_for(principal, ADMINISTER_HOOKS, scope, id).await?;
        let inner = self.inner.clone();
        completed(async move {
            inner.store.delete_hook(id).await?;
            inner.dispatch.hook_gone(id, scope);
            inner.watch.hook_gone(id);
            Ok(())
        })
        .await
    }

    /// Re-enables a hook, whatever its health: it starts healthy, and what waits goes out.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn enable_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
    ) -> Result<HookView, EngineError> {
        self.hook_for(principal, ADMINISTER_HOOKS, scope, id).await?;
        let hook = self.move_health(id, Signal::Enable, Record::default()).await?.hook;
        self.counted_view(hook).await
    }

    /// Sends a made-up event now. `trigger` is a trigger's name in the API (`push_events`) or, for a platform's own
    /// types, an event type that the hook's patterns match. A success re-enables the hook; a failure is in the answer.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `trigger`; [`EngineError::TooMany`] above 5 a minute.
    pub async fn test_hook(
        &self,
        principal: &Principal,
        scope: HookScope,
        id: HookId,
        trigger: &str,
    ) -> Result<Attempt, EngineError> {
        let hook = self.hook_for(principal, ADMINISTER_HOOKS, scope, id).await?;
        url::filled(&hook)?;
        let event_type = tested_type(&hook, trigger)?;
        let place = match scope {
            HookScope::Project(project) => {
                self.find_project(wigwag_ports::registry::PathKey::Id(project)).await?
            }
            HookScope::Group(_) | HookScope::System => None,
        };
        let now = self.inner.clock.now();
        self.inner.rates.hook_tests.take(&TestedAt { user: principal.user, scope }, now)?;
        let payload = samples::payload(&event_type, place.as_deref().map(|placed| &placed.project), now);
        self.send_test(&hook, event_type, payload).await
    }

    /// A hook of exactly this scope, if the principal has the right there.
    pub(crate) async fn hook_for(
        &self,
        principal: &Principal,
        actions: ActionPerScope,
        scope: HookScope,
        id: HookId,
    ) -> Result<Hook, EngineError> {
        self.allow_hooks(principal, actions, scope).await?;
        let hook = self.inner.store.hook(id).await?.ok_or(MISSING)?;
        if hook.scope == scope { Ok(hook) } else { Err(MISSING) }
    }

    /// What a hook is before its owner says anything.
    fn blank_hook(&self, scope: HookScope) -> Hook {
        let uuid = HookUuid(self.fresh_uuid());
        Hook::new(scope, uuid, Secret::new(String::new()), self.inner.clock.now())
    }
}

/// The type of the event that a test sends.
fn tested_type(hook: &Hook, trigger: &str) -> Result<EventType, EngineError> {
    let of_kind = Trigger::from_api_name(trigger).filter(|trigger| trigger.exists_for(hook.scope.kind()));
    let text = match of_kind {
        Some(trigger) => Some(trigger.event_type()),
        None if hook.event_types.iter().any(|glob| glob.matches(trigger)) => Some(trigger),
        None => None,
    };
    text.and_then(EventType::new).ok_or_else(|| EngineError::Invalid {
        field: "trigger",
        rule:
            "does not have a valid value; name one such as push_events, or an event type that the hook wants"
                .into(),
    })
}
