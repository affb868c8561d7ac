//! `feature get`, `feature set`, `feature delete`: a flag's state in environments.

use wigwag_base::{Percentage, PercentageError};

use super::Command;
use crate::error::Fault;
use crate::lex::{QUOTES, Word};
use crate::limits::{NAME_BYTES_MAX, TARGETS_MAX};
use crate::lookalike;
use crate::nearest::nearest;
use crate::parse::{Given, Parsed};
use crate::spec::{Argument, CommandSpec, Count, FLAG, Named, OptionSpec, Runs, Takes};
use crate::text::option_text;

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

const TARGETS: &[OptionSpec] = &[
    OptionSpec::new("project", Takes::List("P"), "for these projects, by full path"),
    OptionSpec::new("group", Takes::List("G"), "for these groups, by full path"),
    OptionSpec::new("namespace", Takes::List("N"), "for these namespaces, by full path"),
    OptionSpec::new("user", Takes::List("U"), "for these users, by name"),
    OptionSpec::new("repository", Takes::List("R"), "for these repositories, by full path"),
    OptionSpec::new("feature-group", Takes::List("F"), "for these named groups of actors"),
];

const SHARES: &[OptionSpec] = &[
    OptionSpec::new("actors", Takes::Nothing, "a percentage of actors, always the same ones"),
    OptionSpec::new("random", Takes::Nothing, "a percentage of calls, by chance"),
];

const IGNORES: &[OptionSpec] = &[
    OptionSpec::new("ignore-production-check", Takes::Nothing, "even during an incident or a change"),
    OptionSpec::new("ignore-random-deprecation-check", Takes::Nothing, "even though --random is deprecated"),
    OptionSpec::new("ignore-feature-flag-consistency-check", Takes::Nothing, "even if staging is behind"),
];

const KEEP: &[OptionSpec] =
    &[OptionSpec::new("keep-targets", Takes::Nothing, "with false: leave it on for those listed by name")];

const WIDEN: &[OptionSpec] = &[
    OptionSpec::new(
        "with-dependencies",
        Takes::Nothing,
        "turn on what it depends on, too, at the same moment",
    ),
    OptionSpec::new("large-step", Takes::Nothing, "a larger step in production than the policy allows"),
];

const WRITE: &[OptionSpec] = &[
    OptionSpec::new("dry-run", Takes::Nothing, "only say what would happen"),
    OptionSpec::new("reason", Takes::One("TEXT"), "why, for the audit log"),
];

pub(crate) const GET: CommandSpec = CommandSpec {
    name: "feature get",
    summary: "Show a flag's state, gates and definition.",
    arguments: &[FLAG],
    options: &[],
    runs: Runs::InEnvironments,
    examples: &[
        "feature get webhooks_failed_callout",
        "feature get webhooks_failed_callout --env=staging,production",
    ],
    build: |parsed| {
        Ok(Command::FeatureGet(FeatureGet { name: name(&parsed)?, environments: parsed.environments }))
    },
};

pub(crate) const LIST: CommandSpec = CommandSpec {
    name: "feature list",
    summary: "List what is on, conditional and off, with counts.",
    arguments: &[],
    options: &[&[OptionSpec::new("match", Takes::One("TEXT"), "only flags whose name holds this")]],
    runs: Runs::InEnvironments,
    examples: &["feature list", "feature list --match=hook --staging"],
    build: |parsed| {
        let matching = option_text(&parsed, "match")?;
        Ok(Command::FeatureList(FeatureList { matching, environments: parsed.environments }))
    },
};

pub(crate) const SET: CommandSpec = CommandSpec {
    name: "feature set",
    summary: "Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.",
    arguments: &[FLAG, Argument::new("VALUE", Count::One, Named::Value)],
    options: &[TARGETS, SHARES, WIDEN, KEEP, IGNORES, WRITE],
    runs: Runs::InEnvironments,
    examples: &[
        "feature set webhooks_failed_callout true --dev --staging",
        "feature set webhooks_failed_callout true --project=acme/shop,acme/blog",
        "feature set webhooks_failed_callout 25 --actors --dry-run",
        "feature set webhooks_failed_callout false",
    ],
    build: set,
};

