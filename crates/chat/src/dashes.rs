//! The dashes before an option: two, or the one long dash that keyboards and chats make of two.

/// Every character that looks like a dash: hyphens, figure, en and em dash, bar, minus.
const DASHES: [char; 8] =
    ['-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'];

/// Those that are as short as one dash.
const SHORT: [char; 4] = ['-', '\u{2010}', '\u{2011}', '\u{2212}'];

/// What the dashes before a word make of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dashed<'w> {
    /// No option: no dash, nothing but dashes, or a negative number.
    No,
    /// One short dash: an option by mistake.
    Once(&'w str),
    /// An option; what follows its dashes.
    Option(&'w str),
}

/// Looks at a word that is not quoted.
pub(crate) fn dashed(word: &str) -> Dashed<'_> {
    let rest = word.trim_start_matches(DASHES);
    let dashes = &word[..word.len() - rest.len()];
    let mut each = dashes.chars();
    match (each.next(), each.next()) {
        (None, _) => Dashed::No,
        _ if rest.is_empty() => Dashed::No,
        (Some(_), None) if rest.starts_with(|c: char| c.is_ascii_digit()) => Dashed::No,
        (Some(only), None) if SHORT.contains(&only) => Dashed::Once(rest),
        _ => Dashed::Option(rest),
    }
}

/// Whether a word begins with any of them.
pub(crate) fn begins_with_dash(word: &str) -> bool {
    word.starts_with(DASHES)
}

#[cfg(test)]
mod tests {
    use super::{Dashed, dashed};

    #[test]
    fn two_dashes_or_a_long_one_make_an_option() {
        let check = |word: &str, is: Dashed<'_>| assert_eq!(dashed(word), is, "{word}");
        for word in ["--dev", "—dev", "–dev", "––dev", "–-dev", "−−dev", "‐‐dev", "---dev", "―dev"]
        {
            check(word, Dashed::Option("dev"));
        }
        for word in ["-dev", "‐dev", "‑dev", "−dev"] {
            check(word, Dashed::Once("dev"));
        }
        for word in ["", "dev", "a-b", "-", "--", "—", "-5", "−5", "–5"] {
            check(word, Dashed::No);
        }
    }
}
