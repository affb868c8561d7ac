//! What waits for the writer, in three lanes, none of which starves.

use super::{Job, Weight};
use crate::limits::{
    GROUP_ADMIN_CALLS_MAX, GROUP_BYTES_MAX, GROUP_ITEMS_MAX, WAITING_BYTES_MAX, WAITING_CALLS_MAX,
};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use wigwag_ports::StoreError;

/// The lanes, in the order in which a group is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lane {
    /// Flags, audit, registry, retention and whatever else is rare.
    Admin,
    /// Results of deliveries.
    Outcomes,
    /// New events.
    Intake,
}

/// Whether calls are taken.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Door {
    Open,
    Closed,
    Failed(String),
}

struct Waiting {
    queues: [VecDeque<Box<dyn Job>>; 3],
    bytes: usize,
    door: Door,
}

/// The queues between callers and the writer.
pub(crate) struct Lanes {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

/// What the writer finds to do.
pub(crate) enum Work {
    /// Calls to commit together, at least one.
    Group(Vec<Box<dyn Job>>),
    /// Closed, and nothing is left.
    End,
}

impl Lanes {
    pub(crate) fn new() -> Self {
        let waiting = Waiting { queues: [const { VecDeque::new() }; 3], bytes: 0, door: Door::Open };
        Self { waiting: Mutex::new(waiting), bell: Condvar::new() }
    }

    /// Puts a call into its lane, or answers it with why not.
    pub(crate) fn push(&self, job: Box<dyn Job>) {
        let mut waiting = self.waiting.lock();
        if let Err(refusal) = waiting.admit(job.as_ref()) {
            drop(waiting);
            job.answer(Err(refusal));
            return;
        }
        waiting.bytes += job.weight().bytes;
        waiting.queues[job.lane() as usize].push_back(job);
        drop(waiting);
        self.bell.notify_one();
    }

    /// Takes no more calls; what waits is still done. Whether it was open before.
    pub(crate) fn close(&self) -> bool {
        let mut waiting = self.waiting.lock();
        let was_open = waiting.door == Door::Open;
        if was_open {
            waiting.door = Door::Closed;
        }
        drop(waiting);
        self.bell.notify_one();
        was_open
    }

    /// Takes no more calls and answers what waits with the reason.
    pub(crate) fn fail(&self, reason: &str) {
        let mut waiting = self.waiting.lock();
        waiting.door = Door::Failed(reason.to_owned());
        waiting.bytes = 0;
        let lost: Vec<_> = waiting.queues.iter_mut().flat_map(std::mem::take).collect();
        drop(waiting);
        for job in lost {
            job.answer(Err(StoreError::Fatal(reason.to_owned())));
        }
        self.bell.notify_one();
    }

    /// Why calls are refused, if they are.
    pub(crate) fn refusal(&self) -> Option<StoreError> {
        self.waiting.lock().refusal()
    }

    /// Waits for something to do.
    pub(crate) fn take(&self) -> Work {
        let mut waiting = self.waiting.lock();
        while waiting.is_empty() {
            if waiting.door != Door::Open {
                return Work::End;
            }
            self.bell.wait(&mut waiting);
        }
        Work::Group(waiting.group())
    }

    /// Whether calls with new events wait.
    pub(crate) fn new_events_wait(&self) -> bool {
        !self.waiting.lock().queues[Lane::Intake as usize].is_empty()
    }

    /// The new events that came since a group was taken, as many as still fit beside its calls.
    pub(crate) fn take_late(&self, jobs: &[Box<dyn Job>]) -> Vec<Box<dyn Job>> {
        let mut filling = Filling::default();
        for job in jobs {
            filling.add(job.weight());
        }
        // One that is too large waits for the next group.
        filling.seen[Lane::Intake as usize] = true;
        let mut waiting = self.waiting.lock();
        waiting.move_lane(
            Lane::Intake,
            &mut filling,
            Share { calls: GROUP_ITEMS_MAX, items: GROUP_ITEMS_MAX },
        );
        let late = filling.jobs;
        waiting.bytes -= late.iter().map(|job| job.weight().bytes).sum::<usize>();
        late
    }
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.queues.iter().all(VecDeque::is_empty)
    }

