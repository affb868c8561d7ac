use super::ledger::Ledger;
use crate::verdict::Verdict;
use std::time::Duration;

/// Examples of a fault that are printed.
const SHOWN: usize = 5;

/// Holds what was acknowledged against what arrived. Nothing acknowledged is red too: then nothing was shown.
pub(super) fn judge(ledger: &Ledger, kills: u32, took: Duration) -> Verdict {
    let figures = ledger.figures();
    println!(
        "kills {kills}, acked {}, lost {}, requests {}, repeated events {}, arrived without an answer {}, other id or bytes {}, {} s",
        figures.acknowledged,
        figures.lost.len(),
        figures.requests,
        figures.repeated,
        figures.unacknowledged_but_arrived,
        figures.mismatches.len(),
        took.as_secs()
    );
    for number in figures.lost.iter().take(SHOWN) {
        println!("  lost: event {number} was acknowledged and never arrived");
    }
    for mismatch in figures.mismatches.iter().take(SHOWN) {
        println!("  {mismatch}");
    }
    if figures.acknowledged > 0 && figures.lost.is_empty() && figures.mismatches.is_empty() {
        println!("durable: green");
        Verdict::Green
    } else {
        println!("durable: RED");
        Verdict::Red
    }
}
