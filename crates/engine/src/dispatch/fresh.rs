use super::lane::OpenEvent;
use std::collections::VecDeque;
use std::sync::Arc;
use wigwag_base::EventId;

/// Deliveries of one hook that no row stands for yet, oldest first, and what they count for in memory.
#[derive(Default)]
pub(super) struct Fresh {
    queue: VecDeque<Arc<OpenEvent>>,
    weight: usize,
}

impl Fresh {
    pub(super) fn push_back(&mut self, open: Arc<OpenEvent>) {
        self.weight += open.weight();
        self.queue.push_back(open);
    }

    /// Puts an event where it belongs by its id; nearly always that is the end.
    pub(super) fn insert(&mut self, open: Arc<OpenEvent>) {
        self.weight += open.weight();
        let place = self.queue.partition_point(|other| other.event.id < open.event.id);
        self.queue.insert(place, open);
    }

    pub(super) fn push_front(&mut self, open: Arc<OpenEvent>) {
        self.weight += open.weight();
        self.queue.push_front(open);
    }

    pub(super) fn pop_front(&mut self) -> Option<Arc<OpenEvent>> {
        let open = self.queue.pop_front()?;
        self.weight -= open.weight();
        Some(open)
    }

    /// The oldest event.
    pub(super) fn first(&self) -> Option<EventId> {
        self.queue.front().map(|open| open.event.id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// What they count for.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    /// Takes the newest away until the rest counts for `keep` at most.
    pub(super) fn spill(&mut self, keep: usize) -> Vec<Arc<OpenEvent>> {
        let mut spilled = Vec::new();
        while self.weight > keep
            && let Some(open) = self.queue.pop_back()
        {
            self.weight -= open.weight();
            spilled.push(open);
        }
        spilled.reverse();
        spilled
    }
}
