//! The commands: what each one is, and the list of their specifications.

mod feature;

pub use feature::{FeatureDelete, FeatureGet, FeatureSet, IgnoredCheck, ShareOf, Target, TargetKind, Value};

use crate::spec::CommandSpec;

/// A command, complete and legal in itself; whether its names exist and its author may is not known yet.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// `feature get`
    FeatureGet(FeatureGet),
    /// `feature set`
    FeatureSet(FeatureSet),
    /// `feature delete`
    FeatureDelete(FeatureDelete),
    /// `help`: on one command, by its words, or on all.
    Help(Option<&'static str>),
}

/// Every command but `help`, in the order of the help.
pub(crate) const SPECS: &[CommandSpec] = &[feature::GET, feature::SET, feature::DELETE];
