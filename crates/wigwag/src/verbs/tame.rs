//! Foreign text without what a terminal would obey: whoever may write a reason or a name commands nobody's screen.

use serde_json::Value;

/// One line: control characters show as a replacement sign.
pub(super) fn tame(text: &str) -> String {
    replaced(text, |c| c == '\t')
}

/// Several lines.
pub(super) fn tame_lines(text: &str) -> String {
    replaced(text, |c| matches!(c, '\t' | '\n'))
}

/// JSON for people's eyes; what JSON itself leaves as it is and some terminals obey is escaped.
pub(super) fn json(value: &Value) -> String {
    let text = format!("{value:#}");
    if !text.contains(|c: char| c != '\n' && c.is_control()) {
        return text;
    }
    let escaped = |c: char| match c {
        '\n' => c.to_string(),
        _ if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

fn replaced(text: &str, stays: impl Fn(char) -> bool) -> String {
    text.chars().map(|c| if c.is_control() && !stays(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{json, tame, tame_lines};
    use serde_json::{Value, json};

    #[test]
    fn foreign_text_commands_no_terminal() {
        assert_eq!(tame("a\u{1b}[31m\u{7}b\tc\nd\u{9b}"), "a\u{fffd}[31m\u{fffd}b\tc\u{fffd}d\u{fffd}");
        assert_eq!(tame_lines("a\u{1b}]0;x\u{7}\nb\r"), "a\u{fffd}]0;x\u{fffd}\nb\u{fffd}");
    }

    #[test]
    fn json_stays_what_it_is() {
        let value = json!({ "a\u{9b}31m": ["\u{1b}[31m", "\u{7f}", "\n", "ü"] });
        let shown = json(&value);
        assert!(!shown.contains(|c: char| c != '\n' && c.is_control()), "{shown:?}");
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value);
    }
}
