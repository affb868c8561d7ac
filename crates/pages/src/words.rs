//! Numbers, spans of time and sentences in plain words, the same on every page.

use std::time::Duration;
use wigwag_callouts::Phrases;

/// `1,204`.
pub(crate) fn number(n: u64) -> String {
    Phrases::ENGLISH.number(n)
}

/// `1 hook`, `3 hooks`.
pub(crate) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `3 hooks fail`, `1 hook fails`: the verb agrees too.
pub(crate) const fn verb(n: u64, one: &'static str, many: &'static str) -> &'static str {
    if n == 1 { one } else { many }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn and<T: AsRef<str>>(parts: &[T]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match parts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How long a request took: `340 ms`, `1.2 s`.
pub(crate) fn took(duration: Duration) -> String {
    match duration.as_millis() {
        0 => "under 1 ms".to_owned(),
        ms @ 1..1_000 => format!("{ms} ms"),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

/// A span that somebody set: `5 s`, `2 min`, `1 h 30 min`, `1 d`.
pub(crate) fn span(duration: Duration) -> String {
    let s = duration.as_secs();
    let parts = [(s / 86_400, "d"), (s / 3_600 % 24, "h"), (s / 60 % 60, "min"), (s % 60, "s")];
    let told: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).take(2).map(|(n, unit)| format!("{n} {unit}")).collect();
    if told.is_empty() { "0 s".to_owned() } else { told.join(" ") }
}

/// For how long something is kept: `7 days`, else as [`span`] says it.
pub(crate) fn kept_for(duration: Duration) -> String {
    let days = duration.as_secs() / 86_400;
    if duration.as_secs() == days * 86_400 && days > 0 { count(days, "day", "days") } else { span(duration) }
}

/// `12 bytes`, `3.4 KiB`.
pub(crate) fn size(bytes: usize) -> String {
    let bytes_f = bytes as f64;
    match bytes {
        ..1_024 => count(bytes as u64, "byte", "bytes"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes_f / 1_024.0),
        _ => format!("{:.1} MiB", bytes_f / 1_048_576.0),
    }
}

/// The text with a capital first letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let capital = letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str());
    let text = capital.unwrap_or_default();
    if text.is_empty() || text.ends_with(['.', '?', '!']) { text } else { text + "." }
}

/// A long text without its middle, so that its beginning and its end can be told apart from others'.
pub(crate) fn cut_middle(text: &str, characters_max: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= characters_max {
        return text.to_owned();
    }
    let kept = characters_max.saturating_sub(1);
    let (head, tail) = (kept - kept / 2, kept / 2);
    let beginning: String = characters[..head].iter().collect();
    let end: String = characters[characters.len() - tail..].iter().collect();
    format!("{beginning}…{end}")
}

#[cfg(test)]
mod tests {
    use super::{and, count, cut_middle, sentence, size, span, took};
    use std::time::Duration;

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(count(0, "hook", "hooks"), "0 hooks");
        assert_eq!(count(1, "hook", "hooks"), "1 hook");
        assert_eq!(count(1_204, "event", "events"), "1,204 events");
    }

    #[test]
    fn lists_end_in_and() {
        let check = |parts: &[&str], told: &str| assert_eq!(and(parts), told);
        check(&[], "");
        check(&["a"], "a");
        check(&["a", "b"], "a and b");
        check(&["a", "b", "c"], "a, b and c");
    }

    #[test]
    fn spans_have_units() {
        let ms = Duration::from_millis;
        assert_eq!([took(ms(0)), took(ms(999)), took(ms(1_250))], ["under 1 ms", "999 ms", "1.2 s"]);
        let check = |s: u64, text: &str| assert_eq!(span(Duration::from_secs(s)), text);
        check(0, "0 s");
        check(5, "5 s");
        check(120, "2 min");
        check(5_400, "1 h 30 min");
        check(86_400, "1 d");
        check(90_061, "1 d 1 h");
        assert_eq!(
            [size(1), size(1_023), size(1_024), size(3 << 20)],
            ["1 byte", "1,023 bytes", "1.0 KiB", "3.0 MiB"]
        );
    }

    #[test]
    fn sentences_begin_large_and_end() {
        let check = |text: &str, told: &str| assert_eq!(sentence(text), told);
        check("url is missing", "Url is missing.");
        check("Done!", "Done!");
        check("", "");
    }

    #[test]
    fn the_middle_goes_first() {
        assert_eq!(cut_middle("abcdefghij", 10), "abcdefghij");
        assert_eq!(cut_middle("abcdefghijk", 10), "abcde…hijk");
        assert_eq!(cut_middle("äöüäöüäöüäö", 5), "äö…äö");
        assert_eq!(cut_middle("abc", 1), "…");
    }
}
