//! How far a request has come, for the words of its deadline.

use std::sync::atomic::{AtomicU8, Ordering};

/// What a request is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Phase {
    Resolving,
    Connecting,
    Handshaking,
    Waiting,
    Reading,
}

impl Phase {
    /// The word in [`wigwag_ports::egress::EgressError::TimedOut`].
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Resolving => "resolving",
            Self::Connecting => "connecting",
            Self::Handshaking => "TLS handshake",
            Self::Waiting => "waiting for the answer",
            Self::Reading => "reading the answer",
        }
    }
}

/// The phase of one request, readable after its future was dropped at the deadline.
pub(crate) struct Progress(AtomicU8);

impl Progress {
    pub(crate) const fn new() -> Self {
        Self(AtomicU8::new(Phase::Resolving as u8))
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn phase(&self) -> Phase {
        [Phase::Resolving, Phase::Connecting, Phase::Handshaking, Phase::Waiting, Phase::Reading]
            [usize::from(self.0.load(Ordering::Relaxed))]
    }
}
