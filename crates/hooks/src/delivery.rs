//! A delivery is one event for one hook. Most succeed at once and are known only by their attempt; what waits has a row.
//!
//! ```text
//!                 +-------------------- success ------------------------------+
//!                 |                                                           v
//! pending --> in_flight -- failure, retries left --> retrying --(due)--> in_flight
//!    |            |                                     |
//!    |            +-- failure, none left --> given_up   +-- hook gone --> cancelled
//!    +-- hook paused, hold --> held --(hook may be called)--> in_flight   delivered
//!    |                          +-- limit or age --> expired
//!    +-- hook paused, drop; switched off --> skipped
//! ```

use crate::EventType;
use bytes::Bytes;
use wigwag_base::{EventId, HookId, ProjectId, Timestamp};

/// One event for one hook that waits, or that ended in a way that the log must tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The event.
    pub event: EventId,
    /// The hook.
    pub hook: HookId,
    /// The event's project.
    pub project: ProjectId,
    /// The event's type.
    pub event_type: EventType,
    /// What goes out: the bytes of the first request, whatever is edited later.
    pub body: Bytes,
    /// The event's chain.
    pub chain: Option<[u8; 16]>,
    /// When the event was accepted.
    pub accepted_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts that counted against its retries so far.
    pub attempts: u32,
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// Waits for a free slot; nothing was sent yet.
    Pending,
    /// A request is under way. Never stored: after a restart it is sent again.
    InFlight,
    /// A request failed; the next goes out at `due` or, while the hook is paused, after that.
    Retrying {
        /// When the next request is due.
        due: Timestamp,
    },
    /// Waits for its paused or disabled hook.
    Held,
    /// The receiver answered 2xx.
    Delivered,
    /// Its retries are used up.
    GivenUp,
    /// Was not sent and will not be.
    Skipped(EndReason),
    /// Waited longer than the limits allow.
    Expired(EndReason),
    /// Its hook is gone.
    Cancelled,
}

/// Why a delivery ended without success.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndReason {
    /// The hook was paused or disabled and drops what arrives meanwhile.
    HookPaused,
    /// The owner switched the hook off.
    SwitchedOff,
    /// More than the hook may have waiting.
    TooMany,
    /// Older than what waits may become.
    TooOld,
}

impl EndReason {
    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HookPaused => "hook_paused",
            Self::SwitchedOff => "switched_off",
            Self::TooMany => "too_many",
            Self::TooOld => "too_old",
        }
    }
}

impl DeliveryState {
    /// The stable word that the API, the pages and the stores use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InFlight => "in_flight",
            Self::Retrying { .. } => "retrying",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Skipped(_) => "skipped",
            Self::Expired(_) => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something will still be sent.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Pending | Self::InFlight | Self::Retrying { .. } | Self::Held)
    }
}
