//! What samples say of a service.

use super::red_when::RedWhen;
use super::samples::{Sample, Samples};
use crate::limits::{AHEAD_MAX, BLOCKERS_MAX, LABEL_CHARS_MAX, LABELS_SHOWN_MAX, STALE_AFTER};
use crate::listed::listed;
use crate::text::tame;
use crate::trouble::Trouble;
use std::collections::BTreeMap;
use wigwag_ports::monitors::{Blocker, SourceAnswer};

/// How a service's health is told.
pub(super) struct Health {
    /// Whose it is.
    pub(super) service: String,
    /// Which samples stand in the way.
    pub(super) red_when: RedWhen,
    /// Where to read on.
    pub(super) page: Option<String>,
}

/// Judges the samples at `now_s`, seconds since 1970; `ages` are the same series with the time at which each was taken
/// as its value.
///
/// # Errors
/// [`Trouble`] if nothing is red and there is a sample that tells nothing, or none at all.
pub(super) fn judge(
    health: &Health,
    samples: Samples,
    ages: Option<&Samples>,
    now_s: f64,
) -> Result<SourceAnswer, Trouble> {
    if samples.all.is_empty() {
        let words =
            "has no series for its query. Check that the service is scraped, and the query on its own page";
        return Err(Trouble::Untold(words.into()));
    }
    let taken: BTreeMap<&BTreeMap<String, String>, f64> =
        ages.iter().flat_map(|ages| &ages.all).map(|age| (&age.labels, age.value)).collect();
    let mut red = Vec::new();
    let mut untold = None;
    for sample in &samples.all {
        let taken_s = taken.get(&sample.labels).copied().unwrap_or(sample.at_s);
        match worth(sample, taken_s, now_s) {
            Err(why) => untold = untold.or(Some(why)),
            Ok(value) if health.red_when.holds(value) => red.push(sample),
            Ok(_) => {}
        }
    }
    if !red.is_empty() {
        return Ok(SourceAnswer::Blocked(blockers(health, &red)));
    }
    match (untold, samples.warning) {
        (Some(why), _) => Err(Trouble::Untold(why)),
        (None, Some(warning)) => Err(Trouble::Untold(format!(
            "answers with a warning ({warning}), so something may be missing. Look at what it reads from"
        ))),
        (None, None) => Ok(SourceAnswer::Clear),
    }
}

/// The number that a sample tells, or why it tells none.
fn worth(sample: &Sample, taken_s: f64, now_s: f64) -> Result<f64, String> {
    let whose = || labels(&sample.labels);
    let age_s = now_s - taken_s.min(sample.at_s);
    if sample.value.is_nan() {
        return Err(format!(
            "has no number{} but NaN, as of a division by zero. Write the query so that it gives a number at any time",
            whose()
        ));
    }
    if age_s > STALE_AFTER.as_secs_f64() {
        return Err(format!(
            "has a sample{} that is stale: {} old. Check that the service is scraped, and the clocks",
            whose(),
            seconds(age_s)
        ));
    }
    let ahead_s = taken_s.max(sample.at_s) - now_s;
    if ahead_s > AHEAD_MAX.as_secs_f64() {
        return Err(format!(
            "has a sample{} from the future: {} ahead. Check the clocks of both machines",
            whose(),
            seconds(ahead_s)
        ));
    }
    Ok(sample.value)
}

/// `181 s`; what is no time that a server could mean is not written out.
fn seconds(s: f64) -> String {
    if s < 1e9 { format!("{s:.0} s") } else { "decades".into() }
}

fn blockers(health: &Health, red: &[&Sample]) -> Vec<Blocker> {
    let blocker = |sample: &&Sample| Blocker {
        what: format!(
            "{} is red: {}{}, and that is {}",
            health.service,
            sample.written,
            labels(&sample.labels),
            health.red_when
        ),
        url: health.page.clone(),
    };
    listed(red.iter().take(BLOCKERS_MAX).map(blocker).collect(), red.len())
}

/// ` (instance="web-1:80", job="web")`; nothing if there are none.
fn labels(all: &BTreeMap<String, String>) -> String {
    if all.is_empty() {
        return String::new();
    }
    let tame = |text: &str| tame(text, LABEL_CHARS_MAX);
    let shown = all.iter().take(LABELS_SHOWN_MAX);
    let shown = shown.map(|(name, value)| format!("{}={:?}", tame(name), tame(value)));
    let more = all.len().saturating_sub(LABELS_SHOWN_MAX);
    let more = (more > 0).then(|| format!("and {more} more"));
    let shown: Vec<String> = shown.chain(more).collect();
    format!(" ({})", shown.join(", "))
}

#[cfg(test)]
mod tests;