pub(crate) const DELETE: CommandSpec = CommandSpec {
    name: "feature delete",
    summary: "Forget what is stored of a flag: back to its default.",
    arguments: &[FLAG],
    options: &[WRITE],
    runs: Runs::InEnvironments,
    examples: &["feature delete webhooks_failed_callout --dev --staging --production"],
    build: |parsed| {
        Ok(Command::FeatureDelete(FeatureDelete {
            name: name(&parsed)?,
            dry_run: parsed.option("dry-run").is_some(),
            reason: option_text(&parsed, "reason")?,
            environments: parsed.environments,
        }))
    },
};

fn set(parsed: Parsed) -> Result<Command, Fault> {
    let name = name(&parsed)?;
    let value = value(&parsed)?;
    let targets = targets(&parsed)?;
    let keep_targets = parsed.option("keep-targets");
    if let Some(given) = keep_targets.filter(|_| value != Value::Off || !targets.is_empty()) {
        return Err(Fault::new(given.at, "--keep-targets goes with `false` for everyone only."));
    }
    let ignored = IgnoredCheck::ALL.into_iter().filter(|check| parsed.option(check.as_str()).is_some());
    Ok(Command::FeatureSet(FeatureSet {
        name,
        value,
        targets,
        ignored: ignored.collect(),
        keep_targets: keep_targets.is_some(),
        with_dependencies: parsed.option("with-dependencies").is_some(),
        large_step: parsed.option("large-step").is_some(),
        dry_run: parsed.option("dry-run").is_some(),
        reason: option_text(&parsed, "reason")?,
        environments: parsed.environments,
    }))
}

pub(super) fn name(parsed: &Parsed) -> Result<String, Fault> {
    let Word { text, at, .. } = &parsed.arguments[0];
    if text.starts_with('-') {
        return Err(Fault::new(*at, "A flag's name does not begin with '-'."));
    }
    check_name(text, *at)?;
    Ok(text.clone())
}

/// The value, with what it demands of the targets and of `--actors` and `--random`.
fn value(parsed: &Parsed) -> Result<Value, Fault> {
    let word = &parsed.arguments[1];
    let target = parsed.options.iter().find(|given| kind_of(given).is_some());
    let share_of = share_of(parsed)?;
    if let (Some((_, share)), Some(target)) = (share_of, target) {
        let at = share.at.max(target.at);
        return Err(Fault::new(
            at,
            format!("--{} is for everyone: leave out --{}.", share.name, target.name),
        ));
    }
    match read_value(word)? {
        Value::Share(share, _) => match (share_of, target) {
            (Some((of, _)), _) => Ok(Value::Share(share, of)),
            (None, Some(target)) => {
                let message =
                    format!("A percentage is for everyone: leave out --{}, or use true.", target.name);
                Err(Fault::new(target.at, message))
            }
            (None, None) => {
                let message =
                    format!("{share} needs --actors (always the same ones) or --random (by chance).");
                Err(Fault::new(word.at, message).suggest(Some(format!("{share} --actors"))))
            }
        },
        value @ (Value::OptOut | Value::RemoveOptOut) => check_opt_out(parsed, value, word),
        value => Ok(value),
    }
}

/// Which of `--actors` and `--random` stands there.
fn share_of(parsed: &Parsed) -> Result<Option<(ShareOf, &Given)>, Fault> {
    match (parsed.option("actors"), parsed.option("random")) {
        (Some(actors), Some(random)) => {
            Err(Fault::new(actors.at.max(random.at), "Choose one of --actors and --random."))
        }
        (Some(actors), None) => Ok(Some((ShareOf::Actors, actors))),
        (None, Some(random)) => Ok(Some((ShareOf::Time, random))),
        (None, None) => Ok(None),
    }
}

