//! Keeps what was seen and judges it.

use crate::verdict::Verdict;
use std::time::Duration;

/// One evaluation takes nanoseconds; on a machine that others share a thread may sleep in the middle of one. What waits
/// for a network, a disk or a lock takes longer than this.
const EVALUATION_WITHIN: Duration = Duration::from_millis(500);

/// What a phase came to.
pub(super) struct Phase {
    pub(super) name: &'static str,
    /// Decisions held against the reference.
    pub(super) decisions: u64,
    /// Those that were another answer, another reason or of another source; the first of them in words.
    pub(super) wrong: u64,
    pub(super) first_wrong: Option<String>,
}

impl Phase {
    /// Takes a part of it in.
    pub(super) fn add(&mut self, part: &str, of: Phase) {
        self.decisions += of.decisions;
        self.wrong += of.wrong;
        let told = of.first_wrong.map(|what| format!("{part}: {what}"));
        self.first_wrong = self.first_wrong.take().or(told);
    }
}

/// What the watching threads saw.
pub(super) struct Watched {
    pub(super) evaluations: u64,
    pub(super) longest: Duration,
    /// Threads that ended by a panic.
    pub(super) panics: u32,
}

/// Prints the figures and the verdict.
pub(super) fn judge(phases: &[Phase], watched: &Watched, took: Duration) -> Verdict {
    for phase in phases {
        println!("{:<58} decisions {:>8}, wrong {}", phase.name, phase.decisions, phase.wrong);
        phase.first_wrong.iter().for_each(|what| println!("  WRONG {what}"));
    }
    let decisions: u64 = phases.iter().map(|phase| phase.decisions).sum();
    let wrong: u64 = phases.iter().map(|phase| phase.wrong).sum();
    println!(
        "decisions {decisions}, wrong {wrong}; beside them {} evaluations without a pause, longest {:.3} ms, panics {}; {} s",
        watched.evaluations,
        watched.longest.as_secs_f64() * 1e3,
        watched.panics,
        took.as_secs()
    );
    let held = wrong == 0
        && watched.panics == 0
        && watched.longest <= EVALUATION_WITHIN
        && phases.iter().all(|phase| phase.decisions > 0);
    if held { Verdict::Green } else { Verdict::Red }
}

#[cfg(test)]
mod tests {
    use super::{EVALUATION_WITHIN, Phase, Watched, judge};
    use crate::verdict::Verdict;
    use std::time::Duration;

    #[test]
    fn the_judge_sees_a_wrong_decision_a_panic_a_wait_and_an_empty_phase() {
        let check = |decisions, wrong, panics, longest, is| {
            let phase = Phase { name: "a phase", decisions, wrong, first_wrong: None };
            assert_eq!(judge(&[phase], &Watched { evaluations: 1, longest, panics }, Duration::ZERO), is);
        };
        check(1, 0, 0, EVALUATION_WITHIN, Verdict::Green);
        check(1, 1, 0, Duration::ZERO, Verdict::Red);
        check(1, 0, 1, Duration::ZERO, Verdict::Red);
        check(1, 0, 0, EVALUATION_WITHIN + Duration::from_millis(1), Verdict::Red);
        check(0, 0, 0, Duration::ZERO, Verdict::Red);
    }
}
