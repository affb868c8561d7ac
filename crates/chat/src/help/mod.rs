//! The help, made of the same specifications that the parser reads.

mod topic;

pub(crate) use topic::topic;

use crate::commands::{FAMILIES, SPECS, family};
use crate::environments::{self, DEFAULT, Environment};
use crate::reply::Reply;
use crate::spec::{CommandSpec, Runs};

/// The help on one command, by its words (such as `feature set`), on a family of them (such as `rollout`), or on all.
pub fn help(topic: Option<&str>, environments: &[Environment<'_>]) -> Reply {
    if let Some(spec) = SPECS.iter().find(|spec| Some(spec.name) == topic) {
        return on_one(spec, environments);
    }
    match FAMILIES.iter().find(|(word, _)| Some(*word) == topic) {
        Some((word, about)) => Reply::done()
            .text(format!("{word}: {about}."))
            .fields(family(word).map(line).collect())
            .text(format!("Options and examples: help {word} ...")),
        None => Reply::done()
            .text("Commands:")
            .fields(SPECS.iter().map(line).collect())
            .text("Options and examples: help COMMAND"),
    }
}

fn line(spec: &CommandSpec) -> (String, String) {
    (spec.usage(), spec.summary.to_owned())
}

fn on_one(spec: &CommandSpec, environments: &[Environment<'_>]) -> Reply {
    let mut reply = Reply::done().text(spec.summary).code(spec.usage());
    if !spec.arguments.is_empty() {
        let arguments = spec.arguments.iter().map(|one| (one.name.to_owned(), one.help.to_owned()));
        reply = reply.fields(arguments.collect());
    }
    let options = options(spec, environments);
    if !options.is_empty() {
        reply = reply.text("Options, anywhere:").fields(options);
    }
    if spec.examples.is_empty() { reply } else { reply.text("Examples:").code(spec.examples.join("\n")) }
}

fn options(spec: &CommandSpec, environments: &[Environment<'_>]) -> Vec<(String, String)> {
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
    options
}
