//! Pushes whose hooks filter branches by an expression: whether it fits is told outside of the dispatcher, since an
//! expression that its owner wrote to be slow would hold up everybody's deliveries.

use super::dispatcher::Dispatcher;
use super::facts::BranchFiltering;
use super::routes::{Arriving, Route};
use super::{HookFacts, Message};
use crate::limits::BRANCH_JUDGES_MAX;
use std::sync::Arc;
use tokio::sync::Semaphore;
use wigwag_hooks::pushed_branch;

/// At most so many are asked at a time.
static JUDGES: Semaphore = Semaphore::const_new(BRANCH_JUDGES_MAX);

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
            let _turn = JUDGES.acquire().await;
            let payload = arriving.event.payload.clone();
            let judged = tokio::task::spawn_blocking(move || {
                let branch = pushed_branch(&payload);
                let other = slow.iter().filter(|facts| !facts.wants_branch(branch.as_deref()));
                other.map(|facts| facts.hook.id).collect()
            });
            arriving.other_branch = Some(judged.await.unwrap_or_default());
            engine.inner.dispatch.tell(Message::ChainKnown(Box::new(arriving)));
        });
        None
    }
}
