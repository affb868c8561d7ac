//! Which branches' pushes a hook wants.

use crate::limits::BRANCH_FILTER_CHARACTERS_MAX;
use regex::{Regex, RegexBuilder};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
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
    /// A regular expression that cannot be used; what is wrong with it.
    Regex(String),
}

impl fmt::Display for BranchFilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "is too long (maximum is {BRANCH_FILTER_CHARACTERS_MAX} characters)"),
            Self::Regex(error) => write!(f, "is no regular expression of RE2's kind: {error}"),
        }
    }
}

impl std::error::Error for BranchFilterError {}

/// Bytes that a compiled pattern may take: what an expression of 5,000 characters needs unless it repeats what repeats.
const COMPILED_BYTES_MAX: usize = 1 << 20;

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
            return Ok(BranchMatcher(None));
        }
        let expression = match self.strategy {
            BranchStrategy::Regex | BranchStrategy::AllBranches => Cow::Borrowed(self.pattern.as_str()),
            BranchStrategy::Wildcard => {
                let parts: Vec<String> = self.pattern.split('*').map(regex::escape).collect();
                Cow::Owned(format!("(?s)^{}$", parts.join(".*")))
            }
        };
        let compiled = RegexBuilder::new(&expression).size_limit(COMPILED_BYTES_MAX).build();
        compiled.map(|regex| BranchMatcher(Some(regex))).map_err(|error| {
            // The parser draws the place over several lines; its last line says what is wrong.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            BranchFilterError::Regex(last.trim_start_matches("error: ").to_owned())
        })
    }
}

/// A branch filter ready for use.
#[derive(Clone, Debug)]
pub struct BranchMatcher(Option<Regex>);

impl BranchMatcher {
    /// One that lets everything pass.
    pub const ALL: BranchMatcher = BranchMatcher(None);

    /// Whether every push passes.
    pub const fn passes_all(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the push of a payload passes, by its `ref`. One that names no branch passes: nobody said that it should
    /// not.
    pub fn passes(&self, payload: &[u8]) -> bool {
        let Some(regex) = &self.0 else { return true };
        branch(payload).is_none_or(|branch| regex.is_match(&branch))
    }
}

/// The branch of a push's payload: its `ref` without `refs/heads/`.
fn branch(payload: &[u8]) -> Option<String> {
    let push: HashMap<String, &RawValue> = serde_json::from_slice(payload).ok()?;
    let name: String = serde_json::from_str(push.get("ref")?.get()).ok()?;
    Some(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{BranchFilter, BranchFilterError, BranchStrategy};
    use crate::limits::BRANCH_FILTER_CHARACTERS_MAX;

    fn filter(strategy: BranchStrategy, pattern: &str) -> BranchFilter {
        BranchFilter { strategy, pattern: pattern.to_owned() }
    }

    fn check(strategy: BranchStrategy, pattern: &str, branch: &str, passes: bool) {
        let payload = serde_json::json!({ "after": "x", "ref": format!("refs/heads/{branch}"), "z": [1] });
        let matcher = filter(strategy, pattern).compiled().unwrap();
        assert_eq!(matcher.passes(payload.to_string().as_bytes()), passes, "{pattern} {branch}");
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
    }

    #[test]
    fn a_regex_is_found_anywhere() {
        let check = |pattern, branch, passes| check(BranchStrategy::Regex, pattern, branch, passes);
        check("main", "xmain2", true);
        check("^(main|stable)$", "stable", true);
        check("^(main|stable)$", "stable-2", false);
        check("\\d+-\\d+", "17-4-stable", true);
        let long = "a".repeat(5_000);
        check("(a*)*b", &long, false);
        check("", "anything", true);
    }

    #[test]
    fn all_branches_pass_and_what_names_none() {
        check(BranchStrategy::AllBranches, "main", "other", true);
        let matcher = filter(BranchStrategy::Wildcard, "main").compiled().unwrap();
        for payload in ["{}", "[]", "no", "{\"ref\":null}", "{\"ref\":7}", ""] {
            assert!(matcher.passes(payload.as_bytes()), "{payload}");
        }
        assert!(!matcher.passes(b"{\"ref\":\"refs/tags/main2\"}"));
        assert!(matcher.passes(b"{\"ref\":\"main\"}"));
        assert!(!matcher.passes(br#"{"ref":"refs/heads/ma\u0069n2"}"#), "escapes are read");
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
