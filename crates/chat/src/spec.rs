//! What a command looks like, as data: the parser, the help and later completion read the same.

use crate::commands::Command;
use crate::error::Fault;
use crate::parse::Parsed;

/// One command.
pub(crate) struct CommandSpec {
    /// Its words, such as `feature set`.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) summary: &'static str,
    /// What must follow, in order.
    pub(crate) arguments: &'static [&'static str],
    /// What may follow, anywhere, besides the environments to run in.
    pub(crate) options: &'static [&'static [OptionSpec]],
    /// Makes the command of what was found.
    pub(crate) build: fn(Parsed) -> Result<Command, Fault>,
}

/// One option, without its `--`.
pub(crate) struct OptionSpec {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) help: &'static str,
}

/// What stands behind an option.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing.
    Nothing,
    /// One value, once.
    One(&'static str),
    /// Values parted by commas; several such options add up.
    List(&'static str),
}

impl OptionSpec {
    pub(crate) const fn new(name: &'static str, takes: Takes, help: &'static str) -> Self {
        Self { name, takes, help }
    }

    /// As it is written: `--project=P[,P...]`.
    pub(crate) fn usage(&self) -> String {
        match self.takes {
            Takes::Nothing => format!("--{}", self.name),
            Takes::One(what) => format!("--{}={what}", self.name),
            Takes::List(what) => format!("--{}={what}[,{what}...]", self.name),
        }
    }
}

impl CommandSpec {
    /// Its own options, in the order of the help.
    pub(crate) fn all_options(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.options.iter().flat_map(|group| group.iter())
    }

    /// Name and arguments: `feature set NAME VALUE`.
    pub(crate) fn usage(&self) -> String {
        [&[self.name], self.arguments].concat().join(" ")
    }
}
