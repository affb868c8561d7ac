use crate::{Engine, EngineError};
use wigwag_access::{Principal, Via};
use wigwag_hooks::{Hook, Switch};
use wigwag_ports::flags::AuditEntry;

impl Engine {
    /// The audit row of an edit after which a receiver's certificate is checked no more, or is again. A new hook begins
    /// with the check.
    pub(super) async fn audit_of_certificate(
        &self,
        principal: &Principal,
        before: Switch,
        after: &Hook,
    ) -> Result<Option<AuditEntry>, EngineError> {
        if before == after.certificate_check {
            return Ok(None);
        }
        let place = match self.place_of(after.scope).await? {
            place if place.is_empty() => "the system".to_owned(),
            place => place,
        };
        let number = if after.id.0 == 0 { "new".to_owned() } else { after.id.to_string() };
        let hook = format!("hook {number} of {place} ({})", after.title());
        let via = if matches!(principal.via, Via::Session(_)) { "page" } else { "api" };
        let word = |switch: Switch| if switch.is_on() { "checks" } else { "does not check" };
        let is = |switch: Switch| format!("{hook} {} its receiver's certificate", word(switch));
        self.audit_entry(principal, via, is(before), is(after.certificate_check)).await.map(Some)
    }
}
