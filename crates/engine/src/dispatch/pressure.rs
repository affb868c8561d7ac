use crate::limits::{INTAKE_SLOWDOWN_MAX, READY_DELIVERIES_SLOW};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// How much lies ready in memory. Dispatch has priority over intake: above the limit, intake slows down before latency
/// grows without bound.
#[derive(Default)]
pub(crate) struct Pressure {
    ready: AtomicUsize,
    eased: Notify,
}

impl Pressure {
    /// More lies ready.
    pub(crate) fn add(&self, count: usize) {
        self.ready.fetch_add(count, Ordering::Relaxed);
    }

    /// Less lies ready; whoever waits may look again.
    pub(crate) fn sub(&self, count: usize) {
        let before = self.ready.fetch_sub(count, Ordering::Relaxed);
        if before >= READY_DELIVERIES_SLOW && before - count < READY_DELIVERIES_SLOW {
            self.eased.notify_waiters();
        }
    }

    /// Returns when less than the limit lies ready, or after [`INTAKE_SLOWDOWN_MAX`]: what is accepted then waits in
    /// the store, so waiting longer would only punish the innocent.
    pub(crate) async fn room(&self) {
        if self.ready.load(Ordering::Relaxed) < READY_DELIVERIES_SLOW {
            return;
        }
        let eased = self.eased.notified();
        if self.ready.load(Ordering::Relaxed) < READY_DELIVERIES_SLOW {
            return;
        }
        let _ = tokio::time::timeout(INTAKE_SLOWDOWN_MAX, eased).await;
    }
}
