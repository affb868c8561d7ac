//! Requests and commands that were refused as a matter of security: the audit log has them without being filled by them.

use crate::Engine;
use crate::limits::{REFUSAL_AUDIT_EVERY, REFUSALS_KEPT_MAX};
use parking_lot::Mutex;
use std::collections::HashMap;
use wigwag_base::Timestamp;
use wigwag_ports::flags::AuditEntry;

/// Why something was refused. Each reason is counted by itself, so that none hides behind another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Refused {
    /// The request is not proven to come from the platform, or from another time.
    Forged,
    /// The very request was answered before.
    Replayed,
    /// Whoever says it is blocked.
    Blocked,
    /// Whoever says it is not known, has too low a role, or says it in another channel than the one for this.
    NotAllowed,
    /// A code that is none.
    WrongCode,
}

/// What was refused: of which platform, why, and of whom; of nobody where nothing is proven.
type Kind = (&'static str, Refused, String);

/// When a refusal of each kind was last written down, and how many came since.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, (Timestamp, u64)>>);

impl Refusals {
    /// Whether this one is written down, and how many were not before it.
    fn note(&self, what: Kind, now: Timestamp) -> Option<u64> {
        let mut noted = self.0.lock();
        if noted.len() >= REFUSALS_KEPT_MAX && !noted.contains_key(&what) {
            noted.retain(|_, (at, _)| now.since(*at) < REFUSAL_AUDIT_EVERY);
        }
        let is_full = noted.len() >= REFUSALS_KEPT_MAX;
        match noted.get_mut(&what) {
            Some((at, silent)) if now.since(*at) < REFUSAL_AUDIT_EVERY => {
                *silent += 1;
                None
            }
            Some((at, silent)) => {
                *at = now;
                Some(std::mem::take(silent))
            }
            // So many at once are no people any more.
            None if is_full => None,
            None => {
                noted.insert(what, (now, 0));
                Some(0)
            }
        }
    }
}

impl Engine {
    /// Writes down that a request or a command of a chat was refused. `who` is whoever says it, empty where that is not
    /// proven; `via` the way it came by.
    pub(crate) async fn note_refused(
        &self,
        (platform, refused): (&'static str, Refused),
        (who, via): (&str, &str),
        reason: &str,
    ) {
        tracing::warn!(platform, who, via, reason, "a chat was refused");
        let now = self.inner.clock.now();
        let Some(silent) = self.inner.refusals.note((platform, refused, who.to_owned()), now) else { return };
        let more = if silent == 0 { String::new() } else { format!(" ({silent} more before it)") };
        let what = match refused {
            Refused::Forged | Refused::Replayed => "a request",
            Refused::Blocked | Refused::NotAllowed => "a command",
            Refused::WrongCode => "a code",
        };
        let row = AuditEntry {
            at: now,
            author: if who.is_empty() { "(nobody)".into() } else { who.to_owned() },
            sudo_by: None,
            via: via.to_owned(),
            flag: None,
            environment: None,
            before: String::new(),
            after: format!("{what} was refused: {reason}{more}"),
            reason: None,
        };
        if let Err(error) = self.inner.store.append_audit(vec![row]).await {
            tracing::error!(%error, "a refusal could not be written into the audit log");
        }
    }
}
