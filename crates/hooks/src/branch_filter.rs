//! Which branches' pushes a hook wants.

use crate::json::{members, text_of};
use crate::limits::{BRANCH_BYTES_MAX, BRANCH_FILTER_CHARACTERS_MAX};
use regex::{Regex, RegexBuilder};
use std::fmt;

/// What an owner said about branches.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BranchFilter {
    /// How `pattern` is read.
    pub strategy: BranchStrategy,
    /// The pattern; empty lets every branch pass.
    pub pattern: String,
}

/// How a pattern over branches is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum BranchStrategy {
    /// A name in which `*` stands for any run of characters; the whole name must fit.
    #[default]
    Wildcard,
    /// A regular expression of RE2's kind (linear time, no look-around, no back-references), found anywhere in the name.
    Regex,
    /// There is no pattern.
    AllBranches,
}

impl BranchStrategy {
    /// All of them.
    pub const ALL: [BranchStrategy; 3] = [Self::Wildcard, Self::Regex, Self::AllBranches];

    /// GitLab's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wildcard => "wildcard",
            Self::Regex => "regex",
            Self::AllBranches => "all_branches",
        }
    }
}

/// Why something is no branch filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BranchFilterError {
    /// Longer than [`BRANCH_FILTER_CHARACTERS_MAX`].
    TooLong,
    /// A line break or another control character, which no branch has.
    Control,
    /// A regular expression that cannot be used; what is wrong with it.
    Regex(String),
}

impl fmt::Display for BranchFilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "is too long (maximum is {BRANCH_FILTER_CHARACTERS_MAX} characters)"),
            Self::Control => f.write_str("must not contain line breaks or other control characters"),
            Self::Regex(error) => write!(f, "is no regular expression of RE2's kind: {error}"),
        }
    }
}

impl std::error::Error for BranchFilterError {}

/// Bytes that a compiled expression may take: what one of 5,000 characters needs unless it repeats what repeats. The time of
/// a match grows with them: of the worst of this size it is a tenth of a second for the longest name.
const COMPILED_BYTES_MAX: usize = 256 << 10;

impl BranchFilter {
    /// Whether every push passes, so that no payload need be looked at.
    pub fn passes_all(&self) -> bool {
        self.pattern.is_empty() || self.strategy == BranchStrategy::AllBranches
    }

    /// The filter ready for use.
    ///
    /// # Errors
    /// [`BranchFilterError`].
    pub fn compiled(&self) -> Result<BranchMatcher, BranchFilterError> {
        if self.pattern.chars().count() > BRANCH_FILTER_CHARACTERS_MAX {
            return Err(BranchFilterError::TooLong);
        }
        if self.passes_all() {
            return Ok(BranchMatcher::All);
        }
        if self.strategy == BranchStrategy::Wildcard {
            return Ok(BranchMatcher::Wildcard(self.pattern.split('*').map(str::to_owned).collect()));
        }
        let compiled = RegexBuilder::new(&self.pattern).size_limit(COMPILED_BYTES_MAX).build();
        compiled.map(BranchMatcher::Regex).map_err(|error| {
            // The parser draws the place over several lines; its last line says what is wrong.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            BranchFilterError::Regex(last.trim_start_matches("error: ").to_owned())
        })
    }
}

/// A branch filter ready for use.
#[derive(Clone, Debug)]
pub enum BranchMatcher {
    /// Everything passes.
    All,
    /// The texts between the `*` of a pattern.
    Wildcard(Vec<String>),
    /// An expression; a match may take long.
    Regex(Regex),
}

impl BranchMatcher {
    /// Whether the push of a branch passes. One that names no branch passes: nobody said that it should not. A name of
    /// more than [`BRANCH_BYTES_MAX`] passes no filter.
    pub fn passes(&self, branch: Option<&str>) -> bool {
        let Some(branch) = branch else { return true };
        let fits = branch.len() <= BRANCH_BYTES_MAX;
        match self {
            Self::All => true,
            Self::Wildcard(parts) => fits && is_like(branch, parts),
            Self::Regex(regex) => fits && regex.is_match(branch),
        }
    }
}

