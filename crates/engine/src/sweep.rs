//! What is done now and then: retention, limits of what waits, the clock's high-water mark, a look at the disk.

use crate::Engine;
use crate::dispatch::Message;
use crate::limits::{SWEEP_EVERY, SWEEP_ROWS, WAITING_SWEEP_EVERY};
use std::sync::atomic::Ordering;
use wigwag_ports::deliveries::WaitingHook;

/// Runs until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        let mut waiting_at = engine.inner.clock.now();
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            let now = engine.inner.clock.now();
            let mut swept = turn(&engine).await;
            if swept.is_ok() && now.since(waiting_at) >= WAITING_SWEEP_EVERY {
                waiting_at = now;
                swept = turn_of_waiting(&engine).await;
            }
            if let Err(error) = swept {
                tracing::warn!(%error, "the sweep waits for the store");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}

/// One bounded turn.
async fn turn(engine: &Engine) -> Result<(), wigwag_ports::StoreError> {
    let inner = &engine.inner;
    let status = inner.store.ready().await?;
    inner.disk_free_percent.store(status.disk_free_percent.unwrap_or(100), Ordering::Relaxed);
    let now = inner.clock.now();
    inner.store.time_high_water(now).await?;
    inner.store.prune(now - inner.settings.retention).await?;
    Ok(())
}

/// Holds what waits against its limits of age and number, and tells the dispatcher the true numbers.
async fn turn_of_waiting(engine: &Engine) -> Result<(), wigwag_ports::StoreError> {
    let inner = &engine.inner;
    let now = inner.clock.now();
    for waiting in inner.store.waiting_hooks().await? {
        let (age, max) = (inner.settings.waiting_age_max, inner.settings.waiting_per_hook_max);
        let expired = inner.store.expire(waiting.hook, now - age, max, SWEEP_ROWS).await?;
        if expired > 0 {
            tracing::warn!(
                hook = waiting.hook.0,
                deliveries = expired,
                "expired what waited beyond the limits"
            );
        }
        inner.dispatch.tell(Message::Waiting(WaitingHook {
            count: waiting.count - expired.min(waiting.count),
            ..waiting
        }));
        if waiting.count * 2 >= max {
            tracing::warn!(
                hook = waiting.hook.0,
                deliveries = waiting.count,
                "half of what may wait is waiting"
            );
        }
    }
    Ok(())
}
