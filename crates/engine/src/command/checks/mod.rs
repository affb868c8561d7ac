//! What a change of a flag must pass before it is made, in order, each question in a file of its own.
//!
//! ```text
//! names -> random -> rights -> channel -> override -> acknowledged -> production -> consistency -> dependencies -> step
//!          an answer is passed, not needed, warned, passed over by the author, or refused: then nothing is changed
//! ```
//!
//! A change by which nobody gains needs its names and rights and nothing else: the way back is never locked.

mod acknowledged;
mod channel;
mod consistency;
mod dependencies;
mod production;
mod random;
mod step;

pub(super) use dependencies::{darkened, together};
pub(super) use production::SourceSaid;

use super::writing::{Trial, Writing};
use crate::Engine;
use crate::flags::{FlagWritten, direction};
use wigwag_access::{Direction, EnvironmentKind};
use wigwag_chat::{FeatureSet, Target, Value};
use wigwag_flags::FlagName;

/// A question that a change must pass before it is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Check {
    /// The flag and everyone who is named exist, the value is one.
    Names,
    /// A percentage of time was asked for twice.
    Random,
    /// Who asks may do it.
    Rights,
    /// It was said where everybody sees it.
    Channel,
    /// No override stands in the way.
    Override,
    /// No roll-back waits for somebody to acknowledge it.
    Acknowledged,
    /// Production is well: no incident, no change under way, no red service.
    Production,
    /// Staging is at least as enabled.
    Consistency,
    /// What the flag depends on is on.
    Dependencies,
    /// Not too many get it at once.
    StepSize,
}

impl Check {
    /// Every check, in order.
    pub const ALL: [Check; 10] = [
        Self::Names,
        Self::Random,
        Self::Rights,
        Self::Channel,
        Self::Override,
        Self::Acknowledged,
        Self::Production,
        Self::Consistency,
        Self::Dependencies,
        Self::StepSize,
    ];

    /// What is asked, in a word or two.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Random => "random",
            Self::Rights => "rights",
            Self::Channel => "channel",
            Self::Override => "override",
            Self::Acknowledged => "roll-backs",
            Self::Production => "production",
            Self::Consistency => "consistency",
            Self::Dependencies => "dependencies",
            Self::StepSize => "step size",
        }
    }
}

/// How a check came out, the gravest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// One before it refused, so nobody looked.
    NotAsked,
    /// It does not apply.
    NotNeeded,
    /// It was passed.
    Passed,
    /// It lets the change pass, and says something.
    Warned,
    /// It would refuse, and the author takes that upon himself.
    PassedOver,
    /// It refuses the change.
    Refused,
}

impl Verdict {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not asked",
            Self::NotNeeded => "not needed",
            Self::Passed => "passed",
            Self::PassedOver => "passed over",
            Self::Warned => "warning",
            Self::Refused => "refused",
        }
    }
}

/// A check with its outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Which.
    pub check: Check,
    /// How it came out.
    pub verdict: Verdict,
    /// Why, as a sentence; empty where the verdict says it all.
    pub reason: String,
    /// Commands that mend it.
    pub commands: Vec<String>,
}

impl Checked {
    pub(super) fn new(check: Check, verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { check, verdict, reason: reason.into(), commands: Vec::new() }
    }

    fn mended_by(self, commands: Vec<String>) -> Self {
        Self { commands, ..self }
    }
}

/// How far checks go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Depth {
    /// To the first that refuses.
    UntilRefused,
    /// Through all, for somebody who wants to see.
    All,
}

impl Engine {
    /// Every check of what was tried in one environment, in order.
    pub(super) async fn judge(&self, writing: &Writing<'_>, trial: &Trial, depth: Depth) -> Vec<Checked> {
        let mut all: Vec<Checked> = Vec::new();
        for check in Check::ALL {
            let refused = all.last().is_some_and(|last| last.verdict == Verdict::Refused);
            let skipped = all.last().is_some_and(|last| last.verdict == Verdict::NotAsked);
            all.push(if depth == Depth::UntilRefused && (refused || skipped) {
                Checked::new(check, Verdict::NotAsked, "")
            } else {
                self.check_all(check, writing, trial).await
            });
        }
        all
    }

    /// One check of every flag that changes: the gravest outcome, and that of the named flag among equals. What was passed
    /// over or warned of one flag is told beside that of another.
    async fn check_all(&self, check: Check, writing: &Writing<'_>, trial: &Trial) -> Checked {
        let mut gravest = Checked::new(check, Verdict::NotAsked, "");
        let mut told: Vec<String> = Vec::new();
        for written in &trial.written {
            let mut one = self.check_one(check, writing, trial, written).await;
            if written.flag != writing.flag && !one.reason.is_empty() {
                one.reason = format!("{}: {}", written.flag, one.reason);
            }
            if matches!(one.verdict, Verdict::Warned | Verdict::PassedOver) && !told.contains(&one.reason) {
                told.push(one.reason.clone());
            }
            if one.verdict >= gravest.verdict {
                gravest = one;
            }
        }
        if matches!(gravest.verdict, Verdict::Warned | Verdict::PassedOver) {
            gravest.reason = told.join(" ");
        }
        gravest
    }

    async fn check_one(
        &self,
        check: Check,
        writing: &Writing<'_>,
        trial: &Trial,
        written: &FlagWritten,
    ) -> Checked {
        let passed = || Checked::new(check, Verdict::Passed, "");
        let gains = written.direction == Direction::OnWard && !forgets_unknown(writing, written);
        match check {
            // Whoever gets here has named what exists, may write, and is stopped by no override: it was tried.
            Check::Names | Check::Override => passed(),
            Check::Random => random::check(writing),
            Check::Rights => self.check_rights(writing, written),
            Check::Channel => self.check_channel(writing, written),
            _ if !gains => Checked::new(check, Verdict::NotNeeded, "Nobody gets it by this."),
            Check::Acknowledged => self.check_acknowledged(written).await,
            Check::Production => self.check_production(writing, written).await,
            Check::Consistency => self.check_consistency(writing, written).await,
            Check::Dependencies => self.check_dependencies(writing, trial, written).await,
            Check::StepSize => self.check_step(writing, written),
        }
    }

    /// Whether real users are concerned.
    fn is_production(&self, written: &FlagWritten) -> bool {
        self.inner.flags.kind_of(&written.environment) == EnvironmentKind::Production
    }
}

/// The command that turns a flag on, for these or for everyone.
fn enabling(flag: &FlagName, targets: Vec<Target>, environments: Vec<String>) -> FeatureSet {
    FeatureSet {
        name: flag.to_string(),
        value: Value::On,
        targets,
        ignored: Vec::new(),
        keep_targets: false,
        with_dependencies: false,
        large_step: false,
        dry_run: false,
        reason: None,
        environments,
    }
}

/// Whether a `feature delete` forgets a flag that this server has no definition of: nothing is left to fall back on, so it
/// is off for everybody afterwards.
fn forgets_unknown(writing: &Writing<'_>, written: &FlagWritten) -> bool {
    writing.asked.is_none() && written.definition.is_none() && written.after.is_none()
}

/// Whether a `feature delete` leaves everybody with what they had: then it is judged like a change in production, since
/// it forgets what somebody set there.
fn forgets_only(writing: &Writing<'_>, written: &FlagWritten) -> bool {
    let definition = written.definition.as_deref();
    let back = direction(definition, written.after.as_ref(), written.before.as_ref());
    writing.asked.is_none()
        && written.before.is_some()
        && written.after.is_none()
        && written.direction == Direction::OffWard
        && back == Direction::OffWard
}
