//! A flag's state in environments.

use wigwag_base::Percentage;

/// Shows a flag.
#[derive(Clone, PartialEq, Debug)]
pub struct FeatureGet {
    /// The flag, as written.
    pub name: String,
    /// Where, in deployment order; at least one.
    pub environments: Vec<String>,
}

/// Lists flags.
#[derive(Clone, PartialEq, Debug)]
pub struct FeatureList {
    /// Only those whose name holds this, without regard to case.
    pub matching: Option<String>,
    /// Where, in deployment order; at least one.
    pub environments: Vec<String>,
}

/// Sets a flag.
#[derive(Clone, PartialEq, Debug)]
pub struct FeatureSet {
    /// The flag, as written.
    pub name: String,
    /// To what.
    pub value: Value,
    /// For whom, by kind; empty is everyone, and always so for a percentage.
    pub targets: Vec<Target>,
    /// Checks that are not to stop it.
    pub ignored: Vec<IgnoredCheck>,
    /// Off for everyone but those listed by name; only with `false` for everyone.
    pub keep_targets: bool,
    /// Turn on what it depends on, too, for the same targets, in the same transaction.
    pub with_dependencies: bool,
    /// Take a step in production that is larger than the policy allows.
    pub large_step: bool,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Why, for the audit log.
    pub reason: Option<String>,
    /// Where, in deployment order; at least one.
    pub environments: Vec<String>,
}

/// Forgets what is stored of a flag.
#[derive(Clone, PartialEq, Debug)]
pub struct FeatureDelete {
    /// The flag, as written.
    pub name: String,
    /// Only say what would happen.
    pub dry_run: bool,
    /// Why, for the audit log.
    pub reason: Option<String>,
    /// Where, in deployment order; at least one.
    pub environments: Vec<String>,
}

/// What a flag is set to; 100 is read as true and 0 as false, with `--actors` and `--random` too.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value {
    /// `true`
    On,
    /// `false`
    Off,
    /// `opt_out`, with targets.
    OptOut,
    /// `remove_opt_out`, with targets.
    RemoveOptOut,
    /// A share strictly between 0 and 100, without targets.
    Share(Percentage, ShareOf),
}

/// Of what a percentage is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareOf {
    /// `--actors`: always the same ones.
    Actors,
    /// `--random`: anew at each call.
    Time,
}

/// Someone or something to change a flag for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Its path or name, as written; a user without the `@`.
    pub name: String,
}

/// The kinds of targets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TargetKind {
    /// A project by its full path.
    Project,
    /// A group by its full path.
    Group,
    /// A namespace by its full path.
    Namespace,
    /// A user by name.
    User,
    /// A repository by its full path.
    Repository,
    /// A named group of actors.
    FeatureGroup,
}

impl TargetKind {
    /// Every kind, in the order of the help.
    pub const ALL: [TargetKind; 6] =
        [Self::Project, Self::Group, Self::Namespace, Self::User, Self::Repository, Self::FeatureGroup];

    /// Its option's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Group => "group",
            Self::Namespace => "namespace",
            Self::User => "user",
            Self::Repository => "repository",
            Self::FeatureGroup => "feature-group",
        }
    }
}

/// A check that the author takes upon himself.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum IgnoredCheck {
    /// Incidents, changes under way, red health.
    Production,
    /// That a percentage of time is a bad idea.
    RandomDeprecation,
    /// That staging is at least as enabled.
    Consistency,
}

impl IgnoredCheck {
    /// Every check that can be ignored.
    pub const ALL: [IgnoredCheck; 3] = [Self::Production, Self::RandomDeprecation, Self::Consistency];

    /// Its option's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "ignore-production-check",
            Self::RandomDeprecation => "ignore-random-deprecation-check",
            Self::Consistency => "ignore-feature-flag-consistency-check",
        }
    }
}
