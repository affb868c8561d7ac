//! Texts of strangers (names, answers of receivers) made fit for one line of a banner.

/// The text on one line of at most `characters_max` characters: white space and control characters become single
/// spaces, characters that are not seen or that turn the direction of writing are dropped, an overlong rest becomes `…`.
pub(crate) fn line(text: &str, characters_max: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(characters_max));
    let mut count = 0;
    let mut gap = false;
    for c in text.chars().filter(|c| !is_unseen(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = count > 0;
            continue;
        }
        if count + usize::from(gap) >= characters_max {
            if count == characters_max {
                kept.pop();
            }
            kept.truncate(kept.trim_end().len());
            kept.push('…');
            return kept;
        }
        if gap {
            kept.push(' ');
            count += 1;
            gap = false;
        }
        kept.push(c);
        count += 1;
    }
    kept
}

/// The first sentence, without its full stop and with a small first letter where that is no abbreviation, so that it
/// can follow a colon.
pub(crate) fn clause(text: &str, characters_max: usize) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first);
    let sentence = line(sentence.trim_end_matches('.'), characters_max);
    let mut characters = sentence.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if first.is_ascii_uppercase() && second.is_ascii_lowercase() => {
            format!("{}{}", first.to_ascii_lowercase(), &sentence[first.len_utf8()..])
        }
        _ => sentence,
    }
}

/// Marks of direction, joiners, fillers and other characters without a shape, which can make one name look like another.
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
    use super::{clause, line};

    #[test]
    fn a_line_is_one_line_of_seen_characters() {
        let check = |text: &str, expected: &str| assert_eq!(line(text, 10), expected, "{text:?}");
        check("Billing", "Billing");
        check("  a \r\n\t b\0c  ", "a b c");
        check("0123456789", "0123456789");
        check("0123456789 ", "0123456789");
        check("0123456789x", "012345678…");
        check("01234567 9x", "01234567…");
        check("ääääääääääx", "äääääääää…");
        check("a\u{202e}b\u{200b}c", "abc");
        check("\u{200b}\n", "");
        assert_eq!(line(&"x ".repeat(1_000_000), 10).chars().count(), 10);
    }

    #[test]
    fn a_clause_follows_a_colon() {
        let check = |text: &str, expected: &str| assert_eq!(clause(text, 40), expected, "{text:?}");
        check("The receiver answered 404. Check the path.", "the receiver answered 404");
        check("The receiver answered 404.", "the receiver answered 404");
        check("TLS handshake failed: expired", "TLS handshake failed: expired");
        check("example.com does not resolve. Look it up.", "example.com does not resolve");
        check("A receiver said no", "A receiver said no");
        check("É", "É");
        check("", "");
        check("...", "");
        check(&"Xy".repeat(30), &format!("xy{}X…", "Xy".repeat(18)));
    }
}
