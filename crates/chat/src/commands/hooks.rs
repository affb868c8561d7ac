//! `hooks failing`: which hooks fail now, as far as the author may see them.

use super::Command;
use super::feature::check_name;
use crate::error::Fault;
use crate::parse::Given;
use crate::spec::{CommandSpec, OptionSpec, Runs, Takes};

/// Lists failing hooks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HooksFailing {
    /// Only those of this project, by full path or id.
    pub project: Option<String>,
    /// Only those of this group and what lies in it, by full path or id.
    pub group: Option<String>,
}

pub(crate) const FAILING: CommandSpec = CommandSpec {
    name: "hooks failing",
    summary: "List the hooks that fail now, as far as you may see them.",
    arguments: &[],
    options: &[&[
        OptionSpec::new("project", Takes::One("P"), "only those of this project, by full path"),
        OptionSpec::new("group", Takes::One("G"), "only those of this group and what lies in it"),
    ]],
    runs: Runs::Anywhere,
    examples: &["hooks failing", "hooks failing --project=acme/shop"],
    build: |parsed| {
        let (project, group) = (parsed.option("project"), parsed.option("group"));
        if let (Some(project), Some(group)) = (project, group) {
            let at = project.at.max(group.at);
            return Err(Fault::new(at, "Choose one of --project and --group."));
        }
        let name = |given: Option<&Given>| {
            given.map(|given| check_name(&given.value, given.at).map(|()| given.value.clone())).transpose()
        };
        Ok(Command::HooksFailing(HooksFailing { project: name(project)?, group: name(group)? }))
    },
};
