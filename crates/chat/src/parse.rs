//! A line into a [`Command`], led by the commands' specifications.

use crate::commands::{Command, SPECS};
use crate::environments::{self, Chosen, Environment};
use crate::error::{Fault, ParseError};
use crate::lex::{Word, words};
use crate::limits::TEXT_BYTES_MAX;
use crate::nearest::nearest;
use crate::spec::{CommandSpec, OptionSpec, Runs, Takes};

/// What was found behind a command's name.
pub(crate) struct Parsed {
    /// As many as the specification asks for.
    pub(crate) arguments: Vec<Word>,
    /// In the order they were written.
    pub(crate) options: Vec<Given>,
    /// In deployment order; never empty for a command that runs in environments.
    pub(crate) environments: Vec<String>,
}

/// One option that was written.
pub(crate) struct Given {
    pub(crate) name: &'static str,
    /// What stood behind it; empty if it takes nothing.
    pub(crate) value: String,
    pub(crate) at: usize,
}

impl Parsed {
    /// The first option of this name.
    pub(crate) fn option(&self, name: &str) -> Option<&Given> {
        self.options.iter().find(|given| given.name == name)
    }
}

/// The command that `text` is. `environments` are the configured ones in deployment order.
///
/// Accepted before it: `/chatops run`, `/chatops gitlab run`, `run`; and backticks around everything. An empty
/// text asks for help.
///
/// # Errors
/// [`ParseError`] points at the place and says what to write instead.
pub fn parse(text: &str, environments: &[Environment<'_>]) -> Result<Command, ParseError> {
    let text = unwrap_backticks(text.trim());
    if text.len() > TEXT_BYTES_MAX {
        let fault = Fault::new(
            0,
            format!(
                "A command may be {TEXT_BYTES_MAX} bytes long; this is {}. Give it in several.",
                text.len()
            ),
        );
        return Err(ParseError::new("", fault));
    }
    read(text, environments).map_err(|fault| ParseError::new(text, fault))
}

/// What lies within if the whole command was pasted as code.
fn unwrap_backticks(text: &str) -> &str {
    let inside = text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inside.filter(|inside| !inside.contains('`')).map_or(text, str::trim)
}

fn read(text: &str, environments: &[Environment<'_>]) -> Result<Command, Fault> {
    let words = words(text)?;
    let words = without_prefix(&words);
    if words.is_empty() {
        return Ok(Command::Help(None));
    }
    if words[0].text.eq_ignore_ascii_case("help") {
        return help_on(&words[1..]);
    }
    let (spec, rest) = find(words)?;
    if rest.iter().any(|word| word.text == "--help" && !word.quoted) {
        return Ok(Command::Help(Some(spec.name)));
    }
    let parsed = read_rest(spec, rest, environments, text.len())?;
    (spec.build)(parsed)
}

/// The words behind `/chatops`, `gitlab` and `run`, any of which may be there.
fn without_prefix(mut words: &[Word]) -> &[Word] {
    for prefix in ["/chatops", "gitlab", "run"] {
        if let [first, rest @ ..] = words
            && first.text.eq_ignore_ascii_case(prefix)
        {
            words = rest;
        }
    }
    words
}

/// The command whose words `words` begin with, and what follows.
fn find(words: &[Word]) -> Result<(&'static CommandSpec, &[Word]), Fault> {
    for spec in SPECS {
        let names: Vec<&str> = spec.name.split(' ').collect();
        let same = |(word, name): (&Word, &&str)| word.text.eq_ignore_ascii_case(name);
        if words.len() >= names.len() && words.iter().zip(&names).all(same) {
            return Ok((spec, &words[names.len()..]));
        }
    }
    Err(no_command(words))
}

/// The refusal of what is no command: within a family it names those of the family.
fn no_command(words: &[Word]) -> Fault {
    let first = words[0].text.to_lowercase();
    let written: Vec<&str> = words.iter().take(2).map(|word| word.text.as_str()).collect();
    let names = || SPECS.iter().map(|spec| spec.name);
    let family: Vec<&str> =
        SPECS.iter().filter(|spec| spec.family() == first).map(|spec| spec.name).collect();
    let (at, there_are) = match (family.is_empty(), words.get(1)) {
        (false, Some(second)) => (second.at, family.join(", ")),
        (false, None) => (words[0].at + words[0].text.len(), family.join(", ")),
        (true, _) => (words[0].at, format!("{}, help", families().join(", "))),
    };
    let near = nearest(&written.join(" "), names())
        .or_else(|| nearest(&first, families()).filter(|near| *near != first));
    Fault::new(at, format!("There is no such command; there are: {there_are}.")).suggest(near)
}

/// The first words of commands, each once; a family of one is its command.
fn families() -> Vec<&'static str> {
    let mut families: Vec<&str> = Vec::new();
    for spec in SPECS {
        let alone = SPECS.iter().filter(|other| other.family() == spec.family()).count() == 1;
        let word = if alone { spec.name } else { spec.family() };
        if !families.contains(&word) {
            families.push(word);
        }
    }
    families
}

/// `help`, or `help COMMAND` where `set` alone is enough for `feature set`.
fn help_on(words: &[Word]) -> Result<Command, Fault> {
    let Some(first) = words.first() else { return Ok(Command::Help(None)) };
    let topic = words.iter().map(|word| word.text.to_lowercase()).collect::<Vec<_>>().join(" ");
    let found =
        SPECS.iter().find(|spec| spec.name == topic || spec.name.split(' ').any(|name| name == topic));
    match found {
        Some(spec) if spec.family() == topic => Ok(Command::Help(Some(spec.family()))),
        Some(spec) => Ok(Command::Help(Some(spec.name))),
        None => {
            let names = SPECS.iter().flat_map(|spec| [spec.name, spec.family()]);
            let near = nearest(&topic, names).map(|name| format!("help {name}"));
            Err(Fault::new(first.at, format!("There is no command `{topic}`.")).suggest(near))
        }
    }
}

fn read_rest(
    spec: &'static CommandSpec,
    words: &[Word],
    environments: &[Environment<'_>],
    end: usize,
) -> Result<Parsed, Fault> {
    let mut chosen = Chosen::new(environments);
    let mut parsed = Parsed { arguments: Vec::new(), options: Vec::new(), environments: Vec::new() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match option_name(word) {
            None => parsed.arguments.push(word.clone()),
            Some(written) if is_single_dashed(word) => {
                let message = "An option begins with two dashes.";
                return Err(Fault::new(word.at, message).suggest(Some(format!("--{written}"))));
            }
            Some(written) => {
                let (name, value) = written.split_once('=').map_or((written, None), |(n, v)| (n, Some(v)));
                if let Some(option) = spec.all_options().find(|option| option.name == name) {
                    let value = value_of(option, word, value, &mut words)?;
                    parsed.options.push(Given { name: option.name, value, at: word.at });
                } else {
                    choose(&mut chosen, spec, word, (name, value), &mut words)?;
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

/// What follows the dashes if the word is an option. A negative number is none; a long dash, into which some
/// keyboards turn `--`, begins one.
fn option_name(word: &Word) -> Option<&str> {
    if word.quoted {
        return None;
    }
    let text = word.text.as_str();
    let long = text.strip_prefix("--").or_else(|| text.strip_prefix('—'));
    long.or_else(|| text.strip_prefix('-').filter(|rest| !rest.starts_with(|c: char| c.is_ascii_digit())))
}

fn is_single_dashed(word: &Word) -> bool {
    word.text.starts_with('-') && !word.text.starts_with("--")
}

/// The value of an option: behind its `=`, else the next word.
fn value_of<'w>(
    option: &OptionSpec,
    word: &Word,
    value: Option<&str>,
    words: &mut impl Iterator<Item = &'w Word>,
) -> Result<String, Fault> {
    if option.takes == Takes::Nothing {
        return match value {
            None => Ok(String::new()),
            Some(_) => Err(Fault::new(word.at, format!("--{} takes no value.", option.name))),
        };
    }
    let next = || words.next().filter(|next| option_name(next).is_none()).map(|next| next.text.clone());
    let value = value.map(ToOwned::to_owned).or_else(next);
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Fault::new(word.at, format!("--{} needs a value: {}", option.name, option.usage())))
}

/// An option that is not the command's own: it must name environments.
fn choose<'w>(
    chosen: &mut Chosen<'_>,
    spec: &CommandSpec,
    word: &Word,
    (name, value): (&str, Option<&str>),
    words: &mut impl Iterator<Item = &'w Word>,
) -> Result<(), Fault> {
    if spec.runs == Runs::Anywhere {
        return Err(unknown(spec, word, name, []));
    }
    let Some(common) = environments::OPTIONS.iter().find(|option| option.name == name) else {
        if !chosen.names().any(|environment| environment == name) {
            return Err(unknown(spec, word, name, chosen.names()));
        }
        if value.is_some() {
            return Err(Fault::new(word.at, format!("--{name} takes no value.")));
        }
        return chosen.choose(name, word.at);
    };
    let value = value_of(common, word, value, words)?;
    if common.takes == Takes::Nothing {
        chosen.choose_nonproduction();
        return Ok(());
    }
    value.split(',').try_for_each(|name| chosen.choose(name.trim(), word.at))
}

fn unknown<'e>(
    spec: &CommandSpec,
    word: &Word,
    name: &str,
    environments: impl IntoIterator<Item = &'e str>,
) -> Fault {
    let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
    let own = spec.all_options().chain(common).map(|option| option.name);
    let candidates: Vec<&str> = own.chain(environments).collect();
    let near = nearest(name, candidates).map(|near| format!("--{near}"));
    Fault::new(word.at, format!("`{}` has no option --{name}.", spec.name)).suggest(near)
}

fn check_arguments(spec: &CommandSpec, parsed: &Parsed, end: usize) -> Result<(), Fault> {
    let (least, most) = spec.arity();
    if parsed.arguments.len() < least {
        let missing = spec.arguments[parsed.arguments.len()].name;
        return Err(Fault::new(end, format!("{missing} is missing: {}", spec.usage())));
    }
    let Some(extra) = most.and_then(|most| parsed.arguments.get(most)) else { return Ok(()) };
    let hint = match parsed.option("reason") {
        Some(_) => " A reason of several words needs quotes.",
        None => "",
    };
    Err(Fault::new(extra.at, format!("`{}` is too much here: {}.{hint}", extra.text, spec.usage())))
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
