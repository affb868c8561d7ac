//! One option: its value, and the environments that it may name.

use crate::dashes::{Dashed, dashed};
use crate::environments::{self, Chosen, Environment};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::lookalike::note;
use crate::nearest::nearest;
use crate::parsed::items;
use crate::spec::{CommandSpec, OptionSpec, Runs, Takes};

/// The value of an option, and the byte at which it stands: behind its `=`, else the next word.
pub(super) fn value_of<'w>(
    option: &OptionSpec,
    word: &Word,
    value: Option<&str>,
    words: &mut impl Iterator<Item = &'w Word>,
) -> Result<(String, usize), Fault> {
    if option.takes == Takes::Nothing {
        return match value {
            None => Ok((String::new(), word.at)),
            Some(_) => Err(Fault::new(word.at, format!("--{} takes no value.", option.name))),
        };
    }
    let found = match value {
        Some(value) => Some((value.to_owned(), value_at(word, value))),
        None => words.next().filter(|next| is_value(next)).map(|next| (next.text.clone(), next.inside)),
    };
    found.filter(|(value, _)| !value.is_empty()).ok_or_else(|| {
        let message = format!("--{} needs a value: {}", option.name, option.usage());
        Fault::new(word.at, message)
    })
}

fn value_at(word: &Word, value: &str) -> usize {
    if word.inside > word.at { word.inside } else { word.end() - value.len() }
}

fn is_value(word: &Word) -> bool {
    word.quoted || dashed(&word.text) == Dashed::No
}

/// An option that is not the command's own: it must name environments.
pub(super) fn choose<'w>(
    chosen: &mut Chosen<'_>,
    spec: &CommandSpec,
    word: &Word,
    (name, value): (&str, Option<&str>),
    words: &mut impl Iterator<Item = &'w Word>,
) -> Result<(), Fault> {
    let Some(common) = environments::OPTIONS.iter().find(|option| option.name == name) else {
        if !chosen.configured().iter().any(|environment| environment.name == name) {
            return Err(unknown(spec, word, name, chosen.configured()));
        }
        if value.is_some() {
            return Err(Fault::new(word.at, format!("--{name} takes no value.")));
        }
        return chosen.choose(name, word.at);
    };
    let (value, value_at) = value_of(common, word, value, words)?;
    if common.takes == Takes::Nothing {
        chosen.choose_nonproduction();
        return Ok(());
    }
    items(&value, value_at).try_for_each(|(name, at)| chosen.choose(name, at))
}

/// That a command has no such option.
pub(super) fn unknown(
    spec: &CommandSpec,
    word: &Word,
    name: &str,
    environments: &[Environment<'_>],
) -> Fault {
    let mut names = environments.iter().map(|environment| environment.name);
    if spec.runs == Runs::Anywhere && names.any(|environment| environment == name) {
        let message = format!("`{}` runs in no environment: leave out --{name}.", spec.name);
        return Fault::new(word.at, message);
    }
    let common = environments::OPTIONS.iter().map(|option| option.name);
    let common = common.chain(environments.iter().map(|environment| environment.name));
    let common = common.filter(|_| spec.runs == Runs::InEnvironments);
    let candidates: Vec<&str> = spec.all_options().map(|option| option.name).chain(common).collect();
    let near = nearest(name, candidates).map(|near| format!("--{near}"));
    let message = format!("`{}` has no option {}.{}", spec.name, shown(&format!("--{name}")), note(name));
    Fault::new(word.at, message).suggest(near)
}
