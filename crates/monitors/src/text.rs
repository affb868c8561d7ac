//! Strangers' texts, made fit for one line.

use crate::limits::LINK_BYTES_MAX;
use url::Url;

/// The text on one line of at most `chars_max` characters: white space and control characters become single spaces,
/// characters that are not seen or that turn the direction of writing are dropped, an overlong rest becomes `…`.
pub(crate) fn tame(text: &str, chars_max: usize) -> String {
    let mut kept = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let mut gap = count > 0;
        for c in word.chars().filter(|c| !is_unseen(*c)) {
            if count + usize::from(gap) >= chars_max {
                return cut(kept, count, chars_max);
            }
            if std::mem::take(&mut gap) {
                kept.push(' ');
                count += 1;
            }
            kept.push(c);
            count += 1;
        }
    }
    kept
}

/// Ends a text that goes on, making room for the mark if there is none.
fn cut(mut kept: String, count: usize, chars_max: usize) -> String {
    if count == chars_max {
        kept.pop();
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// Whether a text of the settings is fit for a line as it stands.
pub(crate) fn is_tame(text: &str) -> bool {
    !text.is_empty() && tame(text, usize::MAX) == text
}

/// A link that may be shown: http or https, with a host, without credentials, not overlong.
pub(crate) fn link(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= LINK_BYTES_MAX)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    Some(String::from(url)).filter(|text| plain && text.len() <= LINK_BYTES_MAX)
}

/// Marks of direction, joiners, fillers and other characters without a shape, which can make one name look like
/// another.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{is_tame, link, tame};
    use crate::limits::LINK_BYTES_MAX;

    #[test]
    fn a_text_becomes_one_line_of_seen_characters() {
        let check = |text: &str, expected: &str| assert_eq!(tame(text, 10), expected, "{text:?}");
        check("Disk full", "Disk full");
        check("  a \r\n\t b\0c  ", "a b c");
        check("\u{1b}[31mred", "[31mred");
        check("0123456789", "0123456789");
        check("0123456789 ", "0123456789");
        check("0123456789x", "012345678…");
        check("012345678 x", "012345678…");
        check("ääääääääääx", "äääääääää…");
        check("a\u{202e}b\u{200b}c\u{2028}d", "abc d");
        check("\u{200b}\n", "");
        check("", "");
        assert_eq!(tame(&"x ".repeat(1_000_000), 10).chars().count(), 10);
    }

    #[test]
    fn settings_are_tame_or_refused() {
        assert!(is_tame("web health"));
        for text in ["", " web", "web  health", "web\nhealth", "web\u{202e}"] {
            assert!(!is_tame(text), "{text:?}");
        }
    }

    #[test]
    fn only_plain_web_links_are_shown() {
        let check =
            |text: &str, expected: Option<&str>| assert_eq!(link(text).as_deref(), expected, "{text}");
        check("https://example.com/a?b=c#d", Some("https://example.com/a?b=c#d"));
        check("http://example.com:9090", Some("http://example.com:9090/"));
        check("https://example.com/\u{202e}x", Some("https://example.com/%E2%80%AEx"));
        check("javascript:alert(1)", None);
        check("data:text/html,x", None);
        check("https://ann:secret@example.com/", None);
        check("/graph", None);
        check("", None);
        let long = |bytes: usize| format!("https://example.com/{}", "x".repeat(bytes - 20));
        check(&long(LINK_BYTES_MAX), Some(&long(LINK_BYTES_MAX)));
        check(&long(LINK_BYTES_MAX + 1), None);
    }
}
