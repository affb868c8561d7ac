//! `hooks failing`: which hooks fail now, as far as the author may see them.

use crate::command::{Command, HooksFailing, TargetKind};
use crate::error::Fault;
use crate::names::check_name;
use crate::parsed::Parsed;
use crate::spec::{CommandSpec, Holds, OptionSpec, Runs, Takes};

const PLACES: &[OptionSpec] = &[
    OptionSpec {
        name: "project",
        takes: Takes::One("P"),
        holds: Holds::Target(TargetKind::Project),
        help: "only those of this project, by full path or id",
    },
    OptionSpec {
        name: "group",
        takes: Takes::One("G"),
        holds: Holds::Target(TargetKind::Group),
        help: "only those of this group and what lies in it, by full path or id",
    },
];

pub(crate) const FAILING: CommandSpec = CommandSpec {
    name: "hooks failing",
    summary: "List the hooks that fail now, as far as you may see them.",
    arguments: &[],
    options: &[PLACES],
    runs: Runs::Anywhere,
    examples: &["hooks failing", "hooks failing --project=acme/shop"],
    build: failing,
};

fn failing(parsed: &Parsed) -> Result<Command, Fault> {
    if let (Some(project), Some(group)) = (parsed.option("project"), parsed.option("group")) {
        return Err(Fault::new(project.at.max(group.at), "Choose one of --project and --group."));
    }
    let place = |option: &str| -> Result<Option<String>, Fault> {
        let Some(given) = parsed.option(option) else { return Ok(None) };
        check_name(&given.value, given.value_at)?;
        Ok(Some(given.value.clone()))
    };
    Ok(Command::HooksFailing(HooksFailing { project: place("project")?, group: place("group")? }))
}
