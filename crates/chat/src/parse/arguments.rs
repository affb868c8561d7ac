//! What follows a command's words: arguments, options, environments.

use super::options::{choose, unknown, value_of};
use crate::dashes::{Dashed, dashed};
use crate::environments::{self, Chosen, Environment};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::parsed::{Given, Parsed};
use crate::spec::{CommandSpec, OptionSpec, Runs, Takes, Times};

/// What `words` say, as far as the specification and the environments know them; `end` is the byte behind the text.
pub(super) fn read(
    spec: &'static CommandSpec,
    words: &[&Word],
    environments: &[Environment<'_>],
    end: usize,
) -> Result<Parsed, Fault> {
    let mut chosen = Chosen::new(environments);
    let mut parsed = Parsed { arguments: Vec::new(), options: Vec::new(), environments: Vec::new() };
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match if word.quoted { Dashed::No } else { dashed(&word.text) } {
            Dashed::No => parsed.arguments.push(word.clone()),
            Dashed::Once(written) => {
                let message = "An option begins with two dashes.";
                return Err(Fault::new(word.at, message).suggest(Some(format!("--{written}"))));
            }
            Dashed::Option(written) => {
                let (name, value) = written.split_once('=').map_or((written, None), |(n, v)| (n, Some(v)));
                if let Some(option) = spec.option(name) {
                    let (value, value_at) = value_of(option, word, value, &mut words)?;
                    parsed.options.push(Given { name: option.name, value, at: word.at, value_at });
                } else if spec.runs == Runs::InEnvironments {
                    choose(&mut chosen, spec, word, (name, value), &mut words)?;
                } else {
                    return Err(unknown(spec, word, name, environments));
                }
            }
        }
    }
    check_arguments(spec, &parsed, end)?;
    check_repeated(spec, &parsed)?;
    if spec.runs == Runs::InEnvironments {
        parsed.environments = chosen.finish(end)?;
    }
    Ok(parsed)
}

/// The option that takes the next word as its value, if this word is one.
pub(crate) fn takes_next(spec: &CommandSpec, word: &Word) -> Option<&'static OptionSpec> {
    let Dashed::Option(name) = dashed(&word.text) else { return None };
    let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
    let mut known = spec.all_options().chain(common).filter(|_| !word.quoted);
    known.find(|option| option.name == name && option.takes != Takes::Nothing)
}

fn check_arguments(spec: &CommandSpec, parsed: &Parsed, end: usize) -> Result<(), Fault> {
    let missing = spec.arguments.get(parsed.arguments.len()).filter(|argument| argument.is_needed());
    if let Some(missing) = missing {
        return Err(Fault::new(end, format!("{} is missing: {}", missing.name, spec.usage())));
    }
    let mut places = parsed.arguments.iter().enumerate();
    let Some((_, extra)) = places.find(|(index, _)| spec.argument(*index).is_none()) else { return Ok(()) };
    let message = match spec.arguments.last().map(|last| last.times) {
        Some(Times::UpTo(most)) => format!("At most {most} in one command; use several: {}", spec.usage()),
        _ => {
            let hint = if has_text(spec, parsed) { " A text of several words needs quotes." } else { "" };
            format!("{} is too much here: {}.{hint}", shown(&extra.text), spec.usage())
        }
    };
    Err(Fault::new(extra.at, message))
}

/// Whether an option stands there whose value may have been meant to go on.
fn has_text(spec: &CommandSpec, parsed: &Parsed) -> bool {
    let is_text = |option: &OptionSpec| option.takes == Takes::One("TEXT");
    parsed.options.iter().any(|given| spec.option(given.name).is_some_and(is_text))
}

/// An option with one value stands once.
fn check_repeated(spec: &CommandSpec, parsed: &Parsed) -> Result<(), Fault> {
    for option in spec.all_options().filter(|option| matches!(option.takes, Takes::One(_))) {
        if let Some(second) = parsed.options.iter().filter(|given| given.name == option.name).nth(1) {
            return Err(Fault::new(second.at, format!("--{} stands here twice.", option.name)));
        }
    }
    Ok(())
}
