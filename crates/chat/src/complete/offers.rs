//! What could stand at a place, by what stands before and behind it.

use super::Names;
use crate::command::TargetKind;
use crate::commands::{FAMILIES, family};
use crate::dashes::{Dashed, begins_with_dash, dashed};
use crate::environments::{self, Environment};
use crate::lex::{QUOTES, Word};
use crate::names::is_name;
use crate::parse::{Found, find, takes_next};
use crate::spec::{CommandSpec, Holds, OptionSpec, Runs, Takes};

/// The place of a word that is being written.
pub(super) struct Place<'p> {
    /// The words before it, less the prefix.
    pub(super) before: &'p [Word],
    /// What is written of it, up to the cursor, without the quote that opens it.
    pub(super) typed: &'p str,
    /// Whether a quote opens it.
    pub(super) quoted: bool,
    /// The words behind it.
    pub(super) after: &'p [Word],
    pub(super) environments: &'p [Environment<'p>],
    pub(super) names: &'p dyn Names,
}

/// What could stand there.
pub(super) struct Offer {
    /// The byte of what is written at which it begins.
    pub(super) from: usize,
    pub(super) text: String,
    pub(super) help: String,
}

impl Place<'_> {
    /// All of it, the likeliest first.
    pub(super) fn offers(&self) -> Vec<Offer> {
        let plain = |word: &Word| word.quoted || dashed(&word.text) == Dashed::No;
        if !self.before.iter().any(plain) {
            return self.words(0, FAMILIES.iter().copied());
        }
        match find(self.before) {
            Ok(Found::Command(spec, words)) => self.within(spec, &words),
            Ok(Found::Family(word)) => self.verbs(word),
            Err(_) => Vec::new(),
        }
    }

    fn verbs(&self, word: &str) -> Vec<Offer> {
        self.words(0, family(word).filter_map(|spec| Some((spec.verb()?, spec.summary))))
    }

    /// Behind a command's own words; `words` stand between.
    fn within(&self, spec: &'static CommandSpec, words: &[&Word]) -> Vec<Offer> {
        let mut arguments = Vec::new();
        let mut pending = None;
        for word in words {
            if pending.take().is_some() {
                continue;
            }
            pending = takes_next(spec, word);
            if word.quoted || dashed(&word.text) == Dashed::No {
                arguments.push(*word);
            }
        }
        if let Some(option) = pending {
            return self.value(option, 0);
        }
        match self.option_so_far() {
            Some(written) => match written.split_once('=') {
                Some((name, value)) => match every_option(spec).find(|option| option.name == name) {
                    Some(option) => self.value(option, self.typed.len() - value.len()),
                    None => Vec::new(),
                },
                None => self.options(spec, words, written),
            },
            None => {
                let mut offers = self.argument(spec, &arguments);
                if self.typed.is_empty() && !self.quoted {
                    offers.extend(self.options(spec, words, ""));
                }
                offers
            }
        }
    }

    /// What is written behind the dashes, if an option is being written.
    fn option_so_far(&self) -> Option<&str> {
        let only_dashes = |word: &str| dashed(&format!("{word}-")) == Dashed::No && begins_with_dash(word);
        match dashed(self.typed) {
            _ if self.quoted => None,
            Dashed::Option(written) | Dashed::Once(written) => Some(written),
            Dashed::No if only_dashes(self.typed) => Some(""),
            Dashed::No => None,
        }
    }

    fn argument(&self, spec: &CommandSpec, before: &[&Word]) -> Vec<Offer> {
        let Some(argument) = spec.argument(before.len()) else { return Vec::new() };
        match (argument.holds, before) {
            (Holds::Command, []) => self.words(0, FAMILIES.iter().copied()),
            (Holds::Command, [word]) => self.verbs(&word.text),
            (holds, _) => self.held(holds, 0, &[]),
        }
    }

    /// Options that begin so, less those that stand there already; lists may stand there again.
    fn options(&self, spec: &'static CommandSpec, words: &[&Word], written: &str) -> Vec<Offer> {
        let given: Vec<&str> =
            words.iter().copied().chain(self.after).filter_map(|word| written_option(word)).collect();
        let is_open = |name: &str| name.starts_with(written) && !given.contains(&name);
        let own = spec.all_options().filter(|option| {
            matches!(option.takes, Takes::List(_)) && option.name.starts_with(written) || is_open(option.name)
        });
        let own = own.map(option_offer);
        let places = self.environments.iter().filter(|_| spec.runs == Runs::InEnvironments);
        let places = places.filter(|one| is_open(one.name)).map(|one| Offer {
            from: 0,
            text: format!("--{}", one.name),
            help: format!("run in {}", one.name),
        });
        let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
        own.chain(places).chain(common.filter(|option| is_open(option.name)).map(option_offer)).collect()
    }

    /// What could stand behind an option, whose value begins at byte `at` of what is written.
    fn value(&self, option: &OptionSpec, at: usize) -> Vec<Offer> {
        let opens = |c: char| QUOTES.iter().any(|(open, _)| *open == c);
        let quote = self.typed[at..].chars().next().filter(|c| opens(*c)).map_or(0, char::len_utf8);
        let begin = at + quote;
        let Takes::List(_) = option.takes else { return self.held(option.holds, begin, &[]) };
        let list = &self.typed[begin..];
        let (chosen, from) = match list.rfind(',') {
            Some(comma) => (list[..comma].split(',').collect(), begin + comma + 1),
            None => (Vec::new(), begin),
        };
        self.held(option.holds, from, &chosen)
    }

    /// Things of a kind that begin as what is written from byte `from` on, less those that were chosen.
    fn held(&self, holds: Holds, from: usize, chosen: &[&str]) -> Vec<Offer> {
        let typed = &self.typed[from..];
        let mut offers = match holds {
            Holds::Text | Holds::Command => Vec::new(),
            Holds::Words(words) => self.words(from, words.iter().copied()),
            Holds::Environment => {
                let names = self.environments.iter().map(|environment| (environment.name, "environment"));
                self.words(from, names)
            }
            Holds::Flag => self.names(from, self.names.flags(typed), "flag"),
            Holds::Target(kind) => {
                let at_sign = usize::from(kind == TargetKind::User && typed.starts_with('@'));
                let found = self.names.targets(kind, &typed[at_sign..]);
                self.names(from + at_sign, found, kind.as_str())
            }
        };
        offers.retain(|offer| !chosen.contains(&offer.text.as_str()));
        offers
    }

    fn names(&self, from: usize, found: Vec<String>, help: &'static str) -> Vec<Offer> {
        let names = found.iter().filter(|name| is_name(name)).map(|name| (name.as_str(), help));
        self.words(from, names)
    }

    /// Those of the words that begin as what is written from byte `from` on.
    fn words<'w>(&self, from: usize, words: impl Iterator<Item = (&'w str, &'w str)>) -> Vec<Offer> {
        let typed = self.typed[from..].to_lowercase();
        let begins = words.filter(|(word, _)| word.to_lowercase().starts_with(&typed));
        begins.map(|(word, help)| Offer { from, text: word.to_owned(), help: help.to_owned() }).collect()
    }
}

fn every_option(spec: &'static CommandSpec) -> impl Iterator<Item = &'static OptionSpec> {
    let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
    spec.all_options().chain(common)
}

fn option_offer(option: &OptionSpec) -> Offer {
    let ends = if option.takes == Takes::Nothing { "" } else { "=" };
    Offer { from: 0, text: format!("--{}{ends}", option.name), help: option.help.to_owned() }
}

/// The name of the option that a word is.
fn written_option(word: &Word) -> Option<&str> {
    match dashed(&word.text) {
        Dashed::Option(written) if !word.quoted => written.split('=').next(),
        _ => None,
    }
}
