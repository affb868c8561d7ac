//! How many results are written at once.

use crate::limits::{
    RECORD_COMMITS, RECORD_COMPANY, RECORDS_PER_COMMIT_MAX, RECORDS_PER_COMMIT_MIN,
    RECORDS_PER_HURRIED_COMMIT_MIN,
};

/// What there is to write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Whether somebody waits for any of it.
    pub(super) hurries: bool,
    /// How many results wait.
    pub(super) waiting: usize,
}

impl Pace {
    /// How many one transaction writes even while new events wait for it.
    pub(super) fn at_least(self) -> usize {
        let least = if self.hurries { RECORDS_PER_HURRIED_COMMIT_MIN } else { RECORDS_PER_COMMIT_MIN };
        (self.waiting / RECORD_COMMITS).clamp(least, RECORDS_PER_COMMIT_MAX)
    }

    /// How many it may write while none do.
    pub(super) fn offers(self) -> usize {
        self.at_least().max(RECORD_COMPANY)
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;

    #[test]
    fn the_more_wait_the_more_are_written_at_once() {
        let check = |hurries, at_least: [usize; 3], offers: [usize; 3]| {
            let paces = [1, 800, 100_000].map(|waiting| Pace { hurries, waiting });
            assert_eq!(paces.map(Pace::at_least), at_least);
            assert_eq!(paces.map(Pace::offers), offers);
        };
        check(false, [4, 100, 512], [64, 100, 512]);
        check(true, [32, 100, 512], [64, 100, 512]);
    }
}
