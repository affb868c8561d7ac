use super::process::Look;
use super::world::Told;
use crate::verdict::Verdict;
use std::time::Duration;

/// Memory that the server never needs for this, whatever the receivers do.
pub(super) const RESIDENT_BYTES_MAX: u64 = 512 << 20;
/// How much more the second half of the run may need than the first: what allocators and caches take by and by.
const RESIDENT_GROWTH_MAX: f64 = 1.3;
const RESIDENT_GROWTH_BYTES_MAX: u64 = 24 << 20;
/// Requests under way at most, connections kept to receivers at most, and what a server has open by itself.
const FILES_MAX: usize = 1_024 + 1_024 + 256;
/// How many more files the second half may have open than the first.
const FILES_GROWTH_MAX: usize = 64;
/// Examples of a fault that are printed.
const SHOWN: usize = 10;

/// Prints the figures and the verdict.
pub(super) fn judge(looks: &[Look], mut broken: Vec<String>, told: &[Told], took: Duration) -> Verdict {
    let end = looks.last().map_or(Duration::ZERO, |look| look.at);
    let (first, second): (Vec<&Look>, Vec<&Look>) = looks.iter().partition(|look| look.at < end / 2);
    let memory = |looks: &[&Look]| looks.iter().map(|look| look.resident_bytes).max().unwrap_or(0);
    let files = |looks: &[&Look]| looks.iter().map(|look| look.files).max().unwrap_or(0);
    let bound = ((memory(&first) as f64 * RESIDENT_GROWTH_MAX) as u64)
        .max(memory(&first) + RESIDENT_GROWTH_BYTES_MAX);
    if memory(&second) > bound.min(RESIDENT_BYTES_MAX) || memory(&first) > RESIDENT_BYTES_MAX {
        broken.push("its memory grows without a bound".into());
    }
    if files(&second) > (files(&first) + FILES_GROWTH_MAX).min(FILES_MAX) {
        broken.push("its open files grow without a bound".into());
    }
    for one in told {
        println!(
            "  {:<24} {:>5} of {:>5} attempts logged; {}",
            one.name, one.attempts, one.events, one.newest
        );
        if one.attempts != one.events {
            broken.push(format!(
                "{}: {} attempts are in the log instead of {}",
                one.name, one.attempts, one.events
            ));
        }
        broken
            .extend(one.senseless.iter().take(1).map(|words| format!("{}: the log says {words}", one.name)));
    }
    println!(
        "receivers {}, attempts {}; memory at most {} MiB in the first half, {} MiB in the second; open files at most {} and \
         {}; promises broken {}; {} s",
        told.len(),
        told.iter().map(|one| one.attempts).sum::<u64>(),
        memory(&first) >> 20,
        memory(&second) >> 20,
        files(&first),
        files(&second),
        broken.len(),
        took.as_secs()
    );
    broken.iter().take(SHOWN).for_each(|what| println!("  BROKEN {what}"));
    // Nothing told, and nothing broken, shows nothing.
    if broken.is_empty() && !told.is_empty() && told.iter().all(|one| one.events > 0) {
        println!("hostile: green");
        Verdict::Green
    } else {
        println!("hostile: RED");
        Verdict::Red
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Told, judge};
    use crate::verdict::Verdict;
    use std::time::Duration;

    fn looks(mebibytes: [u64; 4], files: [usize; 4]) -> Vec<Look> {
        let look = |(number, (mebibytes, files)): (usize, (u64, usize))| Look {
            at: Duration::from_secs(number as u64),
            resident_bytes: mebibytes << 20,
            files,
        };
        mebibytes.into_iter().zip(files).enumerate().map(look).collect()
    }

    fn told(events: u64, attempts: u64, senseless: &[&str]) -> Vec<Told> {
        let senseless = senseless.iter().map(|words| (*words).to_owned()).collect();
        vec![Told { name: "one", events, attempts, newest: "200: ok".into(), senseless }]
    }

    #[test]
    fn the_judge_sees_growth_gaps_in_the_log_and_words_without_sense() {
        let check = |mebibytes, files, told: Vec<Told>, verdict| {
            assert_eq!(judge(&looks(mebibytes, files), Vec::new(), &told, Duration::ZERO), verdict);
        };
        check([50, 100, 120, 130], [50, 100, 160, 164], told(9, 9, &[]), Verdict::Green);
        check([50, 100, 120, 131], [50, 100, 160, 164], told(9, 9, &[]), Verdict::Red);
        check([50, 513, 100, 100], [50, 100, 100, 100], told(9, 9, &[]), Verdict::Red);
        check([50, 100, 120, 130], [50, 100, 160, 165], told(9, 9, &[]), Verdict::Red);
        check([50, 100, 120, 130], [50, 100, 160, 164], told(9, 8, &[]), Verdict::Red);
        check([50, 100, 120, 130], [50, 100, 160, 164], told(9, 9, &["?"]), Verdict::Red);
        check([50, 100, 120, 130], [50, 100, 160, 164], told(0, 0, &[]), Verdict::Red);
        check([50, 100, 120, 130], [50, 100, 160, 164], Vec::new(), Verdict::Red);
        let broken = vec!["something".into()];
        assert_eq!(judge(&looks([1; 4], [1; 4]), broken, &told(9, 9, &[]), Duration::ZERO), Verdict::Red);
    }
}
