//! Pushes whose hooks filter branches by an expression: whether it fits is told outside of the dispatcher, since an
//! expression that its owner wrote to be slow would hold up everybody's deliveries.

use super::dispatcher::Dispatcher;
use super::facts::BranchFiltering;
use super::routes::{Arriving, Route};
use super::{HookFacts, Message};
use crate::limits::BRANCH_JUDGES_MAX;
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinError;
use wigwag_hooks::pushed_branch;

/// At most so many are asked at a time.
static JUDGES: Semaphore = Semaphore::const_new(BRANCH_JUDGES_MAX);

/// Asks `judge` about the branch that a payload pushed, where it holds nobody up, when its turn comes.
///
/// # Errors
/// If it panics.
pub(crate) async fn judged<T: Send + 'static>(
    payload: Bytes,
    judge: impl FnOnce(Option<&str>) -> T + Send + 'static,
) -> Result<T, JoinError> {
    let turn = JUDGES.acquire().await;
    let judging = tokio::task::spawn_blocking(move || {
        // Kept to its end, also where nobody waits for that any more.
        let _turn = turn;
        judge(pushed_branch(&payload).as_deref())
    });
    judging.await
}

impl Dispatcher {
    /// Gives the event back if every hook of its route can tell at once whether it wants the branch, or has told it. Else
    /// they are asked, and the event comes again.
    pub(super) fn judge_branches(&mut self, route: &Route, mut arriving: Arriving) -> Option<Arriving> {
        if arriving.other_branch.is_some() {
            return Some(arriving);
        }
        let facts = route.hooks.iter().filter_map(|id| self.lanes.get(id)).map(|lane| &lane.facts);
        let is_slow = |facts: &&Arc<HookFacts>| {
            facts.branch_filtering(&arriving.event.event_type) == BranchFiltering::Slow
        };
        let slow: Vec<Arc<HookFacts>> = facts.filter(is_slow).cloned().collect();
        if slow.is_empty() {
            return Some(arriving);
        }
        self.on_the_way.chains.insert(arriving.event.id);
        let engine = self.engine.clone();
        tokio::spawn(async move {
            let others = judged(arriving.event.payload.clone(), move |branch| {
                let other = slow.iter().filter(|facts| !facts.wants_branch(branch));
                other.map(|facts| facts.hook.id).collect()
            });
            arriving.other_branch = Some(others.await.unwrap_or_default());
            engine.inner.dispatch.tell(Message::ChainKnown(Box::new(arriving)));
        });
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{BRANCH_JUDGES_MAX, JUDGES, judged};
    use bytes::Bytes;
    use std::task::{Context, Waker};

    #[tokio::test]
    async fn branches_are_judged_off_the_runtime_and_in_turn() {
        let payload = Bytes::from_static(b"{\"ref\":\"refs/heads/next\"}");
        let look = |branch: Option<&str>| (branch.map(str::to_owned), std::thread::current().id());
        let (branch, thread) = judged(payload.clone(), look).await.unwrap();
        assert_eq!(branch.as_deref(), Some("next"));
        assert_ne!(thread, std::thread::current().id());

        let all = JUDGES.acquire_many(u32::try_from(BRANCH_JUDGES_MAX).unwrap()).await.unwrap();
        let mut late = std::pin::pin!(judged(payload, look));
        assert!(late.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(JUDGES.available_permits(), 0, "it waits for its turn");
        drop(all);
        assert_eq!(late.await.unwrap().0.as_deref(), Some("next"));
    }
}
