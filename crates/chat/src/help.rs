//! The help, made of the same specifications that the parser reads.

use crate::commands::SPECS;
use crate::environments::{self, DEFAULT, Environment};
use crate::reply::Reply;
use crate::spec::CommandSpec;

/// The help on one command, by its words (such as `feature set`), or on all.
pub fn help(topic: Option<&str>, environments: &[Environment<'_>]) -> Reply {
    match SPECS.iter().find(|spec| Some(spec.name) == topic) {
        Some(spec) => on_one(spec, environments),
        None => on_all(),
    }
}

fn on_all() -> Reply {
    let lines = SPECS.iter().map(|spec| (spec.usage(), spec.summary.to_owned()));
    let help = ("help [COMMAND]".to_owned(), "Show this, or all options of a command.".to_owned());
    Reply::done().text("Commands:").fields(lines.chain([help]).collect())
}

fn on_one(spec: &CommandSpec, environments: &[Environment<'_>]) -> Reply {
    let mut options: Vec<(String, String)> =
        spec.all_options().map(|option| (option.usage(), option.help.to_owned())).collect();
    for environment in environments {
        let default = if environment.name == DEFAULT { " (if none is named)" } else { "" };
        options.push((format!("--{}", environment.name), format!("run in {}{default}", environment.name)));
    }
    options.extend(environments::OPTIONS.iter().map(|o| (o.usage(), o.help.to_owned())));
    Reply::done().text(spec.summary).code(spec.usage()).text("Options, anywhere:").fields(options)
}
