//! Free text in commands: reasons, notes, times. Whatever is accepted can be written again in quotes.

use crate::dashes::begins_with_dash;
use crate::error::Fault;
use crate::lex::QUOTES;
use crate::parsed::Parsed;

/// The text behind an option.
pub(crate) fn option_text(parsed: &Parsed, name: &str) -> Result<Option<String>, Fault> {
    match parsed.option(name) {
        Some(given) => check(&given.value, given.value_at).map(Some),
        None => Ok(None),
    }
}

/// A text that stands at byte `at`.
pub(crate) fn check(text: &str, at: usize) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new(at, "The text is empty."));
    }
    if quote_for(text).is_none() {
        let message = "A text may not hold every kind of quote: it could not be written in any.";
        return Err(Fault::new(at, message));
    }
    Ok(text.to_owned())
}

/// The text as it is written in a command.
pub(crate) fn quoted(text: &str) -> String {
    let (open, close) = quote_for(text).unwrap_or(('"', '"'));
    format!("{open}{text}{close}")
}

/// The text as an argument or a value, in quotes only where it needs them.
pub(crate) fn written(text: &str) -> String {
    let opens = |c: char| QUOTES.iter().any(|(open, _)| c == *open);
    let needs = text.contains(char::is_whitespace) || text.starts_with(opens) || begins_with_dash(text);
    if needs || text.is_empty() { quoted(text) } else { text.to_owned() }
}

/// Quotes that the text does not end early.
fn quote_for(text: &str) -> Option<(char, char)> {
    QUOTES.into_iter().find(|(_, close)| !text.contains(*close))
}
