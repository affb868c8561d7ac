//! What a command looks like, as data: the parser, the help, completion and the reference page read the same.

use crate::command::{Command, TargetKind};
use crate::error::Fault;
use crate::parsed::Parsed;

/// One command.
pub(crate) struct CommandSpec {
    /// Its one or two words, such as `feature set`.
    pub(crate) name: &'static str,
    /// What it does, in a sentence.
    pub(crate) summary: &'static str,
    /// What follows, in order; only the last one may be anything but [`Times::Once`].
    pub(crate) arguments: &'static [Argument],
    /// What may follow, anywhere, besides the environments to run in.
    pub(crate) options: &'static [&'static [OptionSpec]],
    /// Whether it names environments.
    pub(crate) runs: Runs,
    /// Whole commands that show how it is used.
    pub(crate) examples: &'static [&'static str],
    /// Makes the command of what was found.
    pub(crate) build: fn(&Parsed) -> Result<Command, Fault>,
}

/// Where a command runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runs {
    /// In the environments that its options name, else in production.
    InEnvironments,
    /// In no environment: it has no such options.
    Anywhere,
}

/// One thing that follows a command's words.
pub(crate) struct Argument {
    /// As it stands in the usage: `NAME`.
    pub(crate) name: &'static str,
    pub(crate) times: Times,
    pub(crate) holds: Holds,
    pub(crate) help: &'static str,
}

/// How often an argument stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// Exactly once.
    Once,
    /// Once, or not at all.
    Optional,
    /// Not at all, or up to so many times.
    UpTo(usize),
    /// All words that are left, as one text; at least one.
    Text,
}

/// One option, without its `--`.
pub(crate) struct OptionSpec {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) holds: Holds,
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

/// What an argument or a value is, for whoever completes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Anything.
    Text,
    /// The name of a flag.
    Flag,
    /// The name of a target.
    Target(TargetKind),
    /// The name of an environment.
    Environment,
    /// The words of a command.
    Command,
    /// One of these, each with what it means; other things may be legal, too.
    Words(&'static [(&'static str, &'static str)]),
}

impl Argument {
    pub(crate) const fn once(name: &'static str, holds: Holds, help: &'static str) -> Self {
        Self { name, times: Times::Once, holds, help }
    }

    /// As it stands in the usage: `NAME`, `[X.Y]`, `TEXT...`.
    fn usage(&self) -> String {
        match self.times {
            Times::Once => self.name.to_owned(),
            Times::Optional | Times::UpTo(_) => format!("[{}]", self.name),
            Times::Text => format!("{}...", self.name),
        }
    }

    /// Whether a command without it is not whole.
    pub(crate) fn is_needed(&self) -> bool {
        matches!(self.times, Times::Once | Times::Text)
    }
}

impl OptionSpec {
    /// An option that is there or not.
    pub(crate) const fn plain(name: &'static str, help: &'static str) -> Self {
        Self { name, takes: Takes::Nothing, holds: Holds::Text, help }
    }

    /// An option with any text behind it.
    pub(crate) const fn text(name: &'static str, what: &'static str, help: &'static str) -> Self {
        Self { name, takes: Takes::One(what), holds: Holds::Text, help }
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

    /// Its own option of this name.
    pub(crate) fn option(&self, name: &str) -> Option<&'static OptionSpec> {
        self.all_options().find(|option| option.name == name)
    }

    /// The argument that stands at this place, counted from 0.
    pub(crate) fn argument(&self, index: usize) -> Option<&'static Argument> {
        self.arguments.get(index).or_else(|| {
            self.arguments.last().filter(|last| match last.times {
                Times::UpTo(most) => index < self.arguments.len() - 1 + most,
                Times::Text => true,
                Times::Once | Times::Optional => false,
            })
        })
    }

    /// Name and arguments: `feature set NAME VALUE`.
    pub(crate) fn usage(&self) -> String {
        let arguments = self.arguments.iter().map(Argument::usage);
        std::iter::once(self.name.to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
    }

    /// Its first word.
    pub(crate) fn family(&self) -> &'static str {
        self.name.split_once(' ').map_or(self.name, |(family, _)| family)
    }

    /// Its second word; `None` if one word is all.
    pub(crate) fn verb(&self) -> Option<&'static str> {
        self.name.split_once(' ').map(|(_, verb)| verb)
    }
}
