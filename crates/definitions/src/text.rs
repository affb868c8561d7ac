//! Foreign text in findings.

use crate::limits::QUOTED_CHARS_MAX;

/// A foreign text in quotes, on one line, without control characters, and not too long.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(QUOTED_CHARS_MAX).flat_map(char::escape_debug).collect();
    let cut = if chars.next().is_some() { "..." } else { "" };
    format!("\"{shown}{cut}\"")
}

/// `; did you mean NAME?` if one of `candidates` is near.
pub(crate) fn meant<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let far = text.len() / 3;
    let near = candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(text.len()) <= far)
        .map(|candidate| (strsim::damerau_levenshtein(text, candidate), candidate))
        .filter(|(distance, _)| *distance <= far)
        .min();
    near.map_or_else(String::new, |(_, candidate)| format!("; did you mean {candidate}?"))
}

#[cfg(test)]
mod tests {
    use super::{meant, quoted};
    use crate::limits::QUOTED_CHARS_MAX;

    #[test]
    fn foreign_text_is_tame() {
        assert_eq!(quoted("a\u{1b}[31m\n\"b"), r#""a\u{1b}[31m\n\"b""#);
        let long = "x".repeat(QUOTED_CHARS_MAX);
        assert_eq!(quoted(&long), format!("\"{long}\""));
        assert_eq!(quoted(&format!("{long}x")), format!("\"{long}...\""));
    }

    #[test]
    fn the_nearest_name_is_suggested_if_it_is_near() {
        assert_eq!(meant("milestoen", ["milestone", "group"]), "; did you mean milestone?");
        assert_eq!(meant("colour", ["milestone", "group"]), "");
    }
}
