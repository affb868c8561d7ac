//! How often each flag decided what, and why: counted in memory since the node started, and over the last day in steps
//! of [`EXPOSURE_STEP`]. What evaluates here counts by itself; programs that evaluate by themselves report.

use crate::limits::{EXPOSED_FLAGS_MAX, EXPOSURE_COUNT_MAX, EXPOSURE_STEP, EXPOSURE_STEPS_MAX};
use crate::{Engine, EngineError};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use wigwag_access::Principal;
use wigwag_base::Timestamp;
use wigwag_flags::Decision;

/// Everything that a flag can decide, each with its reason's stable word. A flag that does not exist is not counted.
const OUTCOMES: [(bool, &str); 11] = [
    (true, "default"),
    (true, "boolean"),
    (true, "actors"),
    (true, "percentage_of_actors"),
    (true, "percentage_of_time"),
    (true, "groups"),
    (false, "default"),
    (false, "off"),
    (false, "opt_out"),
    (false, "dependency"),
    (false, "override"),
];

/// How often a flag was asked, in one environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExposureView {
    /// When this node began to count.
    pub since: Timestamp,
    /// How often since then, by decision and reason; those that never occurred are missing.
    pub totals: Vec<Exposed>,
    /// The length of a step.
    pub step: Duration,
    /// The steps of the last 24 hours in which it was asked, oldest first.
    pub series: Vec<ExposureStep>,
}

/// How often a flag decided one thing for one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposed {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// How often.
    pub count: u64,
}

/// How often a flag was on and off within one step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExposureStep {
    /// Its beginning.
    pub at: Timestamp,
    /// Answers that were on.
    pub on: u64,
    /// Answers that were off.
    pub off: u64,
}

/// A count that a program reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReportedExposure<'a> {
    /// The flag.
    pub flag: &'a str,
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'a str,
    /// How often.
    pub count: u64,
}

impl Engine {
    /// Takes in what a program counted that evaluates by itself. Counts of flags that do not exist in `environment`, and
    /// of decisions that no flag makes, are left out.
    ///
    /// # Errors
    /// As [`Engine::flags`].
    pub fn add_exposures<'a>(
        &self,
        principal: &Principal,
        environment: &str,
        reported: impl IntoIterator<Item = ReportedExposure<'a>>,
    ) -> Result<(), EngineError> {
        let snapshot = self.readable(principal, environment)?;
        let mut counting = self.inner.exposures.counting(environment, self.inner.clock.now());
        for one in reported.into_iter().filter(|one| snapshot.flag(one.flag).is_some()) {
            counting.count(one.flag, one.enabled, one.reason, one.count.min(EXPOSURE_COUNT_MAX));
        }
        Ok(())
    }

    /// How often `flag` was asked in `environment`; a flag that nobody asked for has zero counts.
    ///
    /// # Errors
    /// As [`Engine::flag`].
    pub fn exposures(
        &self,
        principal: &Principal,
        environment: &str,
        flag: &str,
    ) -> Result<ExposureView, EngineError> {
        let flag = self.flag(principal, environment, flag)?.name;
        Ok(self.inner.exposures.view(environment, flag.as_str(), self.inner.clock.now()))
    }

    /// Counts what one of the server's own flags decided for itself.
    pub(crate) fn note_exposure(&self, flag: &str, decision: &Decision<'_>) {
        let reason = decision.reason.as_str();
        let environment = &self.inner.settings.environment;
        self.inner.exposures.count(environment, flag, decision.enabled, reason, self.inner.clock.now());
    }

    /// Every count of this node, for the metrics: environment, flag, and what it decided how often.
    pub fn for_each_exposure(&self, tell: impl FnMut(&str, &str, Exposed)) {
        self.inner.exposures.for_each(tell);
    }
}

/// The counts of one node.
pub(crate) struct Exposures {
    since: Timestamp,
    flags: AtomicUsize,
    environments: HashMap<String, RwLock<HashMap<Box<str>, Counts>>>,
}

