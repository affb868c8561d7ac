use crate::limits::{BACKLOG_READS_MAX, BODIES_BYTES_MAX, BODIES_RETRY_AFTER};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bytes of bodies that dispatching holds: of rows that lie ready, and of requests under way. Above the limit no more are
/// read and no more are sent, so that large bodies fill no memory however many hooks wait for them.
///
/// Receivers that have not shown that they answer share half of it, as they do the slots.
#[derive(Clone)]
pub(super) struct Bodies(Arc<Count>);

struct Count {
    held: AtomicUsize,
    reads: Semaphore,
}

/// Some of these bytes, until it is dropped.
pub(crate) struct HeldBytes {
    bodies: Bodies,
    bytes: usize,
}

/// Whose bodies they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Receiver {
    /// Of one that has answered.
    Proven,
    /// Of one that has still to show that it does.
    Suspect,
}

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Count { held: AtomicUsize::new(0), reads: Semaphore::new(BACKLOG_READS_MAX) }))
    }
}

impl Bodies {
    /// Counts so many more bytes.
    pub(super) fn hold(&self, bytes: usize) -> HeldBytes {
        self.0.held.fetch_add(bytes, Ordering::Relaxed);
        HeldBytes { bodies: self.clone(), bytes }
    }

    /// Whether there is room for another body, however large it is.
    pub(super) fn has_room(&self, receiver: Receiver) -> bool {
        let max = match receiver {
            Receiver::Proven => BODIES_BYTES_MAX,
            Receiver::Suspect => BODIES_BYTES_MAX / 2,
        };
        self.0.held.load(Ordering::Relaxed) < max
    }

    /// Waits for the turn to read some, and for room: what each read brings counts before the turn goes to the next.
    pub(super) async fn turn_to_read(&self, receiver: Receiver) -> SemaphorePermit<'_> {
        loop {
            if let Ok(turn) = self.0.reads.acquire().await
                && self.has_room(receiver)
            {
                return turn;
            }
            tokio::time::sleep(BODIES_RETRY_AFTER).await;
        }
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.bodies.0.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bodies, Receiver};
    use crate::limits::BODIES_BYTES_MAX;

    #[test]
    fn who_has_not_answered_gets_half() {
        let bodies = Bodies::default();
        let check = |proven, suspect| {
            let room = [Receiver::Proven, Receiver::Suspect].map(|receiver| bodies.has_room(receiver));
            assert_eq!(room, [proven, suspect]);
        };
        check(true, true);
        let one = bodies.hold(BODIES_BYTES_MAX / 2 - 1);
        check(true, true);
        let two = bodies.hold(1);
        check(true, false);
        let three = bodies.hold(BODIES_BYTES_MAX / 2);
        check(false, false);
        drop(two);
        check(true, false);
        drop((one, three));
        check(true, true);
    }
}
