//! The commands: what each one is, and the list of their specifications.

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

use crate::spec::CommandSpec;

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
    /// `help`: on one command, by its words, on a family of them, by its word, or on all.
    Help(Option<&'static str>),
}

/// Every command but `help`, in the order of the help.
pub(crate) const SPECS: &[CommandSpec] = &[
    feature::GET,
    feature::LIST,
    feature::SET,
    feature::DELETE,
    release::STATUS,
    release::CHECK,
    rollout::START,
    rollout::STATUS,
    rollout::NEXT,
    rollout::PAUSE,
    rollout::RESUME,
    rollout::TICK,
    rollout::APPROVE,
    rollout::ACK,
    rollout::ANNOUNCE,
    rollout::NOTE,
    rollout::RELEASE,
    rollout::CLEANUP,
    rollout::ROLLBACK,
    rollout::CLOSE,
    hooks::FAILING,
    link::LINK,
];
