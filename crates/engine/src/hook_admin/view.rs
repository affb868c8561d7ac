use super::identity::ClientCertificate;
use crate::dispatch::Throttling;
use crate::{Engine, EngineError};
use wigwag_base::Timestamp;
use wigwag_hooks::Hook;
use wigwag_hooks::health::{AlertStatus, alert_status, disabled_until};

/// A hook with what people ask of it beside its fields. Its URL and keys are secrets still: show
/// [`wigwag_hooks::masked_url`], and of a key whether there is one.
#[derive(Clone, PartialEq, Debug)]
pub struct HookView {
    /// The hook.
    pub hook: Hook,
    /// How many of its deliveries wait.
    pub waiting: u64,
    /// GitLab's word for its health.
    pub alert_status: AlertStatus,
    /// Until when it is temporarily disabled, if it is.
    pub disabled_until: Option<Timestamp>,
    /// The certificate that its requests show.
    pub client_certificate: Option<ClientCertificate>,
    /// What holds its deliveries back, if a limit of deliveries a minute does and some wait.
    pub throttling: Option<Throttling>,
}

impl Engine {
    pub(crate) fn view(&self, hook: Hook, waiting: u64) -> HookView {
        let now = self.inner.clock.now();
        let (alert_status, disabled_until) =
            (alert_status(&hook.health, now), disabled_until(&hook.health, now));
        let client_certificate = self.client_certificate(&hook);
        let throttling = self.inner.dispatch.throttling(hook.id, now).filter(|_| waiting > 0);
        HookView { hook, waiting, alert_status, disabled_until, client_certificate, throttling }
    }

    pub(super) async fn counted_view(&self, hook: Hook) -> Result<HookView, EngineError> {
        let waiting = self.inner.store.waiting_count(hook.id).await?;
        Ok(self.view(hook, waiting))
    }
}
