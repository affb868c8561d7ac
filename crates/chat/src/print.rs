//! A command as the text that it would be typed as: for "how to undo", and in the audit log.

use std::fmt;

use crate::commands::{Command, FeatureDelete, FeatureGet, FeatureSet, ShareOf, TargetKind, Value};
use crate::lex::QUOTES;

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeatureGet(get) => get.fmt(f),
            Self::FeatureSet(set) => set.fmt(f),
            Self::FeatureDelete(delete) => delete.fmt(f),
            Self::Help(None) => f.write_str("help"),
            Self::Help(Some(command)) => write!(f, "help {command}"),
        }
    }
}

impl fmt::Display for FeatureGet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feature get {} --env={}", self.name, self.environments.join(","))
    }
}

impl fmt::Display for FeatureDelete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feature delete {}", self.name)?;
        let flags = [(self.dry_run, "dry-run")];
        tail(f, flags, self.reason.as_deref(), &self.environments)
    }
}

impl fmt::Display for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "feature set {} {}", self.name, self.value)?;
        for kind in TargetKind::ALL {
            let names = self.targets.iter().filter(|target| target.kind == kind);
            let names: Vec<&str> = names.map(|target| target.name.as_str()).collect();
            if !names.is_empty() {
                write!(f, " --{}={}", kind.as_str(), names.join(","))?;
            }
        }
        for check in &self.ignored {
            write!(f, " --{}", check.as_str())?;
        }
        let flags = [(self.keep_targets, "keep-targets"), (self.dry_run, "dry-run")];
        tail(f, flags, self.reason.as_deref(), &self.environments)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On => f.write_str("true"),
            Self::Off => f.write_str("false"),
            Self::OptOut => f.write_str("opt_out"),
            Self::RemoveOptOut => f.write_str("remove_opt_out"),
            Self::Share(share, ShareOf::Actors) => write!(f, "{share} --actors"),
            Self::Share(share, ShareOf::Time) => write!(f, "{share} --random"),
        }
    }
}

/// The options that end a writing command.
fn tail<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    flags: [(bool, &str); N],
    reason: Option<&str>,
    environments: &[String],
) -> fmt::Result {
    for (_, name) in flags.into_iter().filter(|(set, _)| *set) {
        write!(f, " --{name}")?;
    }
    if let Some(reason) = reason {
        let free = QUOTES.into_iter().find(|(_, close)| !reason.contains(*close));
        // A text with every kind of quote can only have been typed without quotes, as one word.
        let (open, close) = free.map_or_else(Default::default, |(o, c)| (o.to_string(), c.to_string()));
        write!(f, " --reason={open}{reason}{close}")?;
    }
    write!(f, " --env={}", environments.join(","))
}
