//! What holds while no request is under way.

use super::dispatcher::Dispatcher;

impl Dispatcher {
    /// Whether, with no request under way, no read and no commit is either: what waits then waits for a time or a person.
    pub(super) fn is_settled(&self) -> bool {
        self.hook_reads == 0
            && self.on_the_way.chains.is_empty()
            && !self.routes.is_loading()
            && self.lanes.values().all(|lane| lane.backlog.is_settled())
    }

    /// While nobody can be reached nobody is told of failing hooks. Where nobody tries any more, since the hooks that did
    /// are gone, switched off or paused, nothing would find the end of that: what was held back is told then. The next
    /// request that reaches nobody holds it back again.
    pub(super) fn end_forsaken_outage(&self) {
        let notices = &self.engine.inner.notices;
        if notices.are_held_back() && self.outage.is_forsaken(self.now()) && self.is_settled() {
            notices.outage_ended();
        }
    }
}
