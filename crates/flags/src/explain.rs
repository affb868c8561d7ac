//! The answer of an evaluation as a sentence, for the person who wonders.

use std::fmt;

use crate::evaluate::{Decision, Reason};
use crate::gates::{BUCKETS, bucket};
use crate::snapshot::Snapshot;

/// A decision with what else helps to understand it; prints as one sentence.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Explanation<'a> {
    /// The answer and its reason.
    pub decision: Decision<'a>,
    /// The actors' bucket, whichever gate decided; `None` without an actor.
    pub bucket: Option<u32>,
}

impl Snapshot {
    /// As [`is_enabled`](Self::is_enabled), to be read by a person.
    pub fn explain(&self, name: &str, actors: &[&str], random: impl FnMut() -> f64) -> Explanation<'_> {
        Explanation { decision: self.is_enabled(name, actors, random), bucket: bucket(name, actors) }
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.decision)?;
        self.bucket.map_or(Ok(()), |bucket| write!(f, "; bucket {bucket} of {BUCKETS}"))
    }
}

impl fmt::Display for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.enabled { "on" } else { "off" };
        write!(f, "{word} because ")?;
        match self.reason {
            Reason::Unknown => f.write_str("there is no such flag: it is neither defined nor stored"),
            Reason::Override => f.write_str("it is overridden: switched off on this node"),
            Reason::Default => write!(f, "nothing is stored and its default is {word}"),
            Reason::Dependency(needed) => write!(f, "it depends on {needed}, which is off"),
            Reason::Boolean => f.write_str("it is on for everyone"),
            Reason::Actor(actor) => write!(f, "{actor} is in the list"),
            Reason::PercentageOfActors(_) => f.write_str("the bucket lies within the percentage of actors"),
            Reason::PercentageOfTime => f.write_str("chance would have it, by the percentage of time"),
            Reason::Group(group) => write!(f, "the group {group} has it"),
            Reason::Off => f.write_str("no gate is open"),
            Reason::OptOut(actor) => write!(f, "{actor} has opted out"),
        }
    }
}
