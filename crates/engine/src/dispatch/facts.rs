use crate::engine::Inner;
use bytes::Bytes;
use std::sync::Arc;
use wigwag_hooks::{BranchMatcher, EventType, Hook, HookHeaders, SecretMask, TemplateError, Trigger};
use wigwag_ports::egress::{EgressError, Identity, Target};

/// A hook prepared for sending: its URL filled and parsed, its keys scheduled, its fixed headers written, once per revision.
pub(crate) struct HookFacts {
    /// The hook as its owner set it. Its `health` is that of the reading; the lane knows better.
    pub(crate) hook: Hook,
    /// Where requests go, or why they cannot.
    pub(crate) target: Result<Arc<Target>, EgressError>,
    /// Whose certificate is shown, if the hook has one.
    pub(crate) identity: Option<Arc<Identity>>,
    /// What is the same in every request.
    pub(crate) headers: HookHeaders,
    /// Its secrets, for what is kept of its answers.
    pub(crate) mask: SecretMask,
    /// The branches whose pushes it wants.
    branches: BranchMatcher,
}

impl HookFacts {
    /// What the limit of requests to one host counts by: host and port.
    pub(crate) fn host_key(&self) -> (String, u16) {
        self.target.as_ref().map_or_else(|_| (String::new(), 0), |target| (target.host.clone(), target.port))
    }

    /// Prepares `hook`.
    pub(crate) fn new(inner: &Inner, hook: Hook) -> Arc<Self> {
        Arc::new(Self {
            target: inner.egress.target(&hook.full_url()),
            // It could be read when it was written.
            identity: hook
                .client_identity
                .as_ref()
                .and_then(|own| inner.egress.identity(&own.certificate, &own.key).ok()),
            headers: HookHeaders::new(&hook),
            mask: SecretMask::of(&hook),
            // It was checked when it was written.
            branches: hook.branch_filter.compiled().unwrap_or(BranchMatcher::ALL),
            hook,
        })
    }

    /// Whether the branch of an event is one that the hook wants. Only pushes have one.
    pub(crate) fn wants_branch(&self, event_type: &EventType, payload: &[u8]) -> bool {
        self.branches.passes_all()
            || Trigger::of_event_type(event_type.as_str()) != Some(Trigger::Push)
            || self.branches.passes(payload)
    }

    /// What goes out for a payload.
    pub(crate) fn body(&self, payload: &Bytes) -> Result<Bytes, TemplateError> {
        match &self.hook.template {
            Some(template) => template.render(payload),
            None => Ok(payload.clone()),
        }
    }
}
