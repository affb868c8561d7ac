//! What an evaluation reads: one value that is never changed, only replaced.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasherDefault;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHasher;
use wigwag_flags::{FlagHandle, FlagName, Snapshot};

use crate::counters::Counters;
use crate::decision::{Decision, Reason, Source};

/// By name, with a hash that is quick and resists nobody: names come from the server's administrators.
pub(crate) type ByName<T> = HashMap<Arc<str>, T, BuildHasherDefault<FxHasher>>;

/// A flag found: where the snapshot keeps it, and where its decisions are counted.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) handle: FlagHandle,
    pub(crate) counters: Arc<Counters>,
}

/// The flags, where they came from, and how old they are.
pub(crate) struct View {
    pub(crate) flags: Snapshot,
    pub(crate) found: Arc<ByName<Found>>,
    /// What the override file switches off; `flags` knows of it.
    pub(crate) file: Arc<BTreeSet<FlagName>>,
    /// `Caller` means that there is no snapshot.
    pub(crate) source: Source,
    /// When the knowledge was still right; `None` while it is live, and where nobody knows.
    pub(crate) right: Option<WhenRight>,
}

/// A moment in the past that may lie before this machine's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct WhenRight {
    /// How old the knowledge was...
    pub(crate) age: Duration,
    /// ...at this moment.
    pub(crate) at: Instant,
}

impl WhenRight {
    pub(crate) fn now() -> Self {
        Self { age: Duration::ZERO, at: Instant::now() }
    }

    fn elapsed(self) -> Duration {
        self.age.saturating_add(self.at.elapsed())
    }
}

impl View {
    /// Decides and counts; `default` if the flag is gone since it was found.
    #[inline]
    pub(crate) fn decide(&self, found: &Found, actors: &[&str], default: bool) -> Decision {
        let decision = self.flags.is_enabled_by(&found.handle, actors, fastrand::f64);
        let reason = Reason::of(&decision.reason);
        found.counters.add(decision.enabled, reason);
        match reason {
            Reason::Unknown | Reason::Override => self.decide_rare(found.handle.name(), reason, default),
            _ => self.decision(decision.enabled, reason),
        }
    }

    /// The decision as a sentence. Counts nothing.
    pub(crate) fn explain(&self, name: &str, actors: &[&str]) -> String {
        let explanation = self.flags.explain(name, actors, fastrand::f64);
        let reason = Reason::of(&explanation.decision.reason);
        let decision = match reason {
            Reason::Unknown | Reason::Override => self.decide_rare(name, reason, false),
            _ => self.decision(explanation.decision.enabled, reason),
        };
        let from = decision.from();
        match decision.reason {
            Reason::NotReady => format!("off because there is no snapshot yet ({from})"),
            Reason::Override => format!("off because an override switches it off ({from})"),
            _ => format!("{explanation} ({from})"),
        }
    }

    /// The answer about a flag that no snapshot knows: `default`, unless an override switches it off.
    pub(crate) fn decide_unknown(&self, name: &str, default: bool) -> Decision {
        let reason = if self.flags.overridden(name) { Reason::Override } else { Reason::Unknown };
        self.decide_rare(name, reason, default)
    }

    fn decide_rare(&self, name: &str, reason: Reason, default: bool) -> Decision {
        match reason {
            Reason::Override if self.file.contains(name) => {
                let source = Source::OverrideFile;
                Decision { enabled: false, reason, source, stale_for: None }
            }
            Reason::Override => self.decision(false, reason),
            _ if self.source == Source::Caller => self.decision(default, Reason::NotReady),
            _ => Decision { source: Source::Caller, ..self.decision(default, Reason::Unknown) },
        }
    }

    #[inline]
    fn decision(&self, enabled: bool, reason: Reason) -> Decision {
        let stale_for = self.right.map(WhenRight::elapsed);
        Decision { enabled, reason, source: self.source, stale_for }
    }
}
