//! Keeps what was seen and judges it.

use crate::verdict::Verdict;
use std::collections::BTreeMap;
use std::time::Duration;

/// The promise: within this time on the node that is asked.
const NODE_WITHIN: Duration = Duration::from_millis(100);
/// The promise for the whole cluster and its clients, and the longest that any single try may take on a busy machine.
const ALL_WITHIN: Duration = Duration::from_secs(1);

/// One try of one way.
pub(super) struct Trial {
    /// Until the node said off; none where there is no node.
    pub(super) node: Option<Duration>,
    /// Until the client said off.
    pub(super) client: Option<Duration>,
    /// What else was promised and not kept.
    pub(super) broken: Option<String>,
}

/// The audit log at the end.
pub(super) struct Audit {
    pub(super) rows: u64,
    pub(super) intact: bool,
}

/// Every try, by way.
#[derive(Default)]
pub(super) struct Ledger(BTreeMap<usize, (&'static str, Vec<Trial>)>);

impl Ledger {
    pub(super) fn note(&mut self, way: &'static str, trial: Trial) {
        let place =
            self.0.iter().find(|(_, (name, _))| *name == way).map_or(self.0.len(), |(place, _)| *place);
        self.0.entry(place).or_insert((way, Vec::new())).1.push(trial);
    }

    /// Prints the figures and the verdict.
    pub(super) fn judge(&self, audit: Audit, took: Duration) -> Verdict {
        let mut broken = Vec::new();
        println!("{:<62} {:>5}  {:>19}  {:>19}", "way", "tries", "node p50/max ms", "client p50/max ms");
        for (way, trials) in self.0.values() {
            let node: Vec<Duration> = trials.iter().filter_map(|trial| trial.node).collect();
            let client: Vec<Duration> = trials.iter().filter_map(|trial| trial.client).collect();
            println!("{way:<62} {:>5}  {:>19}  {:>19}", trials.len(), told(&node), told(&client));
            broken
                .extend(trials.iter().filter_map(|t| t.broken.as_ref()).map(|what| format!("{way}: {what}")));
            if median(&node).is_some_and(|median| median > NODE_WITHIN) && !way.starts_with("terminal") {
                broken.push(format!("{way}: the node takes more than {} ms", NODE_WITHIN.as_millis()));
            }
            if node.iter().chain(&client).any(|one| *one > ALL_WITHIN) {
                broken.push(format!("{way}: one try took more than {} ms", ALL_WITHIN.as_millis()));
            }
        }
        if !audit.intact {
            broken.push("the audit log is not intact".into());
        }
        let tries: usize = self.0.values().map(|(_, trials)| trials.len()).sum();
        println!(
            "ways {}, tries {tries}, promises broken {}, audit rows {} intact {}, {} s",
            self.0.len(),
            broken.len(),
            audit.rows,
            audit.intact,
            took.as_secs()
        );
        broken.iter().for_each(|what| println!("BROKEN {what}"));
        if broken.is_empty() { Verdict::Green } else { Verdict::Red }
    }
}

fn told(times: &[Duration]) -> String {
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    match (median(times), times.iter().max()) {
        (Some(median), Some(max)) => format!("{} / {}", ms(median), ms(*max)),
        _ => "-".into(),
    }
}

fn median(times: &[Duration]) -> Option<Duration> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::{Audit, Ledger, Trial};
    use crate::verdict::Verdict;
    use std::time::Duration;

    #[test]
    fn the_judge_sees_what_is_late_what_is_broken_and_a_changed_log() {
        let check = |node_ms: u64, client_ms: u64, broken: Option<&str>, intact, is| {
            let mut ledger = Ledger::default();
            let trial = || Trial {
                node: Some(Duration::from_millis(node_ms)),
                client: Some(Duration::from_millis(client_ms)),
                broken: broken.map(str::to_owned),
            };
            ledger.note("a way", trial());
            ledger.note("a way", trial());
            assert_eq!(ledger.judge(Audit { rows: 1, intact }, Duration::ZERO), is);
        };
        check(100, 1_000, None, true, Verdict::Green);
        check(101, 1_000, None, true, Verdict::Red);
        check(100, 1_001, None, true, Verdict::Red);
        check(1, 1, Some("came back"), true, Verdict::Red);
        check(1, 1, None, false, Verdict::Red);
    }
}
