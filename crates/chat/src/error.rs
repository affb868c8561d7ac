//! What is wrong with a command, and where.

use std::fmt;

use crate::lex::is_unprintable;
use crate::limits::{ERROR_LINE_CHARS_MAX, ERROR_WORD_CHARS_MAX};

/// A fault at a byte of the text, before it is shown to anyone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) at: usize,
    pub(crate) suggestion: Option<String>,
}

impl Fault {
    pub(crate) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), at, suggestion: None }
    }

    pub(crate) fn suggest(mut self, suggestion: Option<impl Into<String>>) -> Self {
        self.suggestion = suggestion.map(Into::into);
        self
    }
}

/// Why a text is no command. Prints as the line, a caret under the place, the message and the suggestion; safe to
/// show, whatever the text held.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// What is wrong and what to write instead.
    pub message: String,
    /// The part of the text around the fault, with unprintable characters replaced.
    pub line: String,
    /// Where in `line` the fault lies, in characters from 0.
    pub column: usize,
    /// What was probably meant, if something is close.
    pub suggestion: Option<String>,
}

impl ParseError {
    pub(crate) fn new(text: &str, fault: Fault) -> Self {
        let (line, column) = window(text, fault.at);
        Self { message: fault.message, line, column, suggestion: fault.suggestion }
    }

    /// The line and, under it, the caret.
    pub fn pointed(&self) -> String {
        format!("{}\n{}^", self.line, " ".repeat(self.column))
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.pointed(), self.message)?;
        self.suggestion.as_ref().map_or(Ok(()), |meant| write!(f, "\nDid you mean `{meant}`?"))
    }
}

impl std::error::Error for ParseError {}

/// A word of the author's in a message: in backticks, and cut behind [`ERROR_WORD_CHARS_MAX`] characters.
pub(crate) fn shown(word: &str) -> String {
    match word.char_indices().nth(ERROR_WORD_CHARS_MAX) {
        Some((end, _)) => format!("`{}…`", &word[..end]),
        None => format!("`{word}`"),
    }
}

/// At most [`ERROR_LINE_CHARS_MAX`] characters of `text` around byte `at`, and where `at` lies among them.
fn window(text: &str, at: usize) -> (String, usize) {
    let printable = |c: char| if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c };
    let chars: Vec<char> = text.chars().map(printable).collect();
    let column = text.char_indices().take_while(|(byte, _)| *byte < at).count();
    let first = (column + ERROR_LINE_CHARS_MAX / 2).min(chars.len()).saturating_sub(ERROR_LINE_CHARS_MAX);
    let last = (first + ERROR_LINE_CHARS_MAX).min(chars.len());
    let before = if first > 0 { "…" } else { "" };
    let after = if last < chars.len() { "…" } else { "" };
    let shown: String = chars[first..last].iter().collect();
    (format!("{before}{shown}{after}"), column - first + before.chars().count())
}

#[cfg(test)]
mod tests {
    use super::{shown, window};
    use crate::limits::{ERROR_LINE_CHARS_MAX, ERROR_WORD_CHARS_MAX};

    #[test]
    fn a_long_line_is_cut_around_the_fault() {
        let check = |text: &str, at: usize, under: char| {
            let (line, column) = window(text, at);
            assert_eq!(line.chars().nth(column).unwrap_or('$'), under, "{line} {column}");
            assert!(line.chars().count() <= ERROR_LINE_CHARS_MAX + 2);
        };
        let long = format!("{}x{}", "a".repeat(500), "b".repeat(500));
        check(&long, 0, 'a');
        check(&long, 500, 'x');
        check(&long, 1001, '$');
        check("äöx", 4, 'x');
        check("", 0, '$');
        check("a\u{1b}[2J", 1, '\u{FFFD}');
    }

    #[test]
    fn a_long_word_is_cut_in_messages() {
        let longest = "ä".repeat(ERROR_WORD_CHARS_MAX);
        assert_eq!(shown(&longest), format!("`{longest}`"));
        assert_eq!(shown(&format!("{longest}x")), format!("`{longest}…`"));
    }
}
