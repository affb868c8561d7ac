use super::load::Took;
use crate::verdict::Verdict;
use std::time::Duration;

/// The promise: the 99th percentile beside trouble is at most this much of that alone.
const RATIO_MAX: f64 = 1.2;
/// In an unoptimised build the server's own work for a thousand hooks fills two shared cores now and then, and every event
/// waits for its turn on them. There the percentile over all rounds may be later by this: a third of what one hanging request
/// takes, for which an event waits where those that hang have taken every slot.
const UNOPTIMISED_LATER_MAX: Duration = Duration::from_secs(1);
/// And the median by this.
const UNOPTIMISED_MEDIAN_LATER_MAX: Duration = Duration::from_millis(250);
/// Requests that must hang beside the healthy hook, else nothing was shown.
const HUNG_MIN: usize = 400;

/// One round.
pub(super) struct Round {
    /// How long events took alone.
    pub(super) alone: Took,
    /// How long they took beside the trouble.
    pub(super) beside: Took,
    /// How many requests hung meanwhile.
    pub(super) hung: usize,
}

/// Prints the figures and the verdict.
pub(super) fn judge(rounds: &[Round], noise: usize, took: Duration) -> Verdict {
    judge_as(rounds, noise, took, if cfg!(debug_assertions) { Build::Unoptimised } else { Build::Release })
}

/// How the server was built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Build {
    Unoptimised,
    Release,
}

fn judge_as(rounds: &[Round], noise: usize, took: Duration, build: Build) -> Verdict {
    for round in rounds {
        println!(
            "  alone {}, beside {}, {:.2} x; acknowledged p99 alone {}, beside {}; {} requests hung",
            told(&round.alone.arrived),
            told(&round.beside.arrived),
            ratio(&round.alone.arrived, &round.beside.arrived),
            ms(percentile(&round.alone.acknowledged, 0.99)),
            ms(percentile(&round.beside.acknowledged, 0.99)),
            round.hung
        );
    }
    let pooled = |of: fn(&Round) -> &Vec<Duration>| {
        let mut all: Vec<Duration> = rounds.iter().flat_map(of).copied().collect();
        all.sort_unstable();
        all
    };
    let (alone, beside) = (pooled(|round| &round.alone.arrived), pooled(|round| &round.beside.arrived));
    let over_all = ratio(&alone, &beside);
    let best = rounds
        .iter()
        .map(|round| ratio(&round.alone.arrived, &round.beside.arrived))
        .fold(f64::INFINITY, f64::min);
    println!(
        "events alone {}, beside {}; p99 alone {}, beside {}, {over_all:.2} x (best round {best:.2} x); noisy events that \
         arrived {noise}; judged as {build:?}; {} s",
        alone.len(),
        beside.len(),
        ms(percentile(&alone, 0.99)),
        ms(percentile(&beside, 0.99)),
        took.as_secs()
    );
    if rounds.is_empty() || noise == 0 || rounds.iter().any(|round| round.hung < HUNG_MIN) {
        println!("fair: VOID, there was no trouble to be beside");
        return Verdict::Void;
    }
    let later = |share| percentile(&beside, share).saturating_sub(percentile(&alone, share));
    let fair = match build {
        Build::Release => over_all <= RATIO_MAX,
        Build::Unoptimised => {
            later(0.99) <= UNOPTIMISED_LATER_MAX && later(0.5) <= UNOPTIMISED_MEDIAN_LATER_MAX
        }
    };
    println!("fair: {}", if fair { "green" } else { "RED" });
    if fair { Verdict::Green } else { Verdict::Red }
}

fn ratio(alone: &[Duration], beside: &[Duration]) -> f64 {
    percentile(beside, 0.99).as_secs_f64() / percentile(alone, 0.99).as_secs_f64().max(1e-6)
}

fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
    sorted.get(place).copied().unwrap_or_default()
}

fn told(sorted: &[Duration]) -> String {
    format!("p50 {} p99 {}", ms(percentile(sorted, 0.5)), ms(percentile(sorted, 0.99)))
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::{Build, Round, Took, judge_as, percentile};
    use crate::verdict::Verdict;
    use std::time::Duration;

    fn times(ms: u64) -> Took {
        Took { arrived: vec![Duration::from_millis(ms); 200], ..Took::default() }
    }

    #[test]
    fn the_judge_knows_late_from_fair_and_fair_from_nothing_shown() {
        let check = |rounds: &[(u64, u64, usize)], noise, build, verdict| {
            let round = |(alone, beside, hung): &(u64, u64, usize)| Round {
                alone: times(*alone),
                beside: times(*beside),
                hung: *hung,
            };
            let rounds: Vec<Round> = rounds.iter().map(round).collect();
            assert_eq!(judge_as(&rounds, noise, Duration::ZERO, build), verdict);
        };
        check(&[(10, 12, 500)], 1, Build::Release, Verdict::Green);
        check(&[(10, 13, 500)], 1, Build::Release, Verdict::Red);
        check(&[(10, 12, 500), (10, 70, 500)], 1, Build::Release, Verdict::Red);
        check(&[(10, 260, 500)], 1, Build::Unoptimised, Verdict::Green);
        check(&[(10, 261, 500)], 1, Build::Unoptimised, Verdict::Red);
        check(&[(10, 12, 500), (10, 12, 500), (10, 1_010, 500)], 1, Build::Unoptimised, Verdict::Green);
        check(&[(10, 12, 500), (10, 12, 500), (10, 1_011, 500)], 1, Build::Unoptimised, Verdict::Red);
        check(&[(10, 10, 3)], 1, Build::Release, Verdict::Void);
        check(&[(10, 10, 500)], 0, Build::Release, Verdict::Void);
        check(&[], 1, Build::Release, Verdict::Void);
    }

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let sorted: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&sorted, 0.99), Duration::from_millis(99));
        assert_eq!(percentile(&sorted, 0.5), Duration::from_millis(50));
        assert_eq!(percentile(&[], 0.99), Duration::ZERO);
    }
}
