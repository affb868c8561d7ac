//! A command as data: what was asked for, in words that were found to be legal.

mod feature;
mod hooks;
mod link;
mod release;
mod rollout;

pub use feature::{
    FeatureDelete, FeatureGet, FeatureList, FeatureSet, IgnoredCheck, ShareOf, Target, TargetKind, Value,
};
pub use hooks::HooksFailing;
pub use link::Link;
pub use release::{AutoDeployStatus, ReleaseCheck};
pub use rollout::{Audiences, Rollout, RolloutVerb};

/// A command, complete and legal in itself; whether its names exist and its author may is not known yet.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// `feature get`
    FeatureGet(FeatureGet),
    /// `feature list`
    FeatureList(FeatureList),
    /// `feature set`
    FeatureSet(FeatureSet),
    /// `feature delete`
    FeatureDelete(FeatureDelete),
    /// `auto_deploy status`
    AutoDeployStatus(AutoDeployStatus),
    /// `release check`
    ReleaseCheck(ReleaseCheck),
    /// `rollout ...`
    Rollout(Rollout),
    /// `hooks failing`
    HooksFailing(HooksFailing),
    /// `link`, in a chat alone.
    Link(Link),
    /// `help`: on one command by its words, on several by their first one, or on all.
    Help(Option<&'static str>),
}
