//! Changing a definition's file by hand, so to speak: one word is replaced, every other byte stays.

use std::fmt;

use crate::document::{self, Value};

/// Why a file cannot be changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EditError {
    /// It is no definition; the rule that it breaks.
    NoDefinition(String),
    /// It has no `default_enabled` that is a plain true or false.
    NoDefault,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefinition(rule) => write!(f, "the file {rule}"),
            Self::NoDefault => f.write_str("the file has no default_enabled that is true or false"),
        }
    }
}

impl std::error::Error for EditError {}

/// The text of a definition's file with `default_enabled: true`.
///
/// # Errors
/// [`EditError`] says why there is no word to replace.
pub fn turn_on_by_default(text: &str) -> Result<String, EditError> {
    let document = document::read(text).map_err(|error| EditError::NoDefinition(error.rule))?;
    let entry = document.entries.iter().find(|entry| entry.key == "default_enabled");
    let Some(Value::Scalar(scalar)) = entry.map(|entry| &entry.value) else {
        return Err(EditError::NoDefault);
    };
    if !matches!(scalar.text.to_ascii_lowercase().as_str(), "true" | "false")
        || scalar.other_than_text() != Some("a truth value")
    {
        return Err(EditError::NoDefault);
    }
    let (before, after) = (&text[..scalar.bytes.start], &text[scalar.bytes.end..]);
    Ok(format!("{before}true{after}"))
}

#[cfg(test)]
mod tests {
    use super::{EditError, turn_on_by_default};

    #[test]
    fn one_word_changes_and_every_other_byte_stays() {
        let check = |before: &str, after: &str| {
            assert_eq!(turn_on_by_default(before).as_deref(), Ok(after));
        };
        check("name: f\ndefault_enabled: false\n", "name: f\ndefault_enabled: true\n");
        check(
            "# größe\r\ndefault_enabled:   false   # why\r\nname: f",
            "# größe\r\ndefault_enabled:   true   # why\r\nname: f",
        );
        check(
            "\u{feff}---\n\"default_enabled\" : False\n...\n",
            "\u{feff}---\n\"default_enabled\" : true\n...\n",
        );
        check("{name: f, default_enabled: FALSE}", "{name: f, default_enabled: true}");
        check("default_enabled: true\n", "default_enabled: true\n");
        check(
            "description: |\n  default_enabled: false\ndefault_enabled: false",
            "description: |\n  default_enabled: false\ndefault_enabled: true",
        );
    }

    #[test]
    fn a_file_without_the_word_stays() {
        for text in [
            "name: f\n",
            "default_enabled: 'false'\n",
            "default_enabled: [false]\n",
            "default_enabled:\n",
            "default_enabled: off\n",
        ] {
            assert_eq!(turn_on_by_default(text), Err(EditError::NoDefault), "{text}");
        }
        assert!(matches!(turn_on_by_default("a: [b"), Err(EditError::NoDefinition(_))));
    }
}
