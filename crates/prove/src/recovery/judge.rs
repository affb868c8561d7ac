use super::ledger::Figures;
use crate::verdict::Verdict;
use std::time::Duration;

/// The promise: so many hooks try again in one second of the server's clock.
const PER_SECOND: usize = 64;
/// A second that is measured anywhere may hold the ends of two of the server's.
const PEAK_MAX: usize = 2 * PER_SECOND;
/// Examples of a fault that are printed.
const SHOWN: usize = 5;

/// Prints the figures and the verdict.
pub(super) fn judge(figures: &Figures, unwell: &[String], took: Duration) -> Verdict {
    let rate = figures.hooks as f64 / figures.recovery.as_secs_f64().max(1.0);
    println!(
        "hooks {}, events held {}, lost {}, out of order {}, two at once {}, arrived twice {}; probes while down, most in a \
         second {}; came back, most in a second {}, {rate:.0} a second over {:.1} s, the last {:.1} s after its receiver; \
         requests, most in a second {}; not healthy at the end {}; {} s",
        figures.hooks,
        figures.hooks as u64 * figures.events,
        figures.lost,
        figures.out_of_order,
        figures.overlaps,
        figures.repeated,
        figures.probes_peak,
        figures.recoveries_peak,
        figures.recovery.as_secs_f64(),
        figures.back_after.as_secs_f64(),
        figures.requests_peak,
        unwell.len(),
        took.as_secs()
    );
    unwell.iter().take(SHOWN).for_each(|what| println!("  BROKEN hook {what}"));
    if figures.never_paused > 0 || figures.strangers > 0 {
        println!(
            "recovery: VOID, {} hooks never had a request, {} requests are nobody's",
            figures.never_paused, figures.strangers
        );
        return Verdict::Void;
    }
    let kept = figures.lost == 0 && figures.out_of_order == 0 && figures.repeated == 0 && unwell.is_empty();
    // A recovery that takes a second or two shows nothing of its rate; its peak does.
    let calm = figures.overlaps == 0
        && figures.probes_peak <= PEAK_MAX
        && figures.recoveries_peak <= PEAK_MAX
        && figures.requests_peak as u64 <= PEAK_MAX as u64 * figures.events
        && (figures.hooks <= PEAK_MAX || rate <= PER_SECOND as f64 * 1.1);
    println!("recovery: {}", if kept && calm { "green" } else { "RED" });
    if kept && calm { Verdict::Green } else { Verdict::Red }
}

#[cfg(test)]
mod tests {
    use super::{Figures, judge};
    use crate::verdict::Verdict;
    use std::time::Duration;

    #[test]
    fn the_judge_sees_a_stampede_and_a_loss() {
        let good = || Figures {
            hooks: 1_000,
            events: 4,
            never_paused: 0,
            lost: 0,
            repeated: 0,
            out_of_order: 0,
            overlaps: 0,
            strangers: 0,
            probes_peak: 128,
            recoveries_peak: 128,
            requests_peak: 512,
            recovery: Duration::from_secs(16),
            back_after: Duration::from_secs(17),
        };
        let check = |figures, verdict| assert_eq!(judge(&figures, &[], Duration::ZERO), verdict);
        check(good(), Verdict::Green);
        check(Figures { lost: 1, ..good() }, Verdict::Red);
        check(Figures { repeated: 1, ..good() }, Verdict::Red);
        check(Figures { out_of_order: 1, ..good() }, Verdict::Red);
        check(Figures { overlaps: 1, ..good() }, Verdict::Red);
        check(Figures { probes_peak: 129, ..good() }, Verdict::Red);
        check(Figures { recoveries_peak: 129, ..good() }, Verdict::Red);
        check(Figures { requests_peak: 513, ..good() }, Verdict::Red);
        check(Figures { recovery: Duration::from_secs(14), ..good() }, Verdict::Red);
        check(Figures { never_paused: 1, ..good() }, Verdict::Void);
        assert_eq!(judge(&good(), &["1: paused".into()], Duration::ZERO), Verdict::Red);
    }
}
