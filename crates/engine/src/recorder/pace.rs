//! How many results are written at once, and whether they may wait for new events before.

use crate::limits::{
    RECORD_COMMITS, RECORD_COMPANY_MAX, RECORDS_PER_COMMIT_MAX, RECORDS_PER_COMMIT_MIN,
    RECORDS_PER_HURRIED_COMMIT_MIN,
};
use std::time::Duration;

/// Whether results may wait for company.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pace {
    /// Yes: nobody waits for them.
    Patient,
    /// No: one that hurries is among them or behind them, or they have waited long enough.
    Hurried,
}

impl Pace {
    /// That of items of which the oldest has waited so long, while so many that hurry are among them or behind them.
    pub(super) fn of(hurrying: usize, oldest: Duration) -> Self {
        if hurrying == 0 && oldest < RECORD_COMPANY_MAX { Self::Patient } else { Self::Hurried }
    }

    /// How many of so many that wait go into one transaction.
    pub(super) fn takes(self, waiting: usize) -> usize {
        let least = match self {
            Self::Patient => RECORDS_PER_COMMIT_MIN,
            Self::Hurried => RECORDS_PER_HURRIED_COMMIT_MIN,
        };
        (waiting / RECORD_COMMITS).clamp(least, RECORDS_PER_COMMIT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::limits::RECORD_COMPANY_MAX;
    use std::time::Duration;

    #[test]
    fn results_wait_for_company_unless_one_hurries_or_they_waited_long() {
        let almost = RECORD_COMPANY_MAX - Duration::from_millis(1);
        assert_eq!(Pace::of(0, almost), Pace::Patient);
        assert_eq!(Pace::of(0, RECORD_COMPANY_MAX), Pace::Hurried);
        assert_eq!(Pace::of(1, Duration::ZERO), Pace::Hurried);
        let check = |pace: Pace, takes: [usize; 3]| {
            assert_eq!([1, 400, 100_000].map(|waiting| pace.takes(waiting)), takes);
        };
        check(Pace::Patient, [4, 50, 512]);
        check(Pace::Hurried, [32, 50, 512]);
    }
}