/// Whether a name is these texts with anything between them.
fn is_like(name: &str, parts: &[String]) -> bool {
    let [first, between @ .., last] = parts else { return parts.iter().all(|only| only == name) };
    let Some(mut rest) = name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
    else {
        return false;
    };
    // The first place is as good as any: it leaves the most for what follows.
    between.iter().all(|part| match rest.split_once(part.as_str()) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// The branch of a push's payload: its `ref` without `refs/heads/`. Nothing behind the `ref` is looked at.
pub fn pushed_branch(payload: &[u8]) -> Option<String> {
    let payload = std::str::from_utf8(payload).ok()?;
    let (_, name) = members(payload).find(|(key, _)| key == "ref")?;
    if !name.starts_with('"') {
        return None;
    }
    let name = text_of(name);
    Some(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{BranchFilter, BranchFilterError, BranchStrategy, pushed_branch};
    use crate::limits::{BRANCH_BYTES_MAX, BRANCH_FILTER_CHARACTERS_MAX};

    fn filter(strategy: BranchStrategy, pattern: &str) -> BranchFilter {
        BranchFilter { strategy, pattern: pattern.to_owned() }
    }

    fn check(strategy: BranchStrategy, pattern: &str, branch: &str, passes: bool) {
        let payload = serde_json::json!({ "after": "x", "ref": format!("refs/heads/{branch}"), "z": [1] });
        let matcher = filter(strategy, pattern).compiled().unwrap();
        let pushed = pushed_branch(payload.to_string().as_bytes());
        assert_eq!(matcher.passes(pushed.as_deref()), passes, "{pattern} {branch}");
    }

    #[test]
    fn a_wildcard_fits_the_whole_name() {
        let check = |pattern, branch, passes| check(BranchStrategy::Wildcard, pattern, branch, passes);
        check("main", "main", true);
        check("main", "main2", false);
        check("main", "xmain", false);
        check("feature/*", "feature/a/b", true);
        check("feature/*", "feature", false);
        check("*-stable", "1-2-stable", true);
        check("*", "anything", true);
        check("a.c", "abc", false);
        check("a\\*", "a\\b", true);
        check("", "anything", true);
        check("Main", "main", false);
        check("a*", "a\nb", true);
        check("ab*ba", "aba", false);
        check("ab*ba", "abba", true);
        check("*a*b*c", "xaybzc", true);
        check("*a*b*c", "xbyazc", false);
        check("**", "", true);
        check(&"*a".repeat(2_500), &"a".repeat(BRANCH_BYTES_MAX), false);
    }

    #[test]
    fn a_regex_is_found_anywhere() {
        let check = |pattern, branch, passes| check(BranchStrategy::Regex, pattern, branch, passes);
        check("main", "xmain2", true);
        check("^(main|stable)$", "stable", true);
        check("^(main|stable)$", "stable-2", false);
        check("\\d+-\\d+", "17-4-stable", true);
        check("", "anything", true);
    }

    #[test]
    fn a_name_that_is_too_long_fits_no_filter() {
        let longest = "a".repeat(BRANCH_BYTES_MAX);
        check(BranchStrategy::Regex, "a", &longest, true);
        check(BranchStrategy::Regex, "a", &format!("{longest}a"), false);
        check(BranchStrategy::Regex, "(a*)*b", &longest, false);
        check(BranchStrategy::Wildcard, "*", &format!("{longest}a"), false);
        check(BranchStrategy::AllBranches, "", &format!("{longest}a"), true);
        // Slow at match time, not at compile time: the time is bounded by the name's length.
        check(BranchStrategy::Regex, "(?:[ab]?){1500}[cd]", &"ab".repeat(1 << 19), false);
    }

    #[test]
    fn all_branches_pass_and_what_names_none() {
        check(BranchStrategy::AllBranches, "main", "other", true);
        let matcher = filter(BranchStrategy::Wildcard, "main").compiled().unwrap();
        for payload in ["{}", "[]", "no", "{\"ref\":null}", "{\"ref\":7}", ""] {
            assert!(matcher.passes(pushed_branch(payload.as_bytes()).as_deref()), "{payload}");
        }
        let passes = |payload: &str| matcher.passes(pushed_branch(payload.as_bytes()).as_deref());
        assert!(!passes(r#"{"ref":"refs/tags/main2"}"#));
        assert!(passes(r#"{"ref":"main"}"#));
        assert!(!passes(r#"{"r\u0065f":"refs/heads/ma\u0069n2"}"#), "escapes are read");
        assert!(!passes(r#"{"\ud800":1,"ref":"other"}"#), "half a pair of surrogates hides nothing");
        assert!(!passes(r#"{"ref":"\ud800"}"#));
        assert!(passes(r#"{"in":{"ref":"other"},"list":[{"ref":"other"}]}"#), "that is another's");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        let refused = |pattern: &str| filter(BranchStrategy::Regex, pattern).compiled().unwrap_err();
        for pattern in ["(", "a{9999999}", "(?=a)", "\\1", "[z-a]", "((((a{100}){100}){100}){100})"] {
            let BranchFilterError::Regex(text) = refused(pattern) else { panic!("{pattern}") };
            assert!(!text.is_empty() && !text.contains('\n'), "{pattern}: {text}");
        }
        let at_limit = "a".repeat(BRANCH_FILTER_CHARACTERS_MAX);
        assert!(filter(BranchStrategy::Regex, &at_limit).compiled().is_ok());
        assert_eq!(refused(&format!("{at_limit}a")), BranchFilterError::TooLong);
    }
}
