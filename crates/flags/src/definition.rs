//! What a flag is, as its owner wrote it down: the content of `feature_flags/<type>/<name>.yml`.

use std::fmt;

use crate::limits::DEPENDS_ON_MAX;
use crate::names::FlagName;

/// What a flag is for; it sets how long it may live and whether its default may be on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FlagType {
    /// Makes a risky change safe to deploy (written `gitlab_com_derisk` too).
    Derisk,
    /// Hides work in progress.
    Wip,
    /// A finished feature that may not scale yet.
    Beta,
    /// A switch for operators, for good.
    Ops,
    /// A comparison of variants.
    Experiment,
    /// A switch of one background worker.
    Worker,
    /// The reference's old general type.
    Development,
}

impl FlagType {
    /// Every type, in the order of the documentation.
    pub const ALL: [FlagType; 7] =
        [Self::Derisk, Self::Wip, Self::Beta, Self::Ops, Self::Experiment, Self::Worker, Self::Development];

    /// The word in a definition's `type` field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Derisk => "derisk",
            Self::Wip => "wip",
            Self::Beta => "beta",
            Self::Ops => "ops",
            Self::Experiment => "experiment",
            Self::Worker => "worker",
            Self::Development => "development",
        }
    }

    /// The type that a definition's `type` field names.
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "gitlab_com_derisk" {
            return Some(Self::Derisk);
        }
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether `default_enabled: true` is allowed.
    pub const fn may_default_to_on(self) -> bool {
        matches!(self, Self::Beta | Self::Ops | Self::Development)
    }
}

/// What becomes of a step in production by which too many get a feature at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LargeStepPolicy {
    /// It is made, with a warning.
    Warn,
    /// It is refused unless its author insists.
    Refuse,
}

impl LargeStepPolicy {
    /// Both.
    pub const ALL: [LargeStepPolicy; 2] = [Self::Warn, Self::Refuse];

    /// The word in a definition's `large_steps` field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Refuse => "refuse",
        }
    }
}

/// One flag's definition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Definition {
    /// The name that the code asks for; also the file's.
    pub name: FlagName,
    /// `type`: what the flag is for.
    pub kind: FlagType,
    /// The answer while nothing is stored.
    pub default_enabled: bool,
    /// What the flag does, in a sentence.
    pub description: String,
    /// Flags that must be enabled at the same time, for the same actors.
    pub depends_on: Vec<FlagName>,
    /// The change that brought the flag.
    pub introduced_by_url: String,
    /// The release that it came with, as text (`15.10` is not `15.1`).
    pub milestone: String,
    /// The team's label, such as `group::integrations`.
    pub group: String,
    /// The feature's issue.
    pub feature_issue_url: Option<String>,
    /// The issue that its rollout is run by.
    pub rollout_issue_url: Option<String>,
    /// The release by which it should be on for everyone.
    pub intended_to_rollout_by: Option<String>,
    /// Whether changes of its state are logged (the reference's field; here every write is audited anyway).
    pub log_state_changes: Option<bool>,
    /// People to ask.
    pub owners: Vec<String>,
    /// The team's chat channel, to which changes are posted.
    pub channel: Option<String>,
    /// What becomes of large steps in production; else what the environment says.
    pub large_steps: Option<LargeStepPolicy>,
}

/// A definition that breaks a rule: which field, and which rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DefinitionError {
    /// The field's name in the file.
    pub field: &'static str,
    /// The rule, as the end of a sentence that begins with the field.
    pub rule: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for DefinitionError {}

impl Definition {
    /// Checks the rules that one definition can break by itself; [`check_dependencies`](crate::check_dependencies)
    /// checks those between them.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), DefinitionError> {
        let fail = |field, rule: &str| Err(DefinitionError { field, rule: rule.into() });
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if !self.name.as_str().bytes().all(plain) {
            return fail("name", "may hold only lower-case letters, digits, '_' and '-'");
        }
        if self.default_enabled && !self.kind.may_default_to_on() {
            return fail("default_enabled", "may be true only for the types beta, ops and development");
        }
        let required = [
            ("introduced_by_url", &self.introduced_by_url),
            ("milestone", &self.milestone),
            ("group", &self.group),
        ];
        for (field, value) in required {
            if value.trim().is_empty() {
                return fail(field, "is required");
            }
        }
        if self.depends_on.len() > DEPENDS_ON_MAX {
            return fail("depends_on", &format!("names more than {DEPENDS_ON_MAX} flags"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Definition, FlagType};
    use crate::limits::DEPENDS_ON_MAX;
    use crate::shipped;

    fn check(break_it: impl FnOnce(&mut Definition), is: &str) {
        let mut definition = shipped::definitions().remove(0);
        break_it(&mut definition);
        let found = definition.check().map_or_else(|e| e.to_string(), |()| "good".into());
        assert_eq!(found, is);
    }

    #[test]
    fn each_rule_names_its_field() {
        let flags = |n: usize| (0..n).map(|i| format!("f{i}").parse().unwrap()).collect();
        check(|_| {}, "good");
        check(
            |d| d.name = "Big".parse().unwrap(),
            "name may hold only lower-case letters, digits, '_' and '-'",
        );
        let only_these = "default_enabled may be true only for the types beta, ops and development";
        check(|d| (d.default_enabled, d.kind) = (true, FlagType::Wip), only_these);
        check(|d| (d.default_enabled, d.kind) = (true, FlagType::Beta), "good");
        check(|d| d.milestone = " ".into(), "milestone is required");
        check(|d| d.group.clear(), "group is required");
        check(|d| d.introduced_by_url.clear(), "introduced_by_url is required");
        check(|d| d.depends_on = flags(DEPENDS_ON_MAX), "good");
        check(|d| d.depends_on = flags(DEPENDS_ON_MAX + 1), "depends_on names more than 8 flags");
    }

    #[test]
    fn the_type_words_go_both_ways() {
        for kind in FlagType::ALL {
            assert_eq!(FlagType::from_word(kind.as_str()), Some(kind));
        }
        assert_eq!(FlagType::from_word("gitlab_com_derisk"), Some(FlagType::Derisk));
        assert_eq!(FlagType::from_word("Ops"), None);
    }
}
