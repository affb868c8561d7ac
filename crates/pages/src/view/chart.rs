use crate::limits::{CHART_SLICE, CHART_SLICES};
use crate::view::When;
use crate::words::number;
use wigwag_base::Timestamp;
use wigwag_ports::log::Figures;

/// Deliveries and failures over time: one bar a slice, one line of the table an hour.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) bars: Vec<Bar>,
    pub(crate) hours: Vec<Hour>,
    /// What the full height stands for.
    pub(crate) top: String,
    /// Labels below: the beginning of each quarter.
    pub(crate) marks: Vec<String>,
    pub(crate) delivered: String,
    pub(crate) failed: String,
    pub(crate) is_empty: bool,
}

/// One slice; heights add up to 100 at most.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) delivered_y: String,
    pub(crate) delivered_height: String,
    pub(crate) failed_y: String,
    pub(crate) failed_height: String,
    pub(crate) title: String,
}

/// One line of the table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hour {
    pub(crate) from: String,
    pub(crate) delivered: String,
    pub(crate) failed: String,
    pub(crate) has_failures: bool,
}

impl Chart {
    /// From when on figures are asked for: so many whole slices back, the present one included.
    pub(crate) fn since(now: Timestamp) -> Timestamp {
        let slice_ms = CHART_SLICE.as_millis() as i64;
        let present = now.as_millis().div_euclid(slice_ms);
        Timestamp::from_millis((present + 1 - CHART_SLICES as i64) * slice_ms)
    }

    /// The figures since [`Chart::since`].
    pub(crate) fn new(figures: &[Figures], now: Timestamp) -> Self {
        let since = Self::since(now);
        let slice_ms = CHART_SLICE.as_millis() as i64;
        let mut slices = vec![(0_u64, 0_u64); CHART_SLICES];
        for figure in figures {
            let at = (figure.from.as_millis() - since.as_millis()).div_euclid(slice_ms);
            if let Some(slice) = usize::try_from(at).ok().and_then(|at| slices.get_mut(at)) {
                slice.0 += figure.succeeded;
                slice.1 += figure.failed;
            }
        }
        let top = round_up(slices.iter().map(|(delivered, failed)| delivered + failed).max().unwrap_or(0));
        let from = |index: usize| Timestamp::from_millis(since.as_millis() + index as i64 * slice_ms);
        let per_hour = (3_600_000 / slice_ms).max(1) as usize;
        let bars =
            slices.iter().enumerate().map(|(index, slice)| bar(index, *slice, top, from(index))).collect();
        let hour = |(index, chunk): (usize, &[(u64, u64)])| {
            let sum = chunk.iter().fold((0, 0), |sum, slice| (sum.0 + slice.0, sum.1 + slice.1));
            Hour {
                from: When::clock(from(index * per_hour)),
                delivered: number(sum.0),
                failed: number(sum.1),
                has_failures: sum.1 > 0,
            }
        };
        let mut hours: Vec<Hour> = slices.chunks(per_hour).enumerate().map(hour).collect();
        hours.reverse();
        let sum = slices.iter().fold((0, 0), |sum, slice| (sum.0 + slice.0, sum.1 + slice.1));
        Self {
            bars,
            hours,
            top: number(top),
            marks: (0..4).map(|quarter| When::clock(from(quarter * CHART_SLICES / 4))).collect(),
            delivered: number(sum.0),
            failed: number(sum.1),
            is_empty: sum == (0, 0),
        }
    }
}

fn bar(index: usize, (delivered, failed): (u64, u64), top: u64, from: Timestamp) -> Bar {
    let share = |n: u64| n as f64 * 100.0 / top.max(1) as f64;
    // A failure that would be thinner than a line is still a failure.
    let failed_height = if failed > 0 { share(failed).max(1.5) } else { 0.0 };
    let delivered_height = share(delivered).min(100.0 - failed_height);
    Bar {
        x: index,
        delivered_y: format!("{:.2}", 100.0 - delivered_height),
        delivered_height: format!("{delivered_height:.2}"),
        failed_y: format!("{:.2}", 100.0 - delivered_height - failed_height),
        failed_height: format!("{failed_height:.2}"),
        title: format!("{}: {} delivered, {} failed", When::clock(from), number(delivered), number(failed)),
    }
}

/// The next 1, 2 or 5 with zeros behind it, so that the top is a number that people like to read.
pub(crate) fn round_up(n: u64) -> u64 {
    let mut step = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let top = step.saturating_mul(factor);
            if top >= n {
                return top;
            }
        }
        step = step.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::{Chart, round_up};
    use crate::limits::CHART_SLICES;
    use wigwag_base::Timestamp;
    use wigwag_ports::log::Figures;

    #[test]
    fn the_top_is_a_round_number() {
        let check = |n, top| assert_eq!(round_up(n), top, "{n}");
        check(0, 1);
        check(1, 1);
        check(3, 5);
        check(11, 20);
        check(999, 1_000);
        check(1_001, 2_000);
        check(u64::MAX, u64::MAX);
    }

    #[test]
    fn figures_fall_into_their_slices() {
        let now = Timestamp::from_secs(1_900_000_000);
        let at = |slice: i64, succeeded, failed| Figures {
            from: Timestamp::from_millis(Chart::since(now).as_millis() + slice * 900_000),
            succeeded,
            failed,
        };
        let last = CHART_SLICES as i64 - 1;
        let chart = Chart::new(&[at(0, 50, 50), at(last, 10, 0), at(last + 1, 9, 9), at(-1, 9, 9)], now);
        assert_eq!(chart.bars.len(), CHART_SLICES);
        assert_eq!(chart.bars[0].delivered_height, "50.00");
        assert_eq!(
            (chart.bars[0].failed_y.as_str(), chart.bars[0].failed_height.as_str()),
            ("0.00", "50.00")
        );
        assert_eq!(chart.bars[CHART_SLICES - 1].delivered_y, "90.00");
        assert_eq!(
            (chart.delivered.as_str(), chart.failed.as_str(), chart.top.as_str()),
            ("60", "50", "100")
        );
        assert_eq!(
            (chart.hours.len(), chart.hours[0].delivered.as_str(), chart.hours[11].failed.as_str()),
            (12, "10", "50")
        );
        assert!(Chart::new(&[], now).is_empty);
    }
}
