//! How each of them is written.

use super::set::set;
use crate::command::{Command, FeatureDelete, FeatureGet, FeatureList, TargetKind};
use crate::commands::common::{DRY_RUN, FLAG, REASON, name, reason};
use crate::spec::{Argument, CommandSpec, Holds, OptionSpec, Runs, Takes};
use crate::text::option_text;

const VALUE: Argument = Argument::once(
    "VALUE",
    Holds::Words(VALUES),
    "true, false, opt_out, remove_opt_out, or a percentage from 0 to 100 with at most three decimals",
);

const VALUES: &[(&str, &str)] = &[
    ("true", "on"),
    ("false", "off"),
    ("opt_out", "off for these targets, whatever else is on"),
    ("remove_opt_out", "no longer off for these targets by opt_out"),
];

const MATCH: &[OptionSpec] = &[OptionSpec::text("match", "TEXT", "only flags whose name holds this")];

const TARGETS: &[OptionSpec] = &[
    target(TargetKind::Project, "P", "for these projects, by full path"),
    target(TargetKind::Group, "G", "for these groups, by full path"),
    target(TargetKind::Namespace, "N", "for these namespaces, by full path"),
    target(TargetKind::User, "U", "for these users, by name"),
    target(TargetKind::Repository, "R", "for these repositories, by full path"),
    target(TargetKind::FeatureGroup, "F", "for these named groups of actors"),
];

const SHARES: &[OptionSpec] = &[
    OptionSpec::plain("actors", "a percentage of actors, always the same ones"),
    OptionSpec::plain("random", "a percentage of calls, by chance"),
];

const IGNORES: &[OptionSpec] = &[
    OptionSpec::plain("ignore-production-check", "even during an incident or a change"),
    OptionSpec::plain("ignore-random-deprecation-check", "even though --random is deprecated"),
    OptionSpec::plain("ignore-feature-flag-consistency-check", "even if staging is behind"),
];

const KEEP: &[OptionSpec] =
    &[OptionSpec::plain("keep-targets", "with false: leave it on for those listed by name")];

const WIDEN: &[OptionSpec] = &[
    OptionSpec::plain("with-dependencies", "turn on what it depends on, too, at the same moment"),
    OptionSpec::plain("large-step", "a larger step in production than the policy allows"),
];

const WRITE: &[OptionSpec] = &[DRY_RUN, REASON];

const fn target(kind: TargetKind, what: &'static str, help: &'static str) -> OptionSpec {
    OptionSpec { name: kind.as_str(), takes: Takes::List(what), holds: Holds::Target(kind), help }
}

pub(crate) const GET: CommandSpec = CommandSpec {
    name: "feature get",
    summary: "Show a flag's state, gates and definition.",
    arguments: &[FLAG],
    options: &[],
    runs: Runs::InEnvironments,
    examples: &[
        "feature get webhooks_failed_callout",
        "feature get webhooks_failed_callout --dev --staging --production",
    ],
    build: |parsed| {
        let environments = parsed.environments.clone();
        Ok(Command::FeatureGet(FeatureGet { name: name(parsed)?, environments }))
    },
};

pub(crate) const LIST: CommandSpec = CommandSpec {
    name: "feature list",
    summary: "List what is on, conditional and off, with counts.",
    arguments: &[],
    options: &[MATCH],
    runs: Runs::InEnvironments,
    examples: &["feature list", "feature list --match=hook --staging"],
    build: |parsed| {
        let environments = parsed.environments.clone();
        Ok(Command::FeatureList(FeatureList { matching: option_text(parsed, "match")?, environments }))
    },
};

pub(crate) const SET: CommandSpec = CommandSpec {
    name: "feature set",
    summary: "Set a flag to true, false, opt_out, remove_opt_out or a percentage from 0 to 100.",
    arguments: &[FLAG, VALUE],
    options: &[TARGETS, SHARES, WIDEN, KEEP, IGNORES, WRITE],
    runs: Runs::InEnvironments,
    examples: &[
        "feature set webhooks_failed_callout true --dev --staging",
        "feature set webhooks_failed_callout true --project=acme/shop,acme/blog",
        "feature set webhooks_failed_callout 25 --actors",
        "feature set webhooks_failed_callout false --reason=\"errors at the checkout\"",
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
            name: name(parsed)?,
            dry_run: parsed.has("dry-run"),
            reason: reason(parsed)?,
            environments: parsed.environments.clone(),
        }))
    },
};
