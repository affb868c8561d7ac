use super::named::NamedEdit;
use crate::EngineError;
use wigwag_base::Secret;
use wigwag_hooks::hook_input::{self, InputError};
use wigwag_hooks::{BranchStrategy, Hook, Ordering, PolicyChoice, RetryPolicy, Switch, Trigger, WhilePaused};

/// What a person or a client says about a hook; what is `None` stays as it is (or gets its default in a new hook).
#[derive(Clone, Debug, Default)]
pub struct HookFields {
    /// Where requests go. The masked form that answers show stands for the stored one.
    pub url: Option<Secret<String>>,
    /// What is said of parts of the URL.
    pub url_variables: Vec<NamedEdit>,
    /// What is said of headers of the owner's own.
    pub custom_headers: Vec<NamedEdit>,
    /// What is sent instead of the payload; an empty text is none.
    pub template: Option<String>,
    /// How `branch_filter` is read.
    pub branch_strategy: Option<BranchStrategy>,
    /// A pattern over branches; an empty one lets all pass.
    pub branch_filter: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// What people say of it.
    pub description: Option<String>,
    /// Sent verbatim in `X-Gitlab-Token`; an empty text removes it.
    pub token: Option<Secret<String>>,
    /// `whsec_...`, replaces every signing token; an empty text removes them.
    pub signing_token: Option<Secret<String>>,
    /// Triggers that are said to be on or off. Those that hooks of this kind do not have are ignored.
    pub triggers: Vec<(Trigger, Switch)>,
    /// Patterns over event types.
    pub event_types: Option<Vec<String>>,
    /// Whether the receiver's certificate is checked.
    pub certificate_check: Option<Switch>,
    /// A certificate that requests show, in PEM; an empty text removes it with its key.
    pub client_certificate: Option<String>,
    /// Its private key, in PEM; an empty text is none.
    pub client_key: Option<Secret<String>>,
    /// The owner's own switch.
    pub enabled: Option<Switch>,
    /// Whether events go out in their order.
    pub ordering: Option<Ordering>,
    /// Most deliveries a minute; `Some(None)` is no limit.
    pub rate_per_minute: Option<Option<i64>>,
    /// What happens to events that arrive while it is paused.
    pub while_paused: Option<WhilePaused>,
    /// When failures pause and disable it.
    pub failure_policy: Option<PolicyChoice>,
    /// When a failed delivery is tried again; `Some(None)` takes the instance's.
    pub retry_policy: Option<Option<RetryPolicy>>,
}

impl HookFields {
    /// The hook with everything that these fields say but the URL and the named values, which need more than a look.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names the first field that is wrong.
    pub(super) fn apply(&self, mut hook: Hook) -> Result<Hook, EngineError> {
        if let Some(name) = &self.name {
            hook.name = hook_input::name(name).map_err(refused)?;
        }
        if let Some(description) = &self.description {
            hook.description = hook_input::description(description).map_err(refused)?;
        }
        if let Some(token) = &self.token {
            hook.token = hook_input::token(token.expose()).map_err(refused)?;
        }
        if let Some(text) = &self.signing_token {
            let key = hook_input::signing_token(text.expose()).map_err(refused)?;
            hook.signing_keys = key.into_iter().collect();
        }
        if let Some(text) = &self.template {
            hook.template = hook_input::template(text).map_err(refused)?;
        }
        if self.branch_filter.is_some() || self.branch_strategy.is_some() {
            let pattern = self.branch_filter.as_ref().unwrap_or(&hook.branch_filter.pattern);
            let strategy = self.branch_strategy.unwrap_or(hook.branch_filter.strategy);
            hook.branch_filter = hook_input::branch_filter(strategy, pattern).map_err(refused)?;
        }
        if let Some(patterns) = &self.event_types {
            hook.event_types = hook_input::event_types(patterns).map_err(refused)?;
        }
        if let Some(rate) = self.rate_per_minute {
            hook.rate_per_minute = rate.map(hook_input::rate_per_minute).transpose().map_err(refused)?;
        }
        for (trigger, switch) in &self.triggers {
            hook.triggers = match switch {
                Switch::On => hook.triggers.with(*trigger),
                Switch::Off => hook.triggers.without(*trigger),
            };
        }
        hook.triggers = hook.triggers.only_of_kind(hook.scope.kind());
        hook.certificate_check = self.certificate_check.unwrap_or(hook.certificate_check);
        hook.client_identity = hook_input::client_identity(
            hook.client_identity.as_ref(),
            self.client_certificate.as_deref(),
            self.client_key.as_ref(),
        )
        .map_err(refused)?;
        hook.ordering = self.ordering.unwrap_or(hook.ordering);
        hook.enabled = self.enabled.unwrap_or(hook.enabled);
        hook.while_paused = self.while_paused.unwrap_or(hook.while_paused);
        hook.failure_policy = self.failure_policy.unwrap_or(hook.failure_policy);
        if let Some(policy) = &self.retry_policy {
            hook.retry_policy = policy.clone();
        }
        Ok(hook)
    }
}

/// A refused field in the engine's words.
pub(super) fn refused(error: InputError) -> EngineError {
    EngineError::Invalid { field: error.field(), rule: error.rule() }
}
