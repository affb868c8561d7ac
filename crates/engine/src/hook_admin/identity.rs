//! The certificate that a hook's requests show: whether it can be used, and what is told of it.

use crate::{Engine, EngineError};
use wigwag_base::Timestamp;
use wigwag_hooks::Hook;
use wigwag_ports::egress::IdentityError;

/// What may be told of a client certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientCertificate {
    /// Whom it names.
    pub subject: String,
    /// From when on receivers refuse it.
    pub expires_at: Timestamp,
}

impl Engine {
    /// Whether a hook's certificate and key can be shown to receivers.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `client_certificate` or `client_key`.
    pub(super) fn judge_identity(&self, hook: &Hook) -> Result<(), EngineError> {
        let Some(own) = &hook.client_identity else { return Ok(()) };
        let read = self.inner.egress.identity(&own.certificate, &own.key);
        let identity = read.map_err(|error| EngineError::Invalid {
            field: match error {
                IdentityError::Certificate(_) => "client_certificate",
                IdentityError::Key(_) | IdentityError::Mismatch => "client_key",
            },
            rule: error.to_string(),
        })?;
        if identity.expires_at <= self.inner.clock.now() {
            let rule = "has ended, so that receivers would refuse it; give one that is valid".into();
            return Err(EngineError::Invalid { field: "client_certificate", rule });
        }
        Ok(())
    }

    /// What may be told of a hook's certificate, if it has one.
    pub(super) fn client_certificate(&self, hook: &Hook) -> Option<ClientCertificate> {
        let own = hook.client_identity.as_ref()?;
        let identity = self.inner.egress.identity(&own.certificate, &own.key).ok()?;
        Some(ClientCertificate { subject: identity.subject.clone(), expires_at: identity.expires_at })
    }
}
