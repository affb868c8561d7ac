//! Flags beyond GitLab's API: why one is on or off, what is stored of it, how often it was asked.

use crate::Time;
use crate::features::Definition;
use crate::flag_feed::State;
use serde::Serialize;
use utoipa::ToSchema;

/// What a flag decides, and why.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// The gate that opened.
    pub gate: Option<&'static str>,
    /// The actors' bucket, 0 to 99,999.
    pub bucket: Option<u32>,
    /// All of it as a sentence.
    pub text: String,
}

/// For whom and where.
#[derive(utoipa::IntoParams, Debug)]
#[into_params(parameter_in = Query)]
pub struct ExplainQuery {
    /// An id such as `Project:1`; may be given several times.
    pub actor: Option<Vec<String>>,
    /// The environment; the server's own if missing.
    pub environment: Option<String>,
}

/// What a write came to.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct StateWritten {
    /// The flag.
    pub name: String,
    /// The environment that keeps it: the one that was asked for, or the one whose flags that one reads.
    pub environment: String,
    /// What was stored; null is nothing.
    pub before: Option<State>,
    /// What is stored now.
    pub after: Option<State>,
}

/// Every flag, and the environments that are missing from the rows: whoever is about to change what the code does must
/// know what was not seen.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct FlagList {
    /// The flags, by name.
    pub flags: Vec<FlagRow>,
    /// The environments that could not be read, in deployment order.
    pub unread: Vec<UnreadEnvironment>,
}

/// An environment of which nothing is told.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct UnreadEnvironment {
    /// Its name.
    pub environment: String,
    /// Why: the token may not, or the server that keeps it was never read.
    pub reason: String,
}

/// One flag in every environment that the token may read.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct FlagRow {
    /// Its name.
    pub name: String,
    /// What its owner wrote down.
    pub definition: Option<Definition>,
    /// How far it is past the life of its type, if it is.
    pub past_life: Option<PastLife>,
    /// What it is where, in deployment order.
    pub environments: Vec<FlagInEnvironment>,
}

/// A flag that should have been released, removed or looked at.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct PastLife {
    /// Milestones since the one that it came with.
    pub age: u32,
    /// Whom to ask.
    pub owner: String,
}

/// What a flag is in one environment.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct FlagInEnvironment {
    /// The environment.
    pub environment: String,
    /// `on`, `conditional` or `off`: by what is stored, else by the default.
    pub state: &'static str,
    /// Whether anything is stored.
    pub stored: bool,
    /// Whether it is switched off on this node, whatever is stored.
    pub overridden: bool,
}

/// How often a flag was asked, as this node counts.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct FlagExposures {
    /// The flag.
    pub flag: String,
    /// The environment.
    pub environment: String,
    /// When the node began to count.
    pub since: Time,
    /// How often which answer was given since then.
    pub totals: Vec<ExposureTotal>,
    /// The seconds of a step.
    pub step_s: u64,
    /// The steps of the last 24 hours in which it was asked, oldest first.
    pub series: Vec<ExposureStep>,
}

/// How often one answer was given.
#[derive(Serialize, ToSchema, Clone, PartialEq, Eq, Debug)]
pub struct ExposureTotal {
    /// The decision.
    pub enabled: bool,
    /// The reason's stable word.
    pub reason: &'static str,
    /// How often.
    pub count: u64,
}

/// How often a flag was on and off within one step.
#[derive(Serialize, ToSchema, Clone, PartialEq, Debug)]
pub struct ExposureStep {
    /// Its beginning.
    pub at: Time,
    /// Answers that were on.
    pub on: u64,
    /// Answers that were off.
    pub off: u64,
}
