//! Names of flags, targets and the like: what a name can be at all; whether it exists is not known here.

use crate::dashes::begins_with_dash;
use crate::error::{Fault, shown};
use crate::lex::{QUOTES, is_unprintable};
use crate::limits::NAME_BYTES_MAX;
use crate::lookalike;

/// Whether a name can stand in a command without quotes.
pub(crate) fn is_name(name: &str) -> bool {
    check_own_name(name, 0).is_ok() && !name.contains(is_unprintable)
}

/// Checks the name of a flag or a rollout, which stands alone.
pub(crate) fn check_own_name(name: &str, at: usize) -> Result<(), Fault> {
    if begins_with_dash(name) {
        return Err(Fault::new(at, "A flag's name does not begin with '-'."));
    }
    check_name(name, at)
}

/// Checks any name; `at` is the byte at which it stands.
pub(crate) fn check_name(name: &str, at: usize) -> Result<(), Fault> {
    if name.is_empty() {
        return Err(Fault::new(at, "A name is empty; write names with one comma between, without spaces."));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Fault::new(at, format!("A name is at most {NAME_BYTES_MAX} bytes long.")));
    }
    check_filled_in(name, at)?;
    let quote = |c: char| QUOTES.iter().any(|(open, close)| c == *open || c == *close);
    if name.contains(|c: char| c.is_whitespace() || c == ',' || quote(c)) {
        let message = format!("{} is no name: it holds a space, a comma or a quote.", shown(name));
        return Err(Fault::new(at, message));
    }
    match lookalike::find(name) {
        Some(found) => Err(Fault::new(at + found.at, found.message).suggest(Some(found.plain))),
        None => Ok(()),
    }
}

/// Refuses what stands in angle brackets in instructions, to be replaced by whoever follows them.
pub(crate) fn check_filled_in(word: &str, at: usize) -> Result<(), Fault> {
    if word.contains(['<', '>']) {
        return Err(Fault::new(at, format!("{} is a placeholder; fill it in.", shown(word))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_name, is_name};
    use crate::limits::NAME_BYTES_MAX;

    #[test]
    fn names_are_bounded() {
        let named = |bytes: usize| check_name(&"n".repeat(bytes), 0).is_ok();
        assert!(named(NAME_BYTES_MAX) && !named(NAME_BYTES_MAX + 1));
        for bad in ["", "a b", "a,b", "a\"b", "<a>", "-a", "–a", "a\u{1b}"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