impl Exposures {
    pub(crate) fn new<'a>(since: Timestamp, environments: impl IntoIterator<Item = &'a str>) -> Self {
        let environments =
            environments.into_iter().map(|name| (name.to_owned(), RwLock::default())).collect();
        Self { since, flags: AtomicUsize::new(0), environments }
    }

    /// Counts one evaluation.
    pub(super) fn count(&self, environment: &str, flag: &str, enabled: bool, reason: &str, now: Timestamp) {
        self.counting(environment, now).count(flag, enabled, reason, 1);
    }

    /// Counts several at once, for the price of one lock. An environment that is not configured counts nothing.
    pub(super) fn counting(&self, environment: &str, now: Timestamp) -> Counting<'_> {
        let known = self.environments.get(environment).map(|flags| flags.read());
        Counting { exposures: self, known, step: step_of(now) }
    }

    fn view(&self, environment: &str, flag: &str, now: Timestamp) -> ExposureView {
        let flags = self.environments.get(environment).map(|flags| flags.read());
        let counts = flags.as_ref().and_then(|flags| flags.get(flag));
        ExposureView {
            since: self.since,
            totals: counts.map_or_else(Vec::new, |counts| counts.totals().collect()),
            step: EXPOSURE_STEP,
            series: counts.map_or_else(Vec::new, |counts| counts.series(step_of(now))),
        }
    }

    fn for_each(&self, mut tell: impl FnMut(&str, &str, Exposed)) {
        for (environment, flags) in &self.environments {
            for (flag, counts) in &*flags.read() {
                counts.totals().for_each(|exposed| tell(environment, flag, exposed));
            }
        }
    }

    fn has_room(&self) -> bool {
        let one_more = |flags: usize| (flags < EXPOSED_FLAGS_MAX).then_some(flags + 1);
        self.flags.fetch_update(Relaxed, Relaxed, one_more).is_ok()
    }
}

/// Counts within one environment.
pub(super) struct Counting<'e> {
    exposures: &'e Exposures,
    known: Option<Known<'e>>,
    step: u32,
}

/// The flags of one environment that were ever asked for, held for reading.
type Known<'e> = RwLockReadGuard<'e, HashMap<Box<str>, Counts>>;

impl Counting<'_> {
    /// Counts `count` answers of one kind.
    pub(super) fn count(&mut self, flag: &str, enabled: bool, reason: &str, count: u64) {
        let Some(outcome) = OUTCOMES.iter().position(|one| *one == (enabled, reason)) else { return };
        let (Some(known), step) = (&mut self.known, self.step) else { return };
        if let Some(counts) = known.get(flag) {
            return counts.add(outcome, count, step);
        }
        let (exposures, flags) = (self.exposures, Known::rwlock(known));
        Known::unlocked(known, || {
            let mut flags = flags.write();
            if !flags.contains_key(flag) && exposures.has_room() {
                flags.insert(flag.into(), Counts::default());
            }
            if let Some(counts) = flags.get(flag) {
                counts.add(outcome, count, step);
            }
        });
    }
}

/// The counts of one flag in one environment.
#[derive(Default)]
struct Counts {
    by_outcome: [AtomicU64; OUTCOMES.len()],
    /// The number of the step under way.
    step: AtomicU32,
    past: Mutex<Past>,
}

/// The steps that are over, and the totals at the end of the last of them.
#[derive(Default)]
struct Past {
    steps: VecDeque<PastStep>,
    on: u64,
    off: u64,
}

/// One step that is over: 12 bytes, for there are many.
#[derive(Clone, Copy)]
struct PastStep {
    number: u32,
    on: u32,
    off: u32,
}

impl Counts {
    fn add(&self, outcome: usize, count: u64, step: u32) {
        if self.step.load(Relaxed) < step {
            self.begin(step);
        }
        self.by_outcome[outcome].fetch_add(count, Relaxed);
    }

    /// Ends the step under way, if a later one has begun.
    fn begin(&self, step: u32) {
        let mut past = self.past.lock();
        let number = self.step.load(Relaxed);
        if number >= step {
            return;
        }
        let (on, off) = self.on_and_off();
        let least = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let over = PastStep { number, on: least(on - past.on), off: least(off - past.off) };
        (past.on, past.off) = (on, off);
        if over.on > 0 || over.off > 0 {
            past.steps.push_back(over);
        }
        while past.steps.front().is_some_and(|oldest| oldest.number + EXPOSURE_STEPS_MAX <= step) {
            past.steps.pop_front();
        }
        self.step.store(step, Relaxed);
    }

    fn on_and_off(&self) -> (u64, u64) {
        self.totals().fold(
            (0, 0),
            |(on, off), one| {
                if one.enabled { (on + one.count, off) } else { (on, off + one.count) }
            },
        )
    }

    fn totals(&self) -> impl Iterator<Item = Exposed> {
        let counts = OUTCOMES.iter().zip(&self.by_outcome);
        let exposed = counts.map(|((enabled, reason), count)| Exposed {
            enabled: *enabled,
            reason,
            count: count.load(Relaxed),
        });
        exposed.filter(|exposed| exposed.count > 0)
    }