    fn refusal(&self) -> Option<StoreError> {
        match &self.door {
            Door::Open => None,
            Door::Closed => Some(StoreError::Unavailable("the store is closed".into())),
            Door::Failed(reason) => Some(StoreError::Fatal(reason.clone())),
        }
    }

    fn admit(&self, job: &dyn Job) -> Result<(), StoreError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let calls: usize = self.queues.iter().map(VecDeque::len).sum();
        // A call larger than the limit still fits while nothing else waits.
        let full = self.bytes > 0 && self.bytes + job.weight().bytes > WAITING_BYTES_MAX;
        if full || calls >= WAITING_CALLS_MAX {
            return Err(StoreError::Unavailable("too much waits to be written".into()));
        }
        Ok(())
    }

    /// The next group: first the rare calls, then outcomes and intake by halves; what one lane leaves the other takes.
    fn group(&mut self) -> Vec<Box<dyn Job>> {
        let mut group = Filling::default();
        let all = GROUP_ITEMS_MAX;
        self.move_lane(Lane::Admin, &mut group, Share { calls: GROUP_ADMIN_CALLS_MAX, items: all });
        self.move_lane(Lane::Outcomes, &mut group, Share { calls: all, items: all / 2 });
        self.move_lane(Lane::Intake, &mut group, Share { calls: all, items: all });
        self.move_lane(Lane::Outcomes, &mut group, Share { calls: all, items: all });
        self.bytes -= group.bytes;
        group.jobs
    }

    fn move_lane(&mut self, lane: Lane, group: &mut Filling, share: Share) {
        let queue = &mut self.queues[lane as usize];
        let mut calls = 0;
        while let Some(next) = queue.front() {
            let weight = next.weight();
            let fits = calls < share.calls
                && group.items + weight.items <= share.items
                && group.bytes + weight.bytes <= GROUP_BYTES_MAX;
            // The first of each lane always goes, however large: else it would wait for ever.
            let first = calls == 0 && !group.seen[lane as usize];
            if !fits && !first {
                break;
            }
            group.seen[lane as usize] = true;
            calls += 1;
            group.add(weight);
            group.jobs.extend(queue.pop_front());
        }
    }
}

#[derive(Clone, Copy)]
struct Share {
    calls: usize,
    items: usize,
}

#[derive(Default)]
struct Filling {
    jobs: Vec<Box<dyn Job>>,
    items: usize,
    bytes: usize,
    seen: [bool; 3],
}

impl Filling {
    fn add(&mut self, weight: Weight) {
        self.items += weight.items;
        self.bytes += weight.bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, Lanes, Work};
    use crate::limits::{GROUP_BYTES_MAX, GROUP_ITEMS_MAX};
    use crate::writer::{Group, Job, Weight};
    use std::sync::Arc;
    use std::sync::Mutex;
    use wigwag_ports::StoreError;

    struct Probe {
        lane: Lane,
        weight: Weight,
        answers: Arc<Mutex<Vec<Result<(), StoreError>>>>,
    }

