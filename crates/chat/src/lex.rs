//! A line into words: white space parts them, quotes around a word, or around the value after `=`, hold it together.

use crate::error::Fault;

/// One word of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// Without its quotes.
    pub(crate) text: String,
    /// The byte at which it begins, quotes included.
    pub(crate) at: usize,
    /// Whether it began with a quote: never an option then.
    pub(crate) quoted: bool,
}

/// Each opening quote with its closing one; chat clients turn plain quotes into typographic ones.
pub(crate) const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];

/// Whether a character belongs to no command: control characters, and those that only steer how text is shown.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// The words of `text`, in order.
pub(crate) fn words(text: &str) -> Result<Vec<Word>, Fault> {
    if let Some((at, _)) = text.char_indices().find(|(_, c)| is_unprintable(*c)) {
        return Err(Fault::new(at, "A command is one line without control or invisible characters."));
    }
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(|c: char| !c.is_whitespace()) {
        at += begin;
        let (word, end) = word(text, at)?;
        words.push(word);
        at = end;
    }
    Ok(words)
}

/// The word that begins at byte `at`, and the byte behind it.
fn word(text: &str, at: usize) -> Result<(Word, usize), Fault> {
    let mut kept = String::new();
    let mut behind = at;
    loop {
        let rest = &text[behind..];
        let next = rest.chars().next().filter(|c| !c.is_whitespace());
        let Some(c) = next else { break };
        let closing = QUOTES.iter().find(|(open, _)| *open == c).map(|(_, close)| *close);
        match closing {
            Some(close) if kept.is_empty() || is_option_up_to_value(&kept) => {
                let (inside, after) = quoted(text, behind, close)?;
                let word = Word { text: kept + inside, at, quoted: behind == at };
                return Ok((word, after));
            }
            _ => kept.push(c),
        }
        behind += c.len_utf8();
    }
    Ok((Word { text: kept, at, quoted: false }, behind))
}

/// Whether this is `--name=`: a quote may follow.
fn is_option_up_to_value(kept: &str) -> bool {
    kept.starts_with(['-', '—']) && kept.find('=') == Some(kept.len() - 1)
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
    use super::words;

    fn check(text: &str, is: &[&str]) {
        let found = words(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
        assert_eq!(found.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(), is, "{text}");
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
    }
}
