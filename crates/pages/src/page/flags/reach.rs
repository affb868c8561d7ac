//! For how many users, groups or projects a change is, in words.

use crate::ask::Ask;
use crate::page::flags::form::Form;
use crate::page::flags::places::Place;
use crate::words::number;
use wigwag_base::Percentage;
use wigwag_engine::EngineError;
use wigwag_engine::flags::{FlagReach, FlagWritten, ReachBy};
use wigwag_flags::{FlagName, FlagState};

/// For how many the change is, of the kind that the form counts.
///
/// # Errors
/// As the engine's.
pub(crate) async fn reach(
    ask: &Ask,
    flag: &FlagName,
    place: &Place,
    form: &Form,
    written: &FlagWritten,
) -> Result<String, EngineError> {
    if let Some(remote) = &place.remote {
        return Ok(format!("Who asks there is known to {} alone, so nobody can be counted.", remote.url));
    }
    let (kind, words_of_kind) = form.counted();
    let after = written.after.clone();
    let reach = ask.engine.flag_reach(&ask.principal, &written.environment, flag, after, kind).await?;
    let by_chance = [&written.before, &written.after].into_iter().flatten().any(by_chance);
    Ok(reach_text(&reach, words_of_kind, by_chance))
}

fn by_chance(state: &FlagState) -> bool {
    state.percentage_of_time.is_some_and(|share| share > Percentage::ZERO && share < Percentage::HUNDRED)
}

/// For how many it is, in a sentence or two.
fn reach_text(reach: &FlagReach, kind: &str, by_chance: bool) -> String {
    let FlagReach { total, before, after, gain, lose, by } = *reach;
    let chance = if by_chance { " The share of calls comes on top: it has no actors to count." } else { "" };
    if total == 0 {
        return format!("No {kind} are known here, so nobody can be counted.{chance}");
    }
    let told = |n: u64| match by {
        ReachBy::Counting => number(n),
        ReachBy::Sampling { .. } if n == 0 => "next to none".into(),
        ReachBy::Sampling { .. } => format!("about {}", number(rounded(n))),
    };
    let of = format!("of {} {kind}", number(total));
    let now = format!("It is on for {} now and for {} then.", told(before), told(after));
    let text = match (gain, lose) {
        (0, 0) => {
            let whom = match after {
                0 => "none of them".into(),
                all if all == total => "all of them".into(),
                some => told(some),
            };
            format!("For the {} {kind} known here nothing changes: it is on for {whom}.", number(total))
        }
        (gain, 0) => format!("This turns it on for {} {of}. {now}", told(gain)),
        (0, lose) => format!("This turns it off for {} {of}. {now}", told(lose)),
        (gain, lose) => format!("This turns it on for {} and off for {} {of}. {now}", told(gain), told(lose)),
    };
    let how = match by {
        ReachBy::Counting => String::new(),
        ReachBy::Sampling { asked } => format!(" Estimated from the first {}.", number(asked)),
    };
    format!("{text}{how}{chance}")
}

/// Three figures are as many as an estimate has.
fn rounded(n: u64) -> u64 {
    let mut unit = 1_u64;
    while n / unit >= 1_000 {
        unit = unit.saturating_mul(10);
    }
    (n + unit / 2) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::{reach_text, rounded};
    use wigwag_engine::flags::{FlagReach, ReachBy};

    #[test]
    fn whom_a_change_reaches_is_told_as_well_as_it_is_known() {
        let check = |[total, before, after, gain, lose]: [u64; 5], by, told: &str| {
            let reach = FlagReach { total, before, after, gain, lose, by };
            assert_eq!(reach_text(&reach, "projects", false), told);
        };
        check(
            [98_000, 3, 12_403, 12_400, 0],
            ReachBy::Counting,
            "This turns it on for 12,400 of 98,000 projects. It is on for 3 now and for 12,403 then.",
        );
        check(
            [10, 10, 2, 0, 8],
            ReachBy::Counting,
            "This turns it off for 8 of 10 projects. It is on for 10 now and for 2 then.",
        );
        check(
            [10, 4, 4, 1, 1],
            ReachBy::Counting,
            "This turns it on for 1 and off for 1 of 10 projects. It is on for 4 now and for 4 then.",
        );
        check(
            [10, 0, 0, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for none of them.",
        );
        check(
            [10, 10, 10, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for all of them.",
        );
        check(
            [10, 4, 4, 0, 0],
            ReachBy::Counting,
            "For the 10 projects known here nothing changes: it is on for 4.",
        );
        check([0; 5], ReachBy::Counting, "No projects are known here, so nobody can be counted.");
        check(
            [1_000_000, 0, 250_123, 250_123, 0],
            ReachBy::Sampling { asked: 200_000 },
            "This turns it on for about 250,000 of 1,000,000 projects. It is on for next to none now and for about 250,000 \
             then. Estimated from the first 200,000.",
        );
    }

    #[test]
    fn an_estimate_has_three_figures() {
        let pairs =
            [(0, 0), (999, 999), (1_004, 1_000), (1_005, 1_010), (12_449, 12_400), (999_950, 1_000_000)];
        for (n, told) in pairs {
            assert_eq!(rounded(n), told);
        }
    }
}
