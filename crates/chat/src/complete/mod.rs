//! Completion: what could stand at a place of a command, by the same specifications that the parser reads.

mod offers;

use crate::command::TargetKind;
use crate::environments::Environment;
use crate::lex::{QUOTES, Word, words_so_far};
use crate::limits::{COMPLETIONS_MAX, TEXT_BYTES_MAX};
use crate::parse::without_prefix;
use offers::{Offer, Place};

/// Names that completion cannot know by itself. Of what is given, only names that begin so are offered, at most
/// [`COMPLETIONS_MAX`]: there is no use in giving more.
pub trait Names {
    /// Flags whose name begins so.
    fn flags(&self, prefix: &str) -> Vec<String>;
    /// Targets of a kind whose path or name begins so.
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

/// What could stand at byte `cursor` of `text`, at most [`COMPLETIONS_MAX`]; it takes the place of the word, or of the part
/// of a list, that the cursor is in. A cursor within a letter is put before it. A text that is too long for a command has
/// none.
pub fn complete(
    text: &str,
    cursor: usize,
    environments: &[Environment<'_>],
    names: &dyn Names,
) -> Vec<Completion> {
    if text.len() > TEXT_BYTES_MAX {
        return Vec::new();
    }
    let cursor = text.floor_char_boundary(cursor);
    let words = words_so_far(text);
    let first = words.iter().position(|word| word.end() >= cursor).unwrap_or(words.len());
    let (before, rest) = words.split_at(first);
    let (current, after) = match rest {
        [word, after @ ..] if word.at <= cursor => (Some(word), after),
        after => (None, after),
    };
    let start = current.map_or(cursor, |word| if word.quoted { word.inside } else { word.at }).min(cursor);
    let typed = &text[start..cursor];
    let quoted = current.is_some_and(|word| word.quoted);
    let place = Place { before: without_prefix(before), typed, quoted, after, environments, names };
    let end = cursor + unfinished(&text[cursor..]);
    let put =
        |offer: Offer| Completion { start: start + offer.from, end, text: offer.text, help: offer.help };
    place.offers().into_iter().take(COMPLETIONS_MAX).map(put).collect()
}

/// The same for a shell, which has parted the words up to its cursor and taken their quotes away: whole words that could
/// stand in place of the last one. An empty last word is one to begin.
pub fn complete_words(
    words: &[String],
    environments: &[Environment<'_>],
    names: &dyn Names,
) -> Vec<Completion> {
    if words.iter().map(String::len).sum::<usize>() > TEXT_BYTES_MAX {
        return Vec::new();
    }
    let (typed, before) = words.split_last().map_or(("", words), |(last, before)| (last.as_str(), before));
    let before: Vec<Word> = before.iter().map(|word| Word::of_shell(word)).collect();
    let place =
        Place { before: without_prefix(&before), typed, quoted: false, after: &[], environments, names };
    let put = |offer: Offer| Completion {
        start: 0,
        end: typed.len(),
        text: format!("{}{}", &typed[..offer.from], offer.text),
        help: offer.help,
    };
    place.offers().into_iter().take(COMPLETIONS_MAX).map(put).collect()
}

/// The bytes behind the cursor that belong to the same word, or to the same part of a list.
fn unfinished(behind: &str) -> usize {
    let quote = |c: char| QUOTES.iter().any(|(open, close)| c == *open || c == *close);
    behind.find(|c: char| c.is_whitespace() || c == ',' || quote(c)).unwrap_or(behind.len())
}
