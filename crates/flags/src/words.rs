//! What is stored, in words for people.

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::limits::NAMED_IN_WORDS_MAX;
use crate::state::FlagState;

impl FlagState {
    /// One phrase for each gate that is set, such as `on for everyone` or `25 % of actors`; empty if none is.
    pub fn words(&self) -> Vec<String> {
        let boolean =
            self.boolean.map(|on| if on { "on for everyone" } else { "off for everyone" }.to_owned());
        let actors = listed("actors", &self.actors);
        let share_of_actors = self.percentage_of_actors.map(|share| format!("{share} % of actors"));
        let share_of_time = self.percentage_of_time.map(|share| format!("{share} % of time"));
        let groups = listed("groups", &self.groups);
        let opt_outs = listed("opted out", &self.opt_outs);
        [boolean, actors, share_of_actors, share_of_time, groups, opt_outs].into_iter().flatten().collect()
    }
}

/// `label: a, b and 12 more`; nothing for an empty set.
fn listed<T: Display + Ord>(label: &str, set: &BTreeSet<T>) -> Option<String> {
    if set.is_empty() {
        return None;
    }
    let named: Vec<String> = set.iter().take(NAMED_IN_WORDS_MAX).map(ToString::to_string).collect();
    let more = match set.len().saturating_sub(NAMED_IN_WORDS_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("{label}: {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use crate::FlagState;
    use crate::limits::NAMED_IN_WORDS_MAX;

    #[test]
    fn each_gate_has_its_phrase() {
        let check = |state: FlagState, is: &[&str]| assert_eq!(state.words(), is);
        let users = |n: usize| (10..10 + n).map(|i| format!("User:{i}").parse().unwrap()).collect();
        let empty = FlagState::default;
        check(empty(), &[]);
        check(FlagState { boolean: Some(false), ..empty() }, &["off for everyone"]);
        let full = FlagState {
            boolean: Some(true),
            actors: users(2),
            opt_outs: users(1),
            percentage_of_actors: Some("32.639".parse().unwrap()),
            percentage_of_time: Some("50".parse().unwrap()),
            groups: ["staff".to_owned()].into(),
        };
        let phrases = [
            "on for everyone",
            "actors: User:10, User:11",
            "32.639 % of actors",
            "50 % of time",
            "groups: staff",
            "opted out: User:10",
        ];
        check(full, &phrases);
        let names =
            "User:10, User:11, User:12, User:13, User:14, User:15, User:16, User:17, User:18, User:19";
        let as_many = FlagState { actors: users(NAMED_IN_WORDS_MAX), ..empty() };
        check(as_many, &[&format!("actors: {names}")]);
        let one_more = FlagState { actors: users(NAMED_IN_WORDS_MAX + 1), ..empty() };
        check(one_more, &[&format!("actors: {names} and 1 more")]);
    }
}