/// The value by itself; whose share a percentage is, is not known here.
fn read_value(word: &Word) -> Result<Value, Fault> {
    let text = word.text.to_lowercase();
    match text.as_str() {
        "true" => return Ok(Value::On),
        "false" => return Ok(Value::Off),
        "opt_out" => return Ok(Value::OptOut),
        "remove_opt_out" => return Ok(Value::RemoveOptOut),
        _ => {}
    }
    match text.parse::<Percentage>() {
        Ok(share) if share == Percentage::ZERO => Ok(Value::Off),
        Ok(share) if share == Percentage::HUNDRED => Ok(Value::On),
        Ok(share) => Ok(Value::Share(share, ShareOf::Actors)),
        Err(PercentageError::NotANumber) => {
            let words = "true, false, opt_out, remove_opt_out or a number from 0 to 100";
            let without_sign = text.strip_suffix('%').filter(|number| number.parse::<Percentage>().is_ok());
            let near =
                without_sign.or_else(|| nearest(&text, ["true", "false", "opt_out", "remove_opt_out"]));
            Err(Fault::new(word.at, format!("`{}` is no value; use {words}.", word.text)).suggest(near))
        }
        Err(error) => Err(Fault::new(word.at, format!("{} {error}.", word.text))),
    }
}

fn check_opt_out(parsed: &Parsed, value: Value, word: &Word) -> Result<Value, Fault> {
    if let Some(given) = parsed.option(TargetKind::FeatureGroup.as_str()) {
        return Err(Fault::new(given.at, "A feature group cannot opt out; name projects, groups or users."));
    }
    if parsed.options.iter().any(|given| kind_of(given).is_some()) {
        return Ok(value);
    }
    Err(Fault::new(word.at, format!("{} needs a target, such as --user=NAME.", word.text)))
}

fn kind_of(given: &Given) -> Option<TargetKind> {
    TargetKind::ALL.into_iter().find(|kind| kind.as_str() == given.name)
}

/// Every target once, by kind, then in the order written.
fn targets(parsed: &Parsed) -> Result<Vec<Target>, Fault> {
    let mut targets = Vec::new();
    for given in &parsed.options {
        let Some(kind) = kind_of(given) else { continue };
        for item in given.value.split(',') {
            let at_sign = if kind == TargetKind::User { "@" } else { "" };
            let name = item.strip_prefix(at_sign).unwrap_or(item);
            check_name(name, given.at)?;
            let target = Target { kind, name: name.to_owned() };
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        if targets.len() > TARGETS_MAX {
            return Err(Fault::new(
                given.at,
                format!(
                    "At most {TARGETS_MAX} targets in one command; give several commands, or name a --feature-group."
                ),
            ));
        }
    }
    targets.sort_by_key(|target: &Target| target.kind);
    Ok(targets)
}

/// A name of a flag or a target: whether it exists is not known here.
pub(super) fn check_name(name: &str, at: usize) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::new(at, "A name is empty; write names with one comma between, without spaces."));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Fault::new(at, format!("A name is at most {NAME_BYTES_MAX} bytes long.")));
    }
    if name.contains(['<', '>']) {
        return Err(Fault::new(at, format!("`{name}` is a placeholder; fill it in.")));
    }
    let quote = |c: char| QUOTES.iter().any(|(open, close)| c == *open || c == *close);
    if name.contains(|c: char| c.is_whitespace() || c == ',' || quote(c)) {
        return Err(Fault::new(at, format!("`{name}` is no name: it holds a space, a comma or a quote.")));
    }
    if let Some(found) = lookalike::find(name) {
        return Err(Fault::new(at, found.message).suggest(Some(found.plain)));
    }
    Ok(())
}
