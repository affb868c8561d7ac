use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use wigwag_base::Timestamp;
use wigwag_ports::Clock;

/// The machine's clock, never behind the highest time it ever told: due times never run backwards. When the machine is
/// set back, time goes on from there at its usual pace: held still, it would keep every pause and every retry for ever.
pub(crate) struct SystemClock {
    started: Instant,
    /// What the time was, by the highest that is known, when `started` was.
    highest_at_start_ms: AtomicI64,
}

impl SystemClock {
    /// A clock that tells no time before `high_water`, which the store kept over the restart.
    pub(crate) fn after(high_water: Timestamp) -> Self {
        Self { started: Instant::now(), highest_at_start_ms: AtomicI64::new(high_water.as_millis()) }
    }

    /// What the machine says, without regard to what was told before.
    pub(crate) fn of_machine() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let passed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let at_start_ms = Self::of_machine().as_millis().saturating_sub(passed_ms);
        let before_ms = self.highest_at_start_ms.fetch_max(at_start_ms, Ordering::Relaxed);
        Timestamp::from_millis(at_start_ms.max(before_ms).saturating_add(passed_ms))
    }

    fn machine(&self) -> Timestamp {
        Self::of_machine()
    }
}

#[cfg(test)]
mod tests {
    use super::SystemClock;
    use wigwag_base::Timestamp;
    use wigwag_ports::Clock;

    #[test]
    fn goes_on_from_the_time_that_the_store_remembers_although_the_machine_was_set_back() {
        let ahead = Timestamp::from_millis(SystemClock::of_machine().as_millis() + 3_600_000);
        let clock = SystemClock::after(ahead);
        let mut last = clock.now();
        assert!(last >= ahead);
        while last.since(ahead).as_millis() < 3 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
    }
}
