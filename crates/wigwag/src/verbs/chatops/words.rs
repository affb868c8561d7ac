//! Words of a shell as a command's text.

/// Quotes of the grammar, the usual one first.
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// The shell has taken the quotes away; a word with a blank, or one that begins with a quote, gets some back.
pub(crate) fn quoted(word: &str) -> String {
    let needs = |text: &str| {
        text.contains(char::is_whitespace) || text.starts_with(['"', '\'', '`', '\u{201c}', '\u{2018}'])
    };
    match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") && needs(value) => format!("{name}={}", held(value)),
        Some((name, _)) if name.starts_with("--") => word.to_owned(),
        _ if word.is_empty() || needs(word) => held(word),
        _ => word.to_owned(),
    }
}

/// Held together by a quote that it does not hold itself.
fn held(text: &str) -> String {
    let quote = QUOTES.into_iter().find(|quote| !text.contains(*quote)).unwrap_or('"');
    format!("{quote}{text}{quote}")
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use wigwag_chat::{Command, Environment, parse};

    #[test]
    fn gives_blanks_their_quotes_back() {
        for (word, is) in [
            ("true", "true"),
            ("a b", "\"a b\""),
            ("--reason=it works", "--reason=\"it works\""),
            ("--reason=it's fine", "--reason=\"it's fine\""),
            ("--reason=a \"b\" c", "--reason='a \"b\" c'"),
            ("--reason=\"b\"", "--reason='\"b\"'"),
            ("--reason=it's", "--reason=it's"),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(word), is);
        }
    }

    #[test]
    fn a_reason_arrives_as_it_was_typed() {
        let environments = [Environment { name: "production", is_production: true }];
        for reason in ["it works", "it's fine", "say \"no\" to it", "'tis", "5 % = 5", "a `b` c's"] {
            let line = format!("feature set f false {}", quoted(&format!("--reason={reason}")));
            let Ok(Command::FeatureSet(set)) = parse(&line, &environments) else { panic!("{line}") };
            assert_eq!(set.reason.as_deref(), Some(reason), "{line}");
        }
    }
}
