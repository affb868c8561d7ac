//! How often a flag was asked over the last day, and what it said.

use crate::ask::Ask;
use crate::fields::query_string;
use crate::limits::{EXPOSURE_BAR, EXPOSURE_BARS};
use crate::page::flags::href;
use crate::view::When;
use crate::words::number;
use wigwag_base::Timestamp;
use wigwag_engine::EngineError;
use wigwag_engine::flags::{Exposed, ExposureStep};
use wigwag_flags::FlagName;

/// The chart of one environment, with its figures beside it.
pub(crate) struct Exposure {
    pub(crate) environment: String,
    /// The other environments: name, address, whether it is the shown one.
    pub(crate) environments: Vec<(String, String, bool)>,
    /// Since when is counted; none where the flag is not known.
    pub(crate) since: Option<When>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) top: String,
    pub(crate) marks: Vec<String>,
    pub(crate) on: String,
    pub(crate) off: String,
    pub(crate) hours: Vec<Hours>,
    pub(crate) reasons: Vec<ReasonRow>,
    pub(crate) is_empty: bool,
    pub(crate) is_quiet: bool,
}

/// One bar: answers that were on stand below those that were off. Heights are of 100.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) on_y: String,
    pub(crate) on_height: String,
    pub(crate) off_y: String,
    pub(crate) off_height: String,
    pub(crate) title: String,
}

/// A line of the table beside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hours {
    pub(crate) from: String,
    pub(crate) on: String,
    pub(crate) off: String,
}

/// How often for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReasonRow {
    pub(crate) is_on: bool,
    pub(crate) reason: &'static str,
    pub(crate) count: String,
}

/// Reads the field `exposure`, which names the environment.
///
/// # Errors
/// As the engine's.
pub(crate) fn exposure(ask: &Ask, flag: &FlagName) -> Result<Exposure, EngineError> {
    let settings = ask.engine.settings();
    let asked = ask.query.get("exposure").unwrap_or(&settings.environment);
    let known = |name: &str| settings.environments.iter().any(|one| one.name == name);
    let chosen = if known(asked) { asked } else { &settings.environment };
    let address =
        |name: &str| format!("{}?{}#exposure", href(flag.as_str()), query_string(&[("exposure", name)]));
    let environments = settings.environments.iter().map(|one| one.name.as_str());
    let view = match ask.engine.exposures(&ask.principal, chosen, flag.as_str()) {
        // Neither defined nor stored in this environment, or never read from its server: nobody asks for it there.
        Err(EngineError::NotFound(_) | EngineError::Unavailable { .. }) => None,
        view => Some(view?),
    };
    let (series, totals) = view.as_ref().map_or((&[][..], &[][..]), |view| (&view.series, &view.totals));
    let slices = slices(series, ask.now);
    let sum = slices.iter().fold((0, 0), |sum, slice| (sum.0 + slice.0, sum.1 + slice.1));
    let top = crate::view::round_up(slices.iter().map(|(on, off)| on + off).max().unwrap_or(0));
    Ok(Exposure {
        environment: chosen.to_owned(),
        environments: environments.map(|name| (name.to_owned(), address(name), name == chosen)).collect(),
        since: view.as_ref().map(|view| When::new(view.since, ask.now)),
        bars: slices.iter().enumerate().map(|(x, slice)| bar(x, *slice, top, from(ask.now, x))).collect(),
        top: number(top),
        marks: (0..4).map(|quarter| When::clock(from(ask.now, quarter * EXPOSURE_BARS / 4))).collect(),
        on: number(sum.0),
        off: number(sum.1),
        hours: hours(&slices, ask.now),
        reasons: reasons(totals),
        is_empty: totals.is_empty(),
        is_quiet: sum == (0, 0),
    })
}

/// When a bar begins: they end with the one that now lies in.
fn from(now: Timestamp, bar: usize) -> Timestamp {
    let length_ms = EXPOSURE_BAR.as_millis() as i64;
    let present = now.as_millis().div_euclid(length_ms);
    Timestamp::from_millis((present + 1 - EXPOSURE_BARS as i64 + bar as i64) * length_ms)
}

