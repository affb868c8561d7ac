//! Completion: what could stand at a place of a command, by the same specifications that the parser reads.

use crate::commands::{SPECS, TargetKind};
use crate::environments::{self, Environment};
use crate::limits::COMPLETIONS_MAX;
use crate::spec::{CommandSpec, Count, Named, OptionSpec, Runs, Takes};

/// Names that completion cannot know by itself.
pub trait Names {
    /// Flags whose name begins so, at most as many as are worth showing.
    fn flags(&self, prefix: &str) -> Vec<String>;
    /// Targets of a kind whose path or name begins so, likewise.
    fn targets(&self, kind: TargetKind, prefix: &str) -> Vec<String>;
}

/// One thing that could stand there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// The first byte of what it replaces.
    pub start: usize,
    /// The byte behind what it replaces.
    pub end: usize,
    /// What to put there.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub help: String,
}

/// What could stand at byte `cursor` of `text`, at most [`COMPLETIONS_MAX`]. What stands behind the cursor is left as it
/// is; a cursor within a letter is put before it.
pub fn complete(
    text: &str,
    cursor: usize,
    environments: &[Environment<'_>],
    names: &dyn Names,
) -> Vec<Completion> {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let before = &text[..cursor];
    let begin = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let begin = (begin..=cursor).find(|at| text.is_char_boundary(*at)).unwrap_or(cursor);
    let words: Vec<&str> = before[..begin].split_whitespace().collect();
    let place = Place { partial: &text[begin..cursor], begin, cursor, environments, names };
    let mut found = place.complete(without_prefix(&words));
    found.truncate(COMPLETIONS_MAX);
    found
}

/// The same for a shell, which has parted the words: whole words that could stand in place of the last one.
pub fn complete_words(
    words: &[String],
    environments: &[Environment<'_>],
    names: &dyn Names,
) -> Vec<Completion> {
    let text = words.join(" ");
    let begin = text.len() - words.last().map_or(0, String::len);
    let whole = |found: Completion| Completion {
        text: format!("{}{}", &text[begin..found.start], found.text),
        start: begin,
        ..found
    };
    complete(&text, text.len(), environments, names).into_iter().map(whole).collect()
}

fn without_prefix<'w>(mut words: &'w [&'w str]) -> &'w [&'w str] {
    for prefix in ["/chatops", "gitlab", "run"] {
        if let [first, rest @ ..] = words
            && first.eq_ignore_ascii_case(prefix)
        {
            words = rest;
        }
    }
    words
}

/// The word that is being written, and what is known around it.
struct Place<'a> {
    partial: &'a str,
    begin: usize,
    cursor: usize,
    environments: &'a [Environment<'a>],
    names: &'a dyn Names,
}

impl Place<'_> {
    fn complete(&self, words: &[&str]) -> Vec<Completion> {
        if words.first().is_some_and(|word| word.eq_ignore_ascii_case("help")) {
            return self.commands(&words[1..]);
        }
        let spec = SPECS.iter().find(|spec| {
            let name: Vec<&str> = spec.name.split(' ').collect();
            words.len() >= name.len() && words.iter().zip(&name).all(|(w, n)| w.eq_ignore_ascii_case(n))
        });
        match spec {
            Some(spec) => self.within(spec, &words[spec.name.split(' ').count()..]),
            None => self.commands(words),
        }
    }

    /// The next word of a command.
    fn commands(&self, words: &[&str]) -> Vec<Completion> {
        let mut found: Vec<Completion> = Vec::new();
        for spec in SPECS {
            let name: Vec<&str> = spec.name.split(' ').collect();
            let follows = name.len() > words.len()
                && words.iter().zip(&name).all(|(word, part)| word.eq_ignore_ascii_case(part));
            let Some(next) = name.get(words.len()).filter(|_| follows) else { continue };
            let is_last = name.len() == words.len() + 1;
            let help = if is_last { spec.summary } else { "" };
            if !found.iter().any(|known| known.text == *next) {
                found.extend(self.word(next, help));
            }
        }
        if words.is_empty() {
            found.extend(self.word("help", "Show all commands, or all options of one."));
        }
        found
    }

    fn within(&self, spec: &CommandSpec, words: &[&str]) -> Vec<Completion> {
        let option = |word: &str| {
            let name = word.strip_prefix("--")?;
            self.options(spec).find(|option| option.name == name && option.takes != Takes::Nothing)
        };
        if let Some(option) = words.last().and_then(|word| option(word)) {
            return self.values(option, self.begin);
        }
        if let Some(rest) = self.partial.strip_prefix("--") {
            return match rest.split_once('=') {
                Some((name, _)) => match self.options(spec).find(|option| option.name == name) {
                    Some(option) => self.values(option, self.begin + "--".len() + name.len() + 1),
                    None => Vec::new(),
                },
                None => self.option_names(spec, words),
            };
        }
        let mut positional = 0;
        let mut skip = false;
        for word in words {
            if skip {
                skip = false;
            } else if word.starts_with("--") {
                skip = option(word).is_some();
            } else {
                positional += 1;
            }
        }
        let argument = spec
            .arguments
            .get(positional)
            .or_else(|| spec.arguments.last().filter(|last| matches!(last.count, Count::Any | Count::Rest)));
        let mut found = argument.map(|argument| self.argument(argument.names)).unwrap_or_default();
        if self.partial.is_empty() {
            found.extend(self.option_names(spec, words));
        }
        found
    }

    fn argument(&self, named: Named) -> Vec<Completion> {
        match named {
            Named::Flag => {
                self.names.flags(self.partial).iter().filter_map(|name| self.word(name, "flag")).collect()
            }
            Named::Value => [
                ("true", "on"),
                ("false", "off"),
                ("opt_out", "off for the targets"),
                ("remove_opt_out", "back to the rest"),
                ("25", "a percentage, with --actors"),
            ]
            .into_iter()
            .filter_map(|(value, help)| self.word(value, help))
            .collect(),
            Named::Free => Vec::new(),
        }
    }

    /// Options that are not there yet; lists may stand there twice.
    fn option_names(&self, spec: &CommandSpec, words: &[&str]) -> Vec<Completion> {
        let given = |name: &str| {
            words
                .iter()
                .any(|word| word.strip_prefix("--").is_some_and(|rest| rest.split('=').next() == Some(name)))
        };
        let own = self.options(spec).filter(|option| !given(option.name)).filter_map(|option| {
            let ends = if option.takes == Takes::Nothing { "" } else { "=" };
            self.word(&format!("--{}{ends}", option.name), option.help)
        });
        let environments = self.environments.iter().filter(|_| spec.runs == Runs::InEnvironments);
        let places = environments
            .filter(|one| !given(one.name))
            .filter_map(|one| self.word(&format!("--{}", one.name), &format!("run in {}", one.name)));
        own.chain(places).collect()
    }

    fn options<'s>(&self, spec: &'s CommandSpec) -> impl Iterator<Item = &'static OptionSpec> + use<'s> {
        let common: &'static [OptionSpec] = match spec.runs {
            Runs::InEnvironments => &environments::OPTIONS,
            Runs::Anywhere => &[],
        };
        spec.all_options().chain(common)
    }

    /// What could stand behind an option; lists go on behind their last comma.
    fn values(&self, option: &OptionSpec, from: usize) -> Vec<Completion> {
        let value = &self.partial[from - self.begin..];
        let start = match option.takes {
            Takes::List(_) => from + value.rfind(',').map_or(0, |at| at + 1),
            Takes::One(_) | Takes::Nothing => from,
        };
        let partial = &self.partial[start - self.begin..];
        let put =
            |text: String, help: &str| Completion { start, end: self.cursor, text, help: help.to_owned() };
        if option.name == "env" {
            let names = self.environments.iter().map(|one| one.name).filter(|name| name.starts_with(partial));
            return names.map(|name| put(name.to_owned(), "environment")).collect();
        }
        if option.name == "to" {
            let words = ["team", "production", "support", "log"].into_iter();
            return words.filter(|word| word.starts_with(partial)).map(|word| put(word.into(), "")).collect();
        }
        match TargetKind::ALL.into_iter().find(|kind| kind.as_str() == option.name) {
            Some(kind) => {
                let names = self.names.targets(kind, partial).into_iter();
                names.map(|name| put(name, kind.as_str())).collect()
            }
            None => Vec::new(),
        }
    }

    /// A word, if what is written begins it.
    fn word(&self, word: &str, help: &str) -> Option<Completion> {
        let begins = word.to_lowercase().starts_with(&self.partial.to_lowercase());
        begins.then(|| Completion {
            start: self.begin,
            end: self.cursor,
            text: word.to_owned(),
            help: help.to_owned(),
        })
    }
}
