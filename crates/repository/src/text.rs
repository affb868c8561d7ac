//! Strangers' words, made fit for people.

/// One line without anything that steers a terminal or the direction of text, cut after `characters_max`.
pub(crate) fn tame(text: &str, characters_max: usize) -> String {
    let steers = |c: char| {
        let unseen = matches!(c, '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{FEFF}');
        c.is_control() || unseen || matches!(c, '\u{2060}'..='\u{206F}' | '\u{E0000}'..='\u{E007F}')
    };
    let plain = text.trim().chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c });
    plain.take(characters_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_tamed_and_cut() {
        let check = |text: &str, max, expected| assert_eq!(tame(text, max), expected, "{text:?}");
        check(" plain \n", 10, "plain");
        check("a\u{1b}[2Jb\u{202e}c", 20, "a\u{fffd}[2Jb\u{fffd}c");
        check("a\nb", 20, "a\u{fffd}b");
        check("äöü", 2, "äö");
        check("äöü", 3, "äöü");
    }
}
