//! What is stored of a flag in one environment.

use std::collections::BTreeSet;

use wigwag_base::Percentage;

use crate::names::{ActorId, OPT_OUT_SUFFIX};

/// The stored gates of one flag. The default is a row with empty gates: stored state that is off, which is not the
/// same as no row (that is the definition's default).
#[derive(Clone, PartialEq, Default, Debug)]
pub struct FlagState {
    /// On for everyone; `Some(false)` is what switching off stores, and opens as little as `None`.
    pub boolean: Option<bool>,
    /// Those it is on for by name.
    pub actors: BTreeSet<ActorId>,
    /// Those it is off for whatever else is set. The reference keeps them in its actors gate as `<id>:opt_out`;
    /// here they stand apart, so that no actor can be named like a marker.
    pub opt_outs: BTreeSet<ActorId>,
    /// The share of actors it is on for, by bucket.
    pub percentage_of_actors: Option<Percentage>,
    /// The share of calls it is on for, by chance.
    pub percentage_of_time: Option<Percentage>,
    /// Names of groups of actors it is on for.
    pub groups: BTreeSet<String>,
}

/// A flag's state in one word, as GitLab's API gives it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// On for everyone.
    On,
    /// On for some, or for nobody but with a gate set.
    Conditional,
    /// No gate is set.
    Off,
}

impl State {
    /// `on`, `conditional` or `off`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Conditional => "conditional",
            Self::Off => "off",
        }
    }
}

impl FlagState {
    /// `On` if boolean is true or the percentage of time is 100; else `Conditional` if any other gate is set (100 %
    /// of actors and mere opt-outs too); else `Off`.
    pub fn state(&self) -> State {
        let above_zero = |p: Option<Percentage>| p.is_some_and(|p| p > Percentage::ZERO);
        if self.boolean == Some(true) || self.percentage_of_time == Some(Percentage::HUNDRED) {
            return State::On;
        }
        let listed = !self.actors.is_empty() || !self.opt_outs.is_empty() || !self.groups.is_empty();
        if listed || above_zero(self.percentage_of_actors) || above_zero(self.percentage_of_time) {
            return State::Conditional;
        }
        State::Off
    }

    /// The actors gate as the reference shows it: the ids, and `<id>:opt_out` for each opt-out, sorted.
    pub fn actor_values(&self) -> Vec<String> {
        let ids = self.actors.iter().map(ToString::to_string);
        let markers = self.opt_outs.iter().map(|id| format!("{id}{OPT_OUT_SUFFIX}"));
        let mut values: Vec<String> = ids.chain(markers).collect();
        values.sort_unstable();
        values
    }
}

#[cfg(test)]
mod tests {
    use super::{FlagState, State};

    fn check(state: FlagState, is: State) {
        assert_eq!(state.state(), is, "{state:?}");
    }

    #[test]
    fn the_word_for_each_state() {
        let empty = FlagState::default;
        let percent = |text: &str| Some(text.parse().unwrap());
        check(empty(), State::Off);
        check(FlagState { boolean: Some(false), ..empty() }, State::Off);
        check(FlagState { boolean: Some(true), ..empty() }, State::On);
        check(FlagState { percentage_of_time: percent("100"), ..empty() }, State::On);
        check(FlagState { percentage_of_time: percent("99.999"), ..empty() }, State::Conditional);
        check(FlagState { percentage_of_time: percent("0"), ..empty() }, State::Off);
        check(FlagState { percentage_of_actors: percent("100"), ..empty() }, State::Conditional);
        check(FlagState { percentage_of_actors: percent("0"), ..empty() }, State::Off);
        check(FlagState { groups: ["staff".into()].into(), ..empty() }, State::Conditional);
        check(FlagState { actors: ["User:5".parse().unwrap()].into(), ..empty() }, State::Conditional);
        check(FlagState { opt_outs: ["User:5".parse().unwrap()].into(), ..empty() }, State::Conditional);
    }

    #[test]
    fn opt_outs_show_as_markers() {
        let state = FlagState {
            actors: ["User:5".parse().unwrap(), "User:7".parse().unwrap()].into(),
            opt_outs: ["User:5".parse().unwrap()].into(),
            ..FlagState::default()
        };
        assert_eq!(state.actor_values(), ["User:5", "User:5:opt_out", "User:7"]);
    }
}
