//! Requests that were not proven: each is refused, and the audit log has them without being filled by them.

use crate::Engine;
use crate::limits::FORGERY_AUDIT_EVERY;
use parking_lot::Mutex;
use std::collections::HashMap;
use wigwag_base::Timestamp;
use wigwag_ports::flags::AuditEntry;

/// When a forgery was last written down, by platform, and how many came since.
#[derive(Default)]
pub(crate) struct Forgeries(Mutex<HashMap<&'static str, (Timestamp, u64)>>);

impl Forgeries {
    /// Whether this one is written down, and how many were not before it.
    fn note(&self, platform: &'static str, now: Timestamp) -> Option<u64> {
        let mut noted = self.0.lock();
        match noted.get_mut(platform) {
            Some((at, silent)) if now.since(*at) < FORGERY_AUDIT_EVERY => {
                *silent += 1;
                None
            }
            Some((at, silent)) => {
                *at = now;
                Some(std::mem::take(silent))
            }
            None => {
                noted.insert(platform, (now, 0));
                Some(0)
            }
        }
    }
}

impl Engine {
    /// Writes down that a request was not believed.
    pub(super) async fn note_forgery(&self, platform: &'static str, reason: &str) {
        tracing::warn!(platform, reason, "a request of a chat was refused");
        let now = self.inner.clock.now();
        let Some(silent) = self.inner.forgeries.note(platform, now) else { return };
        let more = if silent == 0 { String::new() } else { format!(" ({silent} more before it)") };
        let row = AuditEntry {
            at: now,
            author: "(nobody)".into(),
            sudo_by: None,
            via: format!("chat:{platform}"),
            flag: None,
            environment: None,
            before: String::new(),
            after: format!("a request was refused: {reason}{more}"),
            reason: None,
        };
        if let Err(error) = self.inner.store.append_audit(vec![row]).await {
            tracing::error!(%error, "a refused request could not be written into the audit log");
        }
    }
}
