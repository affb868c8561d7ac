//! A command as the text that it would be typed as: for "how to undo", and in the audit log.

use std::fmt;

use crate::command::{
    Audiences, AutoDeployStatus, Command, FeatureDelete, FeatureGet, FeatureList, FeatureSet, HooksFailing,
    Link, ReleaseCheck, Rollout, RolloutVerb, ShareOf, TargetKind, Value,
};
use crate::text::{quoted, written};

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeatureGet(get) => get.fmt(f),
            Self::FeatureSet(set) => set.fmt(f),
            Self::FeatureDelete(delete) => delete.fmt(f),
            Self::FeatureList(list) => list.fmt(f),
            Self::AutoDeployStatus(status) => status.fmt(f),
            Self::ReleaseCheck(check) => check.fmt(f),
            Self::Rollout(rollout) => rollout.fmt(f),
            Self::HooksFailing(hooks) => hooks.fmt(f),
            Self::Link(link) => link.fmt(f),
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
        let flags = [
            (self.with_dependencies, "with-dependencies"),
            (self.large_step, "large-step"),
            (self.keep_targets, "keep-targets"),
            (self.dry_run, "dry-run"),
        ];
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
        write!(f, " --reason={}", quoted(reason))?;
    }
    write!(f, " --env={}", environments.join(","))
}

impl fmt::Display for FeatureList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("feature list")?;
        if let Some(matching) = &self.matching {
            write!(f, " --match={}", written(matching))?;
        }
        write!(f, " --env={}", self.environments.join(","))
    }
}

impl fmt::Display for AutoDeployStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("auto_deploy status")?;
        match self {
            Self::Everywhere => Ok(()),
            Self::Commits(ids) => write!(f, " {}", ids.join(" ")),
            Self::MergeRequest(url) => write!(f, " {}", written(url)),
        }
    }
}

impl fmt::Display for ReleaseCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "release check {}", written(&self.url))?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, " {}", written(version)))
    }
}

impl fmt::Display for HooksFailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hooks failing")?;
        self.project.as_ref().map_or(Ok(()), |path| write!(f, " --project={path}"))?;
        self.group.as_ref().map_or(Ok(()), |path| write!(f, " --group={path}"))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link {}", self.code)
    }
}

impl fmt::Display for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rollout {} {}", self.verb.word(), self.name)?;
        let text = |f: &mut fmt::Formatter<'_>, name: &str, text: &Option<String>| match text {
            Some(text) => write!(f, " --{name}={}", quoted(text)),
            None => Ok(()),
        };
        match &self.verb {
            RolloutVerb::Ack { reason } | RolloutVerb::Rollback { reason } => text(f, "reason", reason),
            RolloutVerb::Announce { at, text: said, audiences, dry_run } => {
                text(f, "at", at)?;
                text(f, "text", said)?;
                if let Audiences::Some(named) = audiences {
                    write!(f, " --to={}", named.join(","))?;
                }
                f.write_str(if *dry_run { " --dry-run" } else { "" })
            }
            RolloutVerb::Note { text, qa } => {
                write!(f, " {}{}", quoted(text), if *qa { " --qa" } else { "" })
            }
            _ => Ok(()),
        }
    }
}

impl RolloutVerb {
    /// The word in the command.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Status => "status",
            Self::Next => "next",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Tick => "tick",
            Self::Approve => "approve",
            Self::Ack { .. } => "ack",
            Self::Announce { .. } => "announce",
            Self::Note { .. } => "note",
            Self::Release => "release",
            Self::Cleanup => "cleanup",
            Self::Rollback { .. } => "rollback",
            Self::Close => "close",
        }
    }
}