    fn series(&self, now: u32) -> Vec<ExposureStep> {
        self.begin(now);
        let past = self.past.lock();
        let (on, off) = self.on_and_off();
        let step = |number: u32, on: u64, off: u64| ExposureStep { at: beginning_of(number), on, off };
        let over = past.steps.iter().map(|one| step(one.number, one.on.into(), one.off.into()));
        let under_way = step(self.step.load(Relaxed), on - past.on, off - past.off);
        over.chain(Some(under_way).filter(|step| step.on > 0 || step.off > 0)).collect()
    }
}

/// The number of the step that `at` lies in.
fn step_of(at: Timestamp) -> u32 {
    u32::try_from(at.as_secs() / EXPOSURE_STEP.as_secs() as i64).unwrap_or(0)
}

fn beginning_of(step: u32) -> Timestamp {
    Timestamp::from_secs(i64::from(step) * EXPOSURE_STEP.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    use super::{Exposed, ExposureStep, Exposures};
    use crate::limits::{EXPOSED_FLAGS_MAX, EXPOSURE_STEP, EXPOSURE_STEPS_MAX};
    use std::time::Duration;
    use wigwag_base::Timestamp;

    const BEGINNING: Timestamp = Timestamp::from_secs(1_767_225_600);

    fn after(steps: u32) -> Timestamp {
        BEGINNING + EXPOSURE_STEP * steps
    }

    fn some() -> Exposures {
        Exposures::new(BEGINNING, ["dev", "production"])
    }

    #[test]
    fn each_decision_counts_where_and_why_it_was_made() {
        let exposures = some();
        let count = |environment, enabled, reason| {
            exposures.count(environment, "f", enabled, reason, BEGINNING);
        };
        count("production", true, "boolean");
        count("production", false, "off");
        count("production", true, "boolean");
        count("dev", true, "default");
        count("moon", true, "boolean");
        count("production", false, "unknown");
        count("production", true, "off");
        let of = |environment| exposures.view(environment, "f", BEGINNING).totals;
        let exposed = |enabled, reason, count| Exposed { enabled, reason, count };
        assert_eq!(of("production"), [exposed(true, "boolean", 2), exposed(false, "off", 1)]);
        assert_eq!(of("dev"), [exposed(true, "default", 1)]);
        assert_eq!(of("moon"), []);
        let mut all = 0;
        exposures.for_each(|_, _, exposed| all += exposed.count);
        assert_eq!(all, 4);
    }

    #[test]
    fn a_day_is_kept_in_steps() {
        let exposures = some();
        let count = |steps, enabled: bool| {
            let reason = if enabled { "boolean" } else { "off" };
            exposures.count("dev", "f", enabled, reason, after(steps));
        };
        count(0, true);
        count(0, false);
        count(2, true);
        let series = |steps| exposures.view("dev", "f", after(steps)).series;
        let step = |steps, on, off| ExposureStep { at: after(steps), on, off };
        assert_eq!(series(2), [step(0, 1, 1), step(2, 1, 0)]);
        // A reader whose clock is a little behind changes nothing.
        count(1, true);
        assert_eq!(series(2), [step(0, 1, 1), step(2, 2, 0)]);
        assert_eq!(series(EXPOSURE_STEPS_MAX - 1), [step(0, 1, 1), step(2, 2, 0)]);
        assert_eq!(series(EXPOSURE_STEPS_MAX), [step(2, 2, 0)]);
        assert_eq!(series(EXPOSURE_STEPS_MAX + 2), []);
        assert_eq!(EXPOSURE_STEP * EXPOSURE_STEPS_MAX, Duration::from_secs(86_400));
    }

    #[test]
    fn no_more_flags_are_counted_than_fit() {
        let exposures = some();
        let mut counting = exposures.counting("dev", BEGINNING);
        for number in 0..=EXPOSED_FLAGS_MAX {
            counting.count(&format!("f{number}"), true, "boolean", 1);
        }
        counting.count("f0", true, "boolean", 1);
        drop(counting);
        let of = |number: usize| exposures.view("dev", &format!("f{number}"), BEGINNING).totals.len();
        assert_eq!((of(EXPOSED_FLAGS_MAX - 1), of(EXPOSED_FLAGS_MAX)), (1, 0));
        assert_eq!(exposures.view("dev", "f0", BEGINNING).totals[0].count, 2);
    }
}
