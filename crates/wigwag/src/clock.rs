use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use wigwag_base::Timestamp;
use wigwag_ports::Clock;

/// The machine's clock, held at the highest time it ever told: due times never run backwards.
pub(crate) struct SystemClock {
    highest_ms: AtomicI64,
}

impl SystemClock {
    /// A clock that tells no time before `high_water`, which the store kept over the restart.
    pub(crate) fn after(high_water: Timestamp) -> Self {
        Self { highest_ms: AtomicI64::new(high_water.as_millis()) }
    }

    /// What the machine says, without regard to what was told before.
    pub(crate) fn machine() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let machine = Self::machine().as_millis();
        let before = self.highest_ms.fetch_max(machine, Ordering::Relaxed);
        Timestamp::from_millis(machine.max(before))
    }
}

#[cfg(test)]
mod tests {
    use super::SystemClock;
    use wigwag_base::Timestamp;
    use wigwag_ports::Clock;

    #[test]
    fn never_tells_an_earlier_time_than_the_store_remembers() {
        let ahead = Timestamp::from_millis(SystemClock::machine().as_millis() + 3_600_000);
        assert_eq!(SystemClock::after(ahead).now(), ahead);
    }
}
