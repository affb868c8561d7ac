//! How long to wait before the next attempt.

use std::time::Duration;

use crate::limits::{BACKOFF_FIRST, BACKOFF_MAX, REFUSED_WAIT, STEADY_AFTER};
use crate::trouble::Trouble;

/// Doubles with each failure and begins anew after a stream that lived.
#[derive(Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after a stream that ended by `trouble` when it had lived for `lived`; zero if there was none. `lot` is a
    /// number from 0 up to but not including 1.
    pub(crate) fn after(&mut self, trouble: &Trouble, lived: Duration, lot: f64) -> Duration {
        if lived >= STEADY_AFTER {
            self.failures = 0;
        }
        let ceiling = BACKOFF_FIRST.saturating_mul(1 << self.failures.min(16)).min(BACKOFF_MAX);
        self.failures = self.failures.saturating_add(1);
        let drawn = match trouble.needs_a_person() {
            true => REFUSED_WAIT.mul_f64(0.5 + lot / 2.0),
            false => ceiling.mul_f64(lot),
        };
        // The server's own wish comes first, with jitter on top of it.
        trouble.retry_after().map_or(drawn, |wish| wish.max(drawn) + BACKOFF_FIRST.mul_f64(lot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, retry_after: Option<Duration>) -> Trouble {
        Trouble::Refused { status, says: None, retry_after }
    }

    #[test]
    fn waits_double_up_to_half_a_minute_and_are_drawn_by_lot() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> =
            (0..9).map(|_| backoff.after(&Trouble::Ended, Duration::ZERO, 1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(backoff.after(&Trouble::Ended, Duration::ZERO, 0.5), BACKOFF_MAX / 2);
        for _ in 0..100 {
            backoff.after(&Trouble::Ended, Duration::ZERO, 0.0);
        }
        assert_eq!(backoff.after(&Trouble::Ended, Duration::ZERO, 1.0), BACKOFF_MAX);
    }

    #[test]
    fn a_stream_that_lived_makes_the_next_attempt_the_first() {
        let mut backoff = Backoff::default();
        for _ in 0..5 {
            backoff.after(&Trouble::Ended, STEADY_AFTER - Duration::from_millis(1), 1.0);
        }
        assert_eq!(backoff.after(&Trouble::Ended, STEADY_AFTER, 1.0), BACKOFF_FIRST);
    }

    #[test]
    fn what_a_person_must_mend_is_tried_once_a_minute() {
        let minute = |lot| Backoff::default().after(&refused(401, None), Duration::ZERO, lot);
        assert_eq!((minute(0.0), minute(1.0)), (REFUSED_WAIT / 2, REFUSED_WAIT));
        let busy = refused(503, Some(Duration::from_secs(7)));
        assert_eq!(Backoff::default().after(&busy, Duration::ZERO, 0.0), Duration::from_secs(7));
    }
}
