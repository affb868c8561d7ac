//! Bodies of requests and responses, as text and nothing else.

use crate::limits::SHOWN_BODY_BYTES_MAX;
use crate::words::size;
use serde_json::value::RawValue;

/// A body to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Body {
    /// The text; JSON is laid out, its letters stay.
    pub(crate) text: String,
    /// How long it is.
    pub(crate) size: String,
    /// What else there is to know.
    pub(crate) note: Option<String>,
}

/// The body as text; none if it is empty.
pub(crate) fn body(bytes: &[u8]) -> Option<Body> {
    if bytes.is_empty() {
        return None;
    }
    let shown = &bytes[..bytes.len().min(SHOWN_BODY_BYTES_MAX)];
    let is_cut = shown.len() < bytes.len();
    let text = match std::str::from_utf8(shown) {
        Ok(text) if !is_cut && serde_json::from_str::<&RawValue>(text).is_ok() => laid_out(text),
        _ => String::from_utf8_lossy(shown).into_owned(),
    };
    let note = is_cut.then(|| format!("The first {} are shown.", size(shown.len())));
    Some(Body { text, size: size(bytes.len()), note })
}

/// Valid JSON with line breaks and indents: only white space between tokens changes, so that numbers, escapes and the
/// order of fields stay as they went over the wire.
fn laid_out(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut letters = json.chars().peekable();
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(letter) = letters.next() {
        if in_string {
            text.push(letter);
            (in_string, escaped) = (escaped || letter != '"', !escaped && letter == '\\');
            continue;
        }
        match letter {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                while letters.peek().is_some_and(|next| next.is_ascii_whitespace()) {
                    letters.next();
                }
                text.push(letter);
                if letters.peek().is_some_and(|next| *next == '}' || *next == ']') {
                    text.extend(letters.next());
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(letter);
            }
            ',' => {
                text.push(',');
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ => {
                in_string = letter == '"';
                text.push(letter);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{body, laid_out};
    use crate::limits::SHOWN_BODY_BYTES_MAX;

    #[test]
    fn json_is_laid_out_letter_by_letter() {
        let check = |json: &str, text: &str| assert_eq!(laid_out(json), text, "{json}");
        check("{}", "{}");
        check("[ \n ]", "[]");
        check("1.50", "1.50");
        check(
            r#"{"b":1,"a":[1.0,{"c":null}]}"#,
            "{\n  \"b\": 1,\n  \"a\": [\n    1.0,\n    {\n      \"c\": null\n    }\n  ]\n}",
        );
        check(r#"{"a":"{\"x\": [1,2], \\"}"#, "{\n  \"a\": \"{\\\"x\\\": [1,2], \\\\\"\n}");
        check(
            r#"["\\",123456789012345678901234567890]"#,
            "[\n  \"\\\\\",\n  123456789012345678901234567890\n]",
        );
    }

    #[test]
    fn what_is_no_json_stays_text() {
        let check =
            |bytes: &[u8], text: &str| assert_eq!(body(bytes).map(|body| body.text).as_deref(), Some(text));
        check(b"<script>alert(1)</script>", "<script>alert(1)</script>");
        check(b"{\"a\":", "{\"a\":");
        check(b"\xff\xfe", "\u{fffd}\u{fffd}");
        assert_eq!(body(b""), None);
    }

    #[test]
    fn long_bodies_are_cut_and_say_so() {
        let at_limit = vec![b'1'; SHOWN_BODY_BYTES_MAX];
        assert_eq!(body(&at_limit).and_then(|body| body.note), None);
        let above = vec![b'1'; SHOWN_BODY_BYTES_MAX + 1];
        let above = body(&above);
        assert_eq!(above.as_ref().map(|body| body.text.len()), Some(SHOWN_BODY_BYTES_MAX));
        assert_eq!(above.and_then(|body| body.note).as_deref(), Some("The first 64.0 KiB are shown."));
    }
}
