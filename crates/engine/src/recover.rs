//! After a restart: what was accepted and not settled is fanned out again, what waits is woken, and nothing that has a
//! recorded 2xx or a row goes out twice.

use crate::dispatch::{Message, root_of};
use crate::limits::READ_RETRY_AFTER;
use crate::{Engine, EngineError};
use std::sync::atomic::Ordering;
use wigwag_base::EventId;

/// Unsettled events that are read at once.
const PAGE: u32 = 512;

/// Takes up what a former life left. Returns when the hooks that wait are known; the events follow beside new ones, as
/// fast as there is room. No event comes both ways: those up to the lease come from here, later ones from intake.
pub(crate) async fn take_up(engine: &Engine) -> Result<(), EngineError> {
    let inner = &engine.inner;
    for waiting in inner.store.waiting_hooks().await? {
        inner.dispatch.tell(Message::Waiting(waiting));
    }
    for hook in inner.store.failing_hooks().await? {
        let root = root_of(engine, &hook.hook).await?;
        inner.dispatch.tell(Message::Failing(Box::new((hook.hook, root))));
    }
    tokio::spawn(fan_out_again(engine.clone()));
    Ok(())
}

/// Reads on until everything up to the lease is handed over, whatever the store says meanwhile.
async fn fan_out_again(engine: Engine) {
    let inner = &engine.inner;
    let until = inner.lease.accepted_until;
    let (mut after, mut count) = (EventId(0), 0_u64);
    while after < until && !inner.stopping.load(Ordering::Relaxed) {
        let page = match inner.store.unsettled(after, PAGE).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(%error, "what was accepted before the start cannot be read yet");
                tokio::time::sleep(READ_RETRY_AFTER).await;
                continue;
            }
        };
        let Some(last) = page.last() else { break };
        after = last.event.id;
        for unsettled in page.into_iter().filter(|unsettled| unsettled.event.id <= until) {
            count += 1;
            inner.dispatch.accept_again(unsettled).await;
        }
    }
    inner.dispatch.tell(Message::TakenUp);
    if count > 0 {
        tracing::info!(events = count, "took up events that were accepted and not settled");
    }
}
