use crate::engine::Inner;
use crate::limits::RENDERED_AT_ONCE_BYTES_MAX;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};
#[cfg(feature = "planted-faults")]
use wigwag_base::Secret;
use wigwag_hooks::{
    BranchMatcher, BranchStrategy, EventType, Hook, HookHeaders, Masks, TemplateError, Trigger,
};
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
    /// The branches whose pushes it wants; made when it is first asked.
    branches: OnceLock<BranchMatcher>,
    /// The secrets that no answer and no error may show; made by the first request.
    masks: OnceLock<Masks>,
}

/// What it takes to tell whether a hook wants an event's branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BranchFiltering {
    /// It wants every one, or the event has none.
    None,
    /// A look at the payload.
    Quick,
    /// An expression of its owner's, which may take long: not on the dispatcher's task.
    Slow,
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
            branches: OnceLock::new(),
            masks: OnceLock::new(),
            hook,
        })
    }

    /// What it takes to tell whether the hook wants the branch of an event. Only pushes have one.
    pub(crate) fn branch_filtering(&self, event_type: &EventType) -> BranchFiltering {
        let filter = &self.hook.branch_filter;
        if filter.passes_all() || Trigger::of_event_type(event_type.as_str()) != Some(Trigger::Push) {
            return BranchFiltering::None;
        }
        match filter.strategy {
            BranchStrategy::Regex => BranchFiltering::Slow,
            BranchStrategy::Wildcard | BranchStrategy::AllBranches => BranchFiltering::Quick,
        }
    }

    /// Whether a pushed branch is one that the hook wants.
    pub(crate) fn wants_branch(&self, branch: Option<&str>) -> bool {
        // It was checked when it was written.
        let compile = || self.hook.branch_filter.compiled().unwrap_or(BranchMatcher::All);
        self.branches.get_or_init(compile).passes(branch)
    }

    /// What of the hook's secrets must not be kept of an answer.
    pub(crate) fn masks(&self) -> &Masks {
        let host = self.target.as_ref().ok().map(|target| target.host.as_str());
        self.masks.get_or_init(|| {
            #[cfg(feature = "planted-faults")]
            if crate::faults::planted("keep-echoes") {
                let Hook { scope, uuid, created_at, .. } = self.hook;
                return Masks::new(&Hook::new(scope, uuid, Secret::new(String::new()), created_at), None);
            }
            Masks::new(&self.hook, host)
        })
    }

    /// What goes out for a payload. A long one is made where it holds nobody up.
    pub(crate) async fn body(self: &Arc<Self>, payload: &Bytes) -> Result<Bytes, TemplateError> {
        let Some(template) = &self.hook.template else { return Ok(payload.clone()) };
        if payload.len() <= RENDERED_AT_ONCE_BYTES_MAX {
            return template.render(payload);
        }
        let (facts, payload) = (self.clone(), payload.clone());
        let made = tokio::task::spawn_blocking(move || match &facts.hook.template {
            Some(template) => template.render(&payload),
            None => Ok(payload),
        });
        made.await.unwrap_or_else(|error| Err(TemplateError::Rendered(error.to_string())))
    }
}