    impl Job for Probe {
        fn lane(&self) -> Lane {
            self.lane
        }
        fn weight(&self) -> Weight {
            self.weight
        }
        fn run(&mut self, _: &mut Group<'_>) -> Result<(), StoreError> {
            Ok(())
        }
        fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
            self.answers.lock().expect("no test panics while holding it").push(committed);
        }
    }

    fn push(
        lanes: &Lanes,
        lane: Lane,
        times: usize,
        items: usize,
        bytes: usize,
    ) -> Arc<Mutex<Vec<Result<(), StoreError>>>> {
        let answers = Arc::default();
        for _ in 0..times {
            lanes.push(Box::new(Probe {
                lane,
                weight: Weight { items, bytes },
                answers: Arc::clone(&answers),
            }));
        }
        answers
    }

    fn take(lanes: &Lanes) -> Vec<Box<dyn Job>> {
        match lanes.take() {
            Work::Group(jobs) => jobs,
            Work::End => Vec::new(),
        }
    }

    fn check_group(lanes: &Lanes, counts: [usize; 3]) {
        let jobs = take(lanes);
        let of = |lane| jobs.iter().filter(|job| job.lane() == lane).count();
        assert_eq!([of(Lane::Admin), of(Lane::Outcomes), of(Lane::Intake)], counts);
    }

    #[test]
    fn no_lane_starves() {
        let lanes = Lanes::new();
        push(&lanes, Lane::Admin, 100, 1, 10);
        push(&lanes, Lane::Outcomes, 30, 64, 10);
        push(&lanes, Lane::Intake, 2000, 1, 10);
        // 64 admin calls, outcomes to half of the items, intake the rest.
        check_group(&lanes, [64, 7, GROUP_ITEMS_MAX - 64 - 7 * 64]);
        check_group(&lanes, [36, 7, GROUP_ITEMS_MAX - 36 - 7 * 64]);
        check_group(&lanes, [0, 8, 512]);
        check_group(&lanes, [0, 8, 436]);
    }

    #[test]
    fn what_one_lane_leaves_the_other_takes() {
        let lanes = Lanes::new();
        push(&lanes, Lane::Outcomes, 20, 64, 10);
        check_group(&lanes, [0, 16, 0]);
        check_group(&lanes, [0, 4, 0]);
        push(&lanes, Lane::Intake, 1500, 1, 10);
        check_group(&lanes, [0, 0, 1024]);
        check_group(&lanes, [0, 0, 476]);
    }

    #[test]
    fn a_call_larger_than_a_group_still_goes() {
        let lanes = Lanes::new();
        push(&lanes, Lane::Intake, 2, 1000, 32 << 20);
        push(&lanes, Lane::Outcomes, 1, 64, 10);
        check_group(&lanes, [0, 1, 1]);
        check_group(&lanes, [0, 0, 1]);
    }

    #[test]
    fn only_new_events_join_late_and_no_more_than_the_group_has_room_for() {
        let lanes = Lanes::new();
        assert!(!lanes.new_events_wait());
        assert_eq!(lanes.take_late(&[]).len(), 0);
        push(&lanes, Lane::Admin, 1, 1, 10);
        push(&lanes, Lane::Outcomes, 1, 64, 10);
        assert!(!lanes.new_events_wait());
        assert_eq!(lanes.take_late(&[]).len(), 0);
        let group = take(&lanes);
        push(&lanes, Lane::Intake, GROUP_ITEMS_MAX, 1, 10);
        assert!(lanes.new_events_wait());
        assert_eq!(lanes.take_late(&group).len(), GROUP_ITEMS_MAX - 65);
        check_group(&lanes, [0, 0, 65]);
        push(&lanes, Lane::Intake, 1, 1, GROUP_BYTES_MAX);
        assert_eq!(lanes.take_late(&group).len(), 0, "too large beside them");
        check_group(&lanes, [0, 0, 1]);
        assert_eq!(lanes.waiting.lock().bytes, 0);
    }

    #[test]
    fn what_waits_is_bounded() {
        let lanes = Lanes::new();
        let answers = push(&lanes, Lane::Intake, 9, 1, 32 << 20);
        let refusal = StoreError::Unavailable("too much waits to be written".into());
        assert_eq!(*answers.lock().expect("not poisoned"), [Err(refusal)]);
        while !take(&lanes).is_empty() && !lanes.waiting.lock().is_empty() {}
        assert_eq!(lanes.waiting.lock().bytes, 0);
    }

    #[test]
    fn a_closed_door_finishes_and_a_failed_one_answers() {
        let lanes = Lanes::new();
        let kept = push(&lanes, Lane::Intake, 1, 1, 1);
        assert!(lanes.close() && !lanes.close());
        let late = push(&lanes, Lane::Intake, 1, 1, 1);
        let closed = StoreError::Unavailable("the store is closed".into());
        assert_eq!(*late.lock().expect("not poisoned"), [Err(closed)]);
        check_group(&lanes, [0, 0, 1]);
        assert!(kept.lock().expect("not poisoned").is_empty());
        assert!(matches!(lanes.take(), Work::End));

        let lanes = Lanes::new();
        let lost = push(&lanes, Lane::Admin, 2, 1, 1);
        lanes.fail("fsync failed");
        let fatal = StoreError::Fatal("fsync failed".into());
        assert_eq!(*lost.lock().expect("not poisoned"), [Err(fatal.clone()), Err(fatal.clone())]);
        assert_eq!(lanes.refusal(), Some(fatal));
        assert!(matches!(lanes.take(), Work::End));
    }
}
