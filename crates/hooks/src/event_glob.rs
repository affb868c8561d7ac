use crate::limits::EVENT_TYPE_CHARACTERS_MAX;

/// A pattern over event types such as `invoice.*`: `*` stands for any run of characters, also none.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct EventGlob(String);

impl EventGlob {
    /// Takes a pattern of the characters of event types and `*`, up to the length of an event type.
    ///
    /// # Errors
    /// `None` if it is none; the caller names the rule.
    pub fn new(pattern: &str) -> Option<Self> {
        let fits = !pattern.is_empty()
            && pattern.len() <= EVENT_TYPE_CHARACTERS_MAX
            && pattern.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.:-*".contains(&b));
        fits.then(|| Self(pattern.to_owned()))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `text` fits. Goes back to the last `*` only, so that its work is at most the product of
    /// both lengths.
    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text) = (self.0.as_bytes(), text.as_bytes());
        let (mut p, mut t) = (0, 0);
        // Where to go on when what follows the last `*` does not fit: behind the star, and one character further.
        let mut retry: Option<(usize, usize)> = None;
        while t < text.len() {
            if pattern.get(p) == Some(&b'*') {
                p += 1;
                retry = Some((p, t));
            } else if pattern.get(p) == Some(&text[t]) {
                p += 1;
                t += 1;
            } else if let Some((star, from)) = retry {
                p = star;
                t = from + 1;
                retry = Some((star, t));
            } else {
                return false;
            }
        }
        pattern[p..].iter().all(|b| *b == b'*')
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::EventGlob;
    use crate::limits::EVENT_TYPE_CHARACTERS_MAX;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_run() {
        let check = |pattern: &str, text: &str, fits| {
            assert_eq!(EventGlob::new(pattern).unwrap().matches(text), fits, "{pattern} {text}");
        };
        check("push", "push", true);
        check("push", "push2", false);
        check("push", "pus", false);
        check("*", "anything", true);
        check("*", "", true);
        check("invoice.*", "invoice.paid", true);
        check("invoice.*", "invoice.", true);
        check("invoice.*", "invoice", false);
        check("*.paid", "invoice.paid", true);
        check("*.paid", "invoice.paid.twice", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("**x**", "x", true);
        check("*ab", "aab", true);
    }

    #[test]
    fn a_pattern_holds_only_what_event_types_hold() {
        let check = |pattern: &str, good| assert_eq!(EventGlob::new(pattern).is_some(), good, "{pattern}");
        check(&"a".repeat(EVENT_TYPE_CHARACTERS_MAX), true);
        check(&"a".repeat(EVENT_TYPE_CHARACTERS_MAX + 1), false);
        check("A-z_0.9:*", true);
        check("", false);
        check("a b", false);
        check("a?", false);
        check("ä", false);
        check("a\n", false);
    }

    #[test]
    fn hostile_patterns_end_soon() {
        let pattern = EventGlob::new(&"*a".repeat(63)).unwrap();
        assert!(!pattern.matches(&("a".repeat(127) + "b")));
    }

    /// The plain meaning, exponential.
    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), None) => fits(rest, text),
            (Some((b'*', rest)), Some((_, tail))) => fits(rest, text) || fits(pattern, tail),
            (Some((p, rest)), Some((t, tail))) => p == t && fits(rest, tail),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_its_plain_meaning(pattern in "[ab*]{1,8}", text in "[ab]{0,10}") {
            let glob = EventGlob::new(&pattern).unwrap();
            prop_assert_eq!(glob.matches(&text), fits(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
