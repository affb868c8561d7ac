use super::kinds::Kind;
use super::ledger::Ledger;
use crate::verdict::Verdict;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// Examples of a fault that are printed.
const SHOWN: usize = 5;

/// What the server says of itself.
#[derive(Default)]
pub(super) struct Claims {
    /// Every delivery of its list: whose, which event, its state.
    pub(super) deliveries: Vec<(Kind, i64, String)>,
    /// The key of every attempt that its log calls successful.
    pub(super) successes: Vec<(Kind, String)>,
}

/// Holds what the server says against what the receivers saw. Nothing acknowledged, or no claim, is red too: then nothing
/// was shown.
pub(super) fn judge(ledger: &Ledger, claims: &Claims, took: Duration) -> Verdict {
    let figures = ledger.figures();
    let mut broken = figures.faults.clone();
    broken.extend(figures.lost.iter().map(|(kind, number)| format!("{kind:?} {number} was never taken")));
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let mut strangers = HashSet::new();
    for (kind, event, state) in &claims.deliveries {
        *states.entry(state).or_default() += 1;
        match ledger.was_taken(*kind, *event) {
            Some(false) if state == "delivered" => {
                broken.push(format!("the list calls {kind:?} {event} delivered, and nobody took it"));
            }
            Some(_) => {}
            None => drop(strangers.insert(*event)),
        }
    }
    let claimed = claims.successes.iter().filter(|(_, key)| !ledger.said_yes(key));
    broken.extend(
        claimed.map(|(kind, key)| format!("the log calls {kind:?} {key} successful, and nobody said so")),
    );
    let expected = figures.acknowledged as usize * Kind::ALL.len();
    let known = claims.deliveries.iter().filter(|(_, event, _)| !strangers.contains(event)).count();
    if known != expected {
        broken.push(format!("the list has {known} deliveries of acknowledged events instead of {expected}"));
    }
    println!(
        "acked {}, kills {}, requests {}, deliveries listed {} {states:?}, attempts called successful {}, arrived without \
         an answer {}, listed without an answer {}",
        figures.acknowledged,
        figures.kills,
        figures.requests,
        claims.deliveries.len(),
        claims.successes.len(),
        figures.unacknowledged_but_arrived,
        strangers.len(),
    );
    println!(
        "lost {}, repeated after success {} (each after a crash or asked for, else broken), promises broken {}, {} s",
        figures.lost.len(),
        figures.repeated,
        broken.len(),
        took.as_secs()
    );
    broken.iter().take(SHOWN).for_each(|what| println!("  BROKEN {what}"));
    let shown = figures.acknowledged > 0 && !claims.successes.is_empty();
    if shown && broken.is_empty() {
        println!("delivery: green");
        Verdict::Green
    } else {
        println!("delivery: RED");
        Verdict::Red
    }
}

#[cfg(test)]
mod tests {
    use super::{Claims, Kind, judge};
    use crate::delivery::ledger::Ledger;
    use crate::receiver::{Receive, Request};
    use crate::verdict::Verdict;
    use std::time::Duration;

    fn ledger(taken: &[Kind]) -> Ledger {
        let ledger = Ledger::default();
        ledger.note_acknowledged(1, 100);
        ledger.open_doors();
        for kind in taken {
            for _ in 0..2 {
                let path = kind.path().to_owned();
                let head = format!("POST {path} HTTP/1.1\r\nIdempotency-Key: {path}\r\n\r\n");
                ledger.receive(&Request { path, head, body: br#"{"number":1}"#.to_vec() });
                ledger.note_kill();
            }
        }
        ledger
    }

    fn claims(states: &[(Kind, &str)], successes: &[&str]) -> Claims {
        Claims {
            deliveries: states.iter().map(|(kind, state)| (*kind, 100, (*state).to_owned())).collect(),
            successes: successes.iter().map(|key| (Kind::Steady, (*key).to_owned())).collect(),
        }
    }

    #[test]
    fn the_judge_sees_what_is_claimed_and_was_not_taken() {
        let all: Vec<(Kind, &str)> = Kind::ALL.map(|kind| (kind, "delivered")).to_vec();
        let check = |ledger, claims, verdict| assert_eq!(judge(&ledger, &claims, Duration::ZERO), verdict);
        check(ledger(&Kind::ALL), claims(&all, &["/steady"]), Verdict::Green);
        check(ledger(&Kind::ALL[1..]), claims(&all, &["/late"]), Verdict::Red);
        check(ledger(&Kind::ALL), claims(&all, &["/steady", "nobody's"]), Verdict::Red);
        check(ledger(&Kind::ALL), claims(&all[1..], &["/steady"]), Verdict::Red);
        check(ledger(&Kind::ALL), claims(&all, &[]), Verdict::Red);
    }
}
