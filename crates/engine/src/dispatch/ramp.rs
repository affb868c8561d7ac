use crate::limits::RECOVERIES_PER_SECOND_MAX;
use wigwag_base::Timestamp;

/// How many requests a hook gets at once after it recovered: 1 until the first success, 1 for the next 32, then
/// doubling every 32, until the hook's own limit is reached. No thundering herd.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Ramp {
    /// Successes since the recovery; `None` while there was none to recover from.
    successes: Option<u32>,
}

/// Successes at one width of the ramp.
const STEP: u32 = 32;

impl Ramp {
    /// The hook stopped working, or was let in again by somebody: begin anew.
    pub(super) fn restart(&mut self) {
        self.successes = Some(0);
    }

    /// A request succeeded.
    pub(super) fn succeeded(&mut self, width_max: usize) {
        if let Some(successes) = self.successes {
            self.successes = Some(successes + 1);
            if self.width(width_max) >= width_max {
                self.successes = None;
            }
        }
    }

    /// How many requests may be under way.
    pub(super) fn width(self, width_max: usize) -> usize {
        match self.successes {
            None => width_max,
            Some(successes) => {
                let doublings = successes.saturating_sub(1) / STEP;
                width_max.min(1usize.checked_shl(doublings).unwrap_or(width_max))
            }
        }
    }
}

/// Whether another half-open hook may be tried in this second.
pub(super) fn may_probe(probes: &mut (i64, u32), now: Timestamp) -> bool {
    if probes.0 != now.as_secs() {
        *probes = (now.as_secs(), 0);
    }
    probes.1 += 1;
    #[cfg(feature = "planted-faults")]
    if crate::faults::planted("stampede") {
        return true;
    }
    probes.1 <= RECOVERIES_PER_SECOND_MAX
}

#[cfg(test)]
mod tests {
    use super::Ramp;

    #[test]
    fn doubles_every_32_successes_after_the_first() {
        let mut ramp = Ramp::default();
        assert_eq!(ramp.width(64), 64);
        ramp.restart();
        let mut widths = Vec::new();
        for _ in 0..194 {
            widths.push(ramp.width(64));
            ramp.succeeded(64);
        }
        let at = |n: usize| widths[n];
        assert_eq!([at(0), at(1), at(32), at(33), at(64), at(65), at(97)], [1, 1, 1, 2, 2, 4, 8]);
        assert_eq!([at(129), at(161), at(192), at(193)], [16, 32, 32, 64]);
    }
}
