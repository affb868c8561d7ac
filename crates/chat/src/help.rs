//! The help, made of the same specifications that the parser reads.

use crate::commands::SPECS;
use crate::environments::{self, DEFAULT, Environment};
use crate::reply::Reply;
use crate::spec::{CommandSpec, Runs};

/// The help on one command, by its words (such as `feature set`), on a family of them (such as `feature`), or on all.
pub fn help(topic: Option<&str>, environments: &[Environment<'_>]) -> Reply {
    let one = SPECS.iter().find(|spec| Some(spec.name) == topic);
    match (one, topic) {
        (Some(spec), _) => on_one(spec, environments),
        (None, Some(family)) if SPECS.iter().any(|spec| spec.family() == family) => on_family(family),
        (None, _) => on_all(),
    }
}

fn on_all() -> Reply {
    let help = ("help [COMMAND]".to_owned(), "Show this, or all options of a command.".to_owned());
    let lines = SPECS.iter().map(line).chain([help]);
    Reply::done().text("Commands:").fields(lines.collect())
}

fn on_family(family: &str) -> Reply {
    let lines = SPECS.iter().filter(|spec| spec.family() == family).map(line);
    Reply::done().text("Commands:").fields(lines.collect()).text(format!("All options: help {family} ..."))
}

fn line(spec: &CommandSpec) -> (String, String) {
    (spec.usage(), spec.summary.to_owned())
}

fn on_one(spec: &CommandSpec, environments: &[Environment<'_>]) -> Reply {
    let mut options: Vec<(String, String)> =
        spec.all_options().map(|option| (option.usage(), option.help.to_owned())).collect();
    if spec.runs == Runs::InEnvironments {
        for environment in environments {
            let default = if environment.name == DEFAULT { " (if none is named)" } else { "" };
            options
                .push((format!("--{}", environment.name), format!("run in {}{default}", environment.name)));
        }
        options.extend(environments::OPTIONS.iter().map(|o| (o.usage(), o.help.to_owned())));
    }
    let mut reply = Reply::done().text(spec.summary).code(spec.usage());
    if !options.is_empty() {
        reply = reply.text("Options, anywhere:").fields(options);
    }
    if spec.examples.is_empty() { reply } else { reply.text("Examples:").code(spec.examples.join("\n")) }
}
