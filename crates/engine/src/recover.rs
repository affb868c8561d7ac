//! After a restart: what was accepted and not settled is fanned out again, what waits is woken, and nothing that has a
//! recorded 2xx or a row goes out twice.

use crate::dispatch::Message;
use crate::{Engine, EngineError};
use wigwag_base::EventId;

/// Unsettled events that are read at once.
const PAGE: u32 = 512;

/// Takes up what a former life left. Everything is read before the first new event is accepted, so that an event is
/// never fanned out by intake and by recovery both.
pub(crate) async fn take_up(engine: &Engine) -> Result<(), EngineError> {
    let inner = &engine.inner;
    for waiting in inner.store.waiting_hooks().await? {
        inner.dispatch.tell(Message::Waiting(waiting));
    }
    let mut after = EventId(0);
    let mut count = 0_u64;
    loop {
        let page = inner.store.unsettled(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.event.id;
        count += page.len() as u64;
        for unsettled in page {
            inner.dispatch.accept_again(unsettled).await;
        }
    }
    if count > 0 {
        tracing::info!(events = count, "took up events that were accepted and not settled");
    }
    for hook in inner.store.failing_hooks().await? {
        inner.dispatch.tell(Message::HookRead(hook.hook.id, Some(Box::new(hook.hook))));
    }
    Ok(())
}