/// Answers on and off in each bar.
fn slices(series: &[ExposureStep], now: Timestamp) -> Vec<(u64, u64)> {
    let mut slices = vec![(0_u64, 0_u64); EXPOSURE_BARS];
    for step in series {
        let at = (step.at.as_millis() - from(now, 0).as_millis()).div_euclid(EXPOSURE_BAR.as_millis() as i64);
        if let Some(slice) = usize::try_from(at).ok().and_then(|at| slices.get_mut(at)) {
            slice.0 = slice.0.saturating_add(step.on);
            slice.1 = slice.1.saturating_add(step.off);
        }
    }
    slices
}

fn bar(x: usize, (on, off): (u64, u64), top: u64, from: Timestamp) -> Bar {
    let share = |n: u64| n as f64 * 100.0 / top.max(1) as f64;
    // An answer that would be thinner than a line is still an answer.
    let seen = |n: u64| if n > 0 { share(n).max(1.5) } else { 0.0 };
    let on_height = seen(on);
    let off_height = seen(off).min(100.0 - on_height);
    Bar {
        x,
        on_y: format!("{:.2}", 100.0 - on_height),
        on_height: format!("{on_height:.2}"),
        off_y: format!("{:.2}", 100.0 - on_height - off_height),
        off_height: format!("{off_height:.2}"),
        title: format!("{}: {} on, {} off", When::clock(from), number(on), number(off)),
    }
}

/// Two hours a line, the newest first.
fn hours(slices: &[(u64, u64)], now: Timestamp) -> Vec<Hours> {
    const BARS_PER_LINE: usize = EXPOSURE_BARS / 12;
    let line = |(index, chunk): (usize, &[(u64, u64)])| Hours {
        from: When::clock(from(now, index * BARS_PER_LINE)),
        on: number(chunk.iter().map(|(on, _)| on).sum()),
        off: number(chunk.iter().map(|(_, off)| off).sum()),
    };
    let mut lines: Vec<Hours> = slices.chunks(BARS_PER_LINE).enumerate().map(line).collect();
    lines.reverse();
    lines
}

fn reasons(totals: &[Exposed]) -> Vec<ReasonRow> {
    let mut totals = totals.to_vec();
    totals.sort_by_key(|one| std::cmp::Reverse(one.count));
    let words = |reason: &'static str| match reason {
        "default" => "by default",
        "boolean" => "for everyone",
        "actors" => "listed by name",
        "percentage_of_actors" => "by the share of actors",
        "percentage_of_time" => "by the share of calls",
        "groups" => "by a named group",
        "off" => "no gate is open",
        "opt_out" => "opted out",
        "dependency" => "a flag it depends on is off",
        "override" => "overridden",
        other => other,
    };
    let row =
        |one: &Exposed| ReasonRow { is_on: one.enabled, reason: words(one.reason), count: number(one.count) };
    totals.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{from, hours, slices};
    use crate::limits::{EXPOSURE_BAR, EXPOSURE_BARS};
    use wigwag_base::Timestamp;
    use wigwag_engine::flags::ExposureStep;

    #[test]
    fn answers_fall_into_their_bars() {
        let now = Timestamp::from_secs(1_900_000_000);
        let at = |bar: i64, on, off| ExposureStep {
            at: Timestamp::from_millis(from(now, 0).as_millis() + bar * EXPOSURE_BAR.as_millis() as i64),
            on,
            off,
        };
        let last = EXPOSURE_BARS as i64 - 1;
        let slices = slices(&[at(0, 1, 2), at(last, 3, 4), at(last + 1, 9, 9), at(-1, 9, 9)], now);
        assert_eq!((slices[0], slices[EXPOSURE_BARS - 1]), ((1, 2), (3, 4)));
        assert_eq!(slices.iter().map(|(on, off)| on + off).sum::<u64>(), 10);
        let lines = hours(&slices, now);
        assert_eq!((lines.len(), lines[0].on.as_str(), lines[11].off.as_str()), (12, "3", "2"));
        assert!(from(now, EXPOSURE_BARS - 1) <= now && now < from(now, EXPOSURE_BARS));
    }
}
