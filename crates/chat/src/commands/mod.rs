//! The commands' specifications, each with what makes the command of what was found.

mod common;
mod feature;
mod help;
mod hooks;
mod link;
mod release;
mod rollout;

use crate::spec::CommandSpec;

/// Every command, in the order of the help.
pub(crate) const SPECS: &[CommandSpec] = &[
    feature::GET,
    feature::LIST,
    feature::SET,
    feature::DELETE,
    release::STATUS,
    release::CHECK,
    rollout::START,
    rollout::STATUS,
    rollout::NEXT,
    rollout::PAUSE,
    rollout::RESUME,
    rollout::TICK,
    rollout::APPROVE,
    rollout::ACK,
    rollout::ANNOUNCE,
    rollout::NOTE,
    rollout::RELEASE,
    rollout::CLEANUP,
    rollout::ROLLBACK,
    rollout::CLOSE,
    hooks::FAILING,
    link::LINK,
    help::HELP,
];

/// The first words of commands, each with what they are about, in the order of the help.
pub(crate) const FAMILIES: &[(&str, &str)] = &[
    ("feature", "a flag's state in environments"),
    ("auto_deploy", "what runs where"),
    ("release", "what ships when"),
    ("rollout", "a flag's way to everyone"),
    ("hooks", "web-hooks and their health"),
    ("link", "who you are in the registry"),
    ("help", "what there is"),
];

/// The commands that begin with this word.
pub(crate) fn family(word: &str) -> impl Iterator<Item = &'static CommandSpec> {
    SPECS.iter().filter(move |spec| spec.family().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::{FAMILIES, SPECS};
    use crate::spec::Times;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_has_its_family_and_every_family_a_command() {
        let of_specs: BTreeSet<&str> = SPECS.iter().map(|spec| spec.family()).collect();
        let told: BTreeSet<&str> = FAMILIES.iter().map(|(word, _)| *word).collect();
        assert_eq!(of_specs, told);
        let names: BTreeSet<&str> = SPECS.iter().map(|spec| spec.name).collect();
        assert_eq!(names.len(), SPECS.len());
    }

    #[test]
    fn only_the_last_argument_may_be_left_out_or_repeated() {
        for spec in SPECS {
            let but_last = &spec.arguments[..spec.arguments.len().saturating_sub(1)];
            assert!(but_last.iter().all(|argument| argument.times == Times::Once), "{}", spec.name);
            assert!(!spec.examples.is_empty(), "{}", spec.name);
        }
    }
}
