//! `help`: what there is, and how one writes it.

use crate::command::Command;
use crate::help::topic;
use crate::limits::TOPIC_WORDS_MAX;
use crate::spec::{Argument, CommandSpec, Holds, Runs, Times};

pub(crate) const HELP: CommandSpec = CommandSpec {
    name: "help",
    summary: "Show every command, or all that one of them takes.",
    arguments: &[Argument {
        name: "COMMAND",
        times: Times::UpTo(TOPIC_WORDS_MAX),
        holds: Holds::Command,
        help: "a command's words, or its first one for all that begin with it",
    }],
    options: &[],
    runs: Runs::Anywhere,
    examples: &["help", "help feature set", "help rollout"],
    build: |parsed| Ok(Command::Help(topic(&parsed.arguments)?)),
};
