//! A line into words: white space parts them, quotes around a word, or around the value after `=`, hold it together.

use crate::dashes::begins_with_dash;
use crate::error::Fault;

/// One word of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// Without its quotes.
    pub(crate) text: String,
    /// As it was written.
    pub(crate) raw: String,
    /// The byte at which it begins, quotes included.
    pub(crate) at: usize,
    /// The byte at which what it quotes begins; `at` if it quotes nothing.
    pub(crate) inside: usize,
    /// Whether it began with a quote: never an option then.
    pub(crate) quoted: bool,
}

impl Word {
    /// A word of a shell, which has parted the words and taken their quotes away.
    pub(crate) fn of_shell(text: &str) -> Self {
        Self { text: text.to_owned(), raw: text.to_owned(), at: 0, inside: 0, quoted: false }
    }

    /// The byte behind it.
    pub(crate) fn end(&self) -> usize {
        self.at + self.raw.len()
    }
}

/// Each opening quote with its closing one; chat clients turn plain quotes into typographic ones.
pub(crate) const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];

/// Whether a character belongs to no command: control characters, those that only steer how text is shown, and those
/// that show as nothing.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// The words of `text`, in order.
pub(crate) fn words(text: &str) -> Result<Vec<Word>, Fault> {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_unprintable(*c)) {
        let message = format!(
            "A command is one line without control or invisible characters; this is U+{:04X}.",
            u32::from(c)
        );
        return Err(Fault::new(at, message));
    }
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(|c: char| !c.is_whitespace()) {
        let word = word(text, at + begin)?;
        at = word.end();
        words.push(word);
    }
    Ok(words)
}

/// The words of a text that is still being written: a quote that is not closed yet holds everything behind it.
pub(crate) fn words_so_far(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(|c: char| !c.is_whitespace()) {
        let word = word(text, at + begin).unwrap_or_else(|_| open_word(text, at + begin));
        at = word.end();
        words.push(word);
    }
    words
}

/// The word that begins at byte `at`.
fn word(text: &str, at: usize) -> Result<Word, Fault> {
    let mut kept = String::new();
    let mut behind = at;
    while let Some(c) = text[behind..].chars().next().filter(|c| !c.is_whitespace()) {
        if let Some(close) = closing(c)
            && (kept.is_empty() || is_option_up_to_value(&kept))
        {
            let inside = behind + c.len_utf8();
            let (value, end) = quoted(text, behind, close)?;
            let raw = text[at..end].to_owned();
            return Ok(Word { text: kept + value, raw, at, inside, quoted: behind == at });
        }
        kept.push(c);
        behind += c.len_utf8();
    }
    Ok(Word { text: kept.clone(), raw: kept, at, inside: at, quoted: false })
}

/// All that lies behind byte `at`, where a quote is not closed or closes amid a word.
fn open_word(text: &str, at: usize) -> Word {
    let raw = &text[at..];
    let open = raw.find(|c: char| closing(c).is_some()).unwrap_or(0);
    let quote = raw[open..].chars().next().map_or(0, char::len_utf8);
    let value = format!("{}{}", &raw[..open], &raw[open + quote..]);
    Word { text: value, raw: raw.to_owned(), at, inside: at + open + quote, quoted: open == 0 }
}

fn closing(open: char) -> Option<char> {
    QUOTES.iter().find(|(opening, _)| *opening == open).map(|(_, close)| *close)
}

/// Whether this is `--name=`: a quote may follow.
fn is_option_up_to_value(kept: &str) -> bool {
    begins_with_dash(kept) && kept.find('=') == Some(kept.len() - 1)
}

/// What lies between the quote at byte `open` and its `close`, and the byte behind that; a word ends there.
fn quoted(text: &str, open: usize, close: char) -> Result<(&str, usize), Fault> {
    let begin = open + text[open..].chars().next().map_or(0, char::len_utf8);
    let Some(length) = text[begin..].find(close) else {
        return Err(Fault::new(open, format!("This quote is never closed; end it with {close}")));
    };
    let end = begin + length + close.len_utf8();
    if text[end..].starts_with(|c: char| !c.is_whitespace()) {
        return Err(Fault::new(end, "A space belongs behind a closing quote."));
    }
    Ok((&text[begin..begin + length], end))
}

#[cfg(test)]
mod tests {
    use super::{words, words_so_far};

    fn check(text: &str, is: &[&str]) {
        let found = words(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(found.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), is, "{text}");
        for word in found {
            assert_eq!(text[word.at..word.end()], word.raw, "{text}");
            assert!(text.is_char_boundary(word.inside), "{text}");
        }
    }

    fn check_fault(text: &str, at: usize) {
        assert_eq!(words(text).map_err(|fault| fault.at), Err(at), "{text:?}");
    }

    #[test]
    fn quotes_hold_words_together() {
        check("", &[]);
        check("  a  b\u{A0}c ", &["a", "b", "c"]);
        check("`a` 'b c' \"d\" “e f” ‘g’", &["a", "b c", "d", "e f", "g"]);
        check("--reason=\"it's late\" x", &["--reason=it's late", "x"]);
        check("don't it's", &["don't", "it's"]);
        check("'' --a=''", &["", "--a="]);
        check("—a='b c' –b=`d e`", &["—a=b c", "–b=d e"]);
    }

    #[test]
    fn faults_point_at_their_place() {
        check_fault("a 'b", 2);
        check_fault("a --r=\"b", 6);
        check_fault("'a'b", 3);
        check_fault("ä\tb", 2);
        check_fault("a\nb", 1);
        check_fault("a\u{202E}b", 1);
        check_fault("a\0", 1);
        check_fault("\u{1b}[31m", 0);
        check_fault("a\u{AD}b\u{E0041}", 1);
    }

    #[test]
    fn what_is_still_being_written_has_words_too() {
        let check = |text: &str, is: &[&str]| {
            let found = words_so_far(text);
            assert_eq!(found.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), is, "{text}");
        };
        check("a 'b c", &["a", "b c"]);
        check("a --r=“b c", &["a", "--r=b c"]);
        check("a 'b'c d", &["a", "b'c d"]);
        check("a\u{1b} b", &["a\u{1b}", "b"]);
    }
}
