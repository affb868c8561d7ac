//! Which command a line is, by its first words.

use crate::commands::{FAMILIES, SPECS, family};
use crate::dashes::{Dashed, dashed};
use crate::error::{Fault, shown};
use crate::lex::Word;
use crate::lookalike::note;
use crate::nearest::nearest;
use crate::spec::CommandSpec;

/// What the first words of a line are.
pub(crate) enum Found<'w> {
    /// A command, and the words but those of its name.
    Command(&'static CommandSpec, Vec<&'w Word>),
    /// The first word of several commands, with no second one.
    Family(&'static str),
}

/// The words behind `/chatops`, `gitlab` and `run`, any of which may be there.
pub(crate) fn without_prefix(mut words: &[Word]) -> &[Word] {
    for prefix in ["/chatops", "gitlab", "run"] {
        if let [first, rest @ ..] = words
            && first.text.eq_ignore_ascii_case(prefix)
        {
            words = rest;
        }
    }
    words
}

/// The command whose words stand first among those that are no options. `words` are not empty.
pub(crate) fn find(words: &[Word]) -> Result<Found<'_>, Fault> {
    let mut plain = words.iter().enumerate().filter(|(_, word)| !is_option(word));
    let Some((at, first)) = plain.next() else {
        return Err(Fault::new(words[0].at, format!("A command begins with {}.", all_families())));
    };
    let second = plain.next();
    let but = |places: &[usize]| -> Vec<&Word> {
        words.iter().enumerate().filter(|(index, _)| !places.contains(index)).map(|(_, word)| word).collect()
    };
    let mut members = family(&first.text).peekable();
    let Some(member) = members.peek() else {
        return Err(no_command(first, second.map(|(_, word)| word)));
    };
    if member.verb().is_none() {
        return Ok(Found::Command(member, but(&[at])));
    }
    let word = member.family();
    let Some((second_at, second)) = second else { return Ok(Found::Family(word)) };
    let is_meant =
        |spec: &&CommandSpec| spec.verb().is_some_and(|verb| verb.eq_ignore_ascii_case(&second.text));
    match members.find(is_meant) {
        Some(spec) => Ok(Found::Command(spec, but(&[at, second_at]))),
        None => Err(no_verb(word, second)),
    }
}

fn is_option(word: &Word) -> bool {
    !word.quoted && dashed(&word.text) != Dashed::No
}

/// That a second word is missing; `end` is the byte behind the text.
pub(super) fn lacks_verb(word: &str, end: usize) -> Fault {
    Fault::new(end, format!("`{word}` needs another word: {}.", verbs(word).join(", ")))
}

fn no_verb(word: &str, second: &Word) -> Fault {
    let verbs = verbs(word);
    let message = format!(
        "`{word}` has no {}; there are: {}.{}",
        shown(&second.text),
        verbs.join(", "),
        note(&second.text)
    );
    let near = nearest(&second.text, verbs).map(|verb| format!("{word} {verb}"));
    Fault::new(second.at, message).suggest(near)
}

fn no_command(first: &Word, second: Option<&Word>) -> Fault {
    let both = second.map(|second| format!("{} {}", first.text, second.text));
    let of_both =
        |both: &str| nearest(both, SPECS.iter().map(|spec| spec.name)).or_else(|| near_family(both));
    let near = both.as_deref().and_then(of_both);
    let near = near.or_else(|| near_family(&first.text)).or_else(|| by_verb(&first.text));
    let message = format!(
        "There is no command {}; they begin with {}.{}",
        shown(&first.text),
        all_families(),
        note(&first.text)
    );
    Fault::new(first.at, message).suggest(near)
}

fn near_family(word: &str) -> Option<&'static str> {
    nearest(word, FAMILIES.iter().map(|(family, _)| *family))
}

/// The only command with this second word.
fn by_verb(word: &str) -> Option<&'static str> {
    let mut with = SPECS.iter().filter(|spec| spec.verb() == Some(word));
    let found = with.next()?;
    with.next().is_none().then_some(found.name)
}

fn verbs(word: &str) -> Vec<&'static str> {
    family(word).filter_map(CommandSpec::verb).collect()
}

fn all_families() -> String {
    FAMILIES.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ")
}
