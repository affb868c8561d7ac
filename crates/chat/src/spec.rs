//! What a command looks like, as data: parser, help, completion and the reference page read the same.

use crate::commands::Command;
use crate::error::Fault;
use crate::parse::Parsed;

/// One command.
pub(crate) struct CommandSpec {
    /// Its words, such as `feature set`.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) summary: &'static str,
    /// What follows, in order.
    pub(crate) arguments: &'static [Argument],
    /// What may follow, anywhere, besides the environments to run in.
    pub(crate) options: &'static [&'static [OptionSpec]],
    /// Whether it runs in environments.
    pub(crate) runs: Runs,
    /// As somebody would type it.
    pub(crate) examples: &'static [&'static str],
    /// Makes the command of what was found.
    pub(crate) build: fn(Parsed) -> Result<Command, Fault>,
}

/// Where a command runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// In the environments that it names, else in production.
    InEnvironments,
    /// In no environment.
    Anywhere,
}

/// One argument, or several.
pub(crate) struct Argument {
    /// As the help writes it.
    pub(crate) name: &'static str,
    pub(crate) count: Count,
    pub(crate) names: Named,
}

/// How many words an argument takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// One.
    One,
    /// One or none.
    Optional,
    /// As many as there are, or none.
    Any,
    /// All that are left, at least one.
    Rest,
}

/// What an argument names, for completion.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// A flag.
    Flag,
    /// A value of a flag.
    Value,
    /// Nothing that could be listed.
    Free,
}

impl Argument {
    pub(crate) const fn new(name: &'static str, count: Count, names: Named) -> Self {
        Self { name, count, names }
    }

    fn usage(&self) -> String {
        match self.count {
            Count::One => self.name.to_owned(),
            Count::Optional | Count::Any => format!("[{}]", self.name),
            Count::Rest => format!("{}...", self.name),
        }
    }
}

/// The flag, which nearly every command names first.
pub(crate) const FLAG: Argument = Argument::new("NAME", Count::One, Named::Flag);

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
        let arguments = self.arguments.iter().map(Argument::usage);
        std::iter::once(self.name.to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
    }

    /// Its first word, which it shares with its family: `feature`.
    pub(crate) fn family(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or(self.name)
    }

    /// How many words it takes: at least, and at most if there is an end.
    pub(crate) fn arity(&self) -> (usize, Option<usize>) {
        let least = self.arguments.iter().filter(|one| matches!(one.count, Count::One | Count::Rest)).count();
        let endless = self.arguments.iter().any(|one| matches!(one.count, Count::Any | Count::Rest));
        (least, (!endless).then_some(self.arguments.len()))
    }
}
