use crate::engine::Inner;
use std::sync::Arc;
use wigwag_hooks::{Hook, HookHeaders};
use wigwag_ports::egress::{EgressError, Target};

/// A hook prepared for sending: its URL parsed, its keys scheduled, its fixed headers written, once per revision.
pub(crate) struct HookFacts {
    /// The hook as its owner set it. Its `health` is that of the reading; the lane knows better.
    pub(crate) hook: Hook,
    /// Where requests go, or why they cannot.
    pub(crate) target: Result<Arc<Target>, EgressError>,
    /// What is the same in every request.
    pub(crate) headers: HookHeaders,
}

impl HookFacts {
    /// What the limit of requests to one host counts by: host and port.
    pub(crate) fn host_key(&self) -> (String, u16) {
        self.target.as_ref().map_or_else(|_| (String::new(), 0), |target| (target.host.clone(), target.port))
    }

    /// Prepares `hook`.
    pub(crate) fn new(inner: &Inner, hook: Hook) -> Arc<Self> {
        Arc::new(Self {
            target: inner.egress.target(hook.url.expose()),
            headers: HookHeaders::new(&hook),
            hook,
        })
    }
}
