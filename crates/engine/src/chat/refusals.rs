//! Requests and commands that were refused as a matter of security: the audit log has them without being filled by them.

use crate::Engine;
use crate::limits::REFUSAL_AUDIT_EVERY;
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

/// What was refused: of which platform, and why.
type Kind = (&'static str, Refused);

/// When a refusal of each kind was last written down, and how many came since.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, (Timestamp, u64)>>);

impl Refusals {
    /// Whether this one is written down, and how many were not before it.
    fn note(&self, what: Kind, now: Timestamp) -> Option<u64> {
        let mut noted = self.0.lock();
        match noted.get_mut(&what) {
            Some((at, silent)) if now.since(*at) < REFUSAL_AUDIT_EVERY => {
                *silent += 1;
                None
            }
            Some((at, silent)) => {
                *at = now;
                Some(std::mem::take(silent))
            }
            None => {
                noted.insert(what, (now, 0));
                Some(0)
            }
        }
    }
}

impl Engine {
    /// Writes down that a request or a command of a chat was refused. `who` is whoever it says it is from, `place` the
    /// channel; both are empty where they are not proven.
    pub(crate) async fn note_refused(
        &self,
        (platform, refused): Kind,
        (who, place): (&str, &str),
        reason: &str,
    ) {
        tracing::warn!(platform, who, place, reason, "a chat was refused");
        let now = self.inner.clock.now();
        let Some(silent) = self.inner.refusals.note((platform, refused), now) else { return };
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
            via: if place.is_empty() {
                format!("chat:{platform}")
            } else {
                format!("chat:{platform}:{place}")
            },
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
