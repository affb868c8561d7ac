//! What is done now and then: retention, limits of what waits, the clock's high-water mark, a look at the disk.

use crate::dispatch::Message;
use crate::engine::Inner;
use crate::limits::{SWEEP_EVERY, SWEEP_ROWS, SWEEP_SLICES_MAX, WAITING_SWEEP_EVERY};
use crate::{Engine, EngineError, room};
use std::sync::atomic::Ordering;
use wigwag_base::{HookId, Timestamp};
use wigwag_ports::StoreError;
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
            if let Err(StoreError::Fatal(reason)) = &swept {
                return engine.inner.recorder.distrust(reason);
            }
            if let Err(error) = swept {
                tracing::warn!(%error, "the sweep waits for the store");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    });
}

/// One bounded turn.
async fn turn(engine: &Engine) -> Result<(), StoreError> {
    let inner = &engine.inner;
    look_at_room(inner).await?;
    let now = inner.clock.now();
    inner.store.time_high_water(now).await?;
    inner.store.prune(now - inner.settings.retention).await?;
    engine.write_callout_outcomes_now_and_then().await?;
    Ok(())
}

impl Engine {
    /// Looks whether the disk has room for more events. It is done again and again by itself; this is for whoever cannot wait.
    ///
    /// # Errors
    /// The store's; what was seen before still holds.
    pub async fn look_at_room(&self) -> Result<(), EngineError> {
        Ok(look_at_room(&self.inner).await?)
    }

    /// Looks at what waits for each hook. It is done again and again by itself; this is for whoever moves the clock by hand.
    ///
    /// # Errors
    /// The store's; the rest is looked at the next time.
    pub async fn sweep_waiting(&self) -> Result<(), EngineError> {
        Ok(turn_of_waiting(self).await?)
    }
}

/// Remembers whether the disk has room for more events.
async fn look_at_room(inner: &Inner) -> Result<(), StoreError> {
    inner.room.send_replace(room::missing(inner.store.ready().await?));
    Ok(())
}

/// Holds what waits against its limits of age and number, and tells the dispatcher what went.
async fn turn_of_waiting(engine: &Engine) -> Result<(), StoreError> {
    let inner = &engine.inner;
    let now = inner.clock.now();
    let all = inner.store.waiting_hooks().await?;
    // Before anything expires.
    engine.tell_backlogs(&all).await?;
    for waiting in all {
        let expired = expire(engine, waiting.hook, now - inner.settings.waiting_age_max).await?;
        if expired > 0 {
            tracing::warn!(
                hook = waiting.hook.0,
                deliveries = expired,
                "expired what waited beyond the limits"
            );
        }
        inner.dispatch.tell(Message::Recounted {
            waiting: WaitingHook { count: waiting.count - expired.min(waiting.count), ..waiting },
            by: 0 - i64::try_from(expired).unwrap_or(i64::MAX),
        });
    }
    Ok(())
}

/// Ends what waits for a hook beyond its limits, in slices between which others write.
async fn expire(engine: &Engine, hook: HookId, accepted_before: Timestamp) -> Result<u64, StoreError> {
    let inner = &engine.inner;
    let mut expired = 0;
    for _ in 0..SWEEP_SLICES_MAX {
        let max = inner.settings.waiting_per_hook_max;
        let slice = inner.store.expire(hook, accepted_before, max, SWEEP_ROWS).await?;
        expired += slice;
        if slice < u64::from(SWEEP_ROWS) || inner.stopping.load(Ordering::Relaxed) {
            break;
        }
    }
    Ok(expired)
}
