//! Where flags go: what is stored there now, exactly, and what can be.

use super::gates::Incoming;
use crate::verbs::client::{Client, segment};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use wigwag_flags::FlagState;
use wigwag_flags::limits::{ACTORS_MAX, GROUPS_MAX};
use wigwag_wire::flag_feed::{Snapshot, State};

/// One environment of the server that flags go to.
pub(super) struct Here {
    stored: HashMap<String, State>,
    /// The groups of actors that exist; `None` where another server has groups of its own.
    groups: Option<HashSet<String>>,
}

impl Here {
    /// Asks for the environment, or for the token's or the server's own.
    pub(super) fn ask(client: &Client, environment: Option<&str>) -> Result<Self> {
        let query = environment.map_or_else(String::new, |name| format!("?environment={}", segment(name)));
        let snapshot: Snapshot = serde_json::from_value(client.get(&format!("/v1/flags/snapshot{query}"))?)
            .context("the server's answer is no snapshot of flags")?;
        let environments = client.get("/v1/environments")?;
        let named = |one: &&Value| one["name"] == snapshot.environment.as_str();
        let place = environments.as_array().into_iter().flatten().find(named);
        let elsewhere = place.is_some_and(|place| !place["remote"].is_null());
        let stored = snapshot.flags.into_iter().filter_map(|flag| Some((flag.name, sorted(flag.state?))));
        let groups = (!elsewhere).then(|| snapshot.groups.into_keys().collect());
        Ok(Self { stored: stored.collect(), groups })
    }

    /// What is stored of a flag.
    pub(super) fn stored(&self, name: &str) -> Option<&State> {
        self.stored.get(name)
    }

    /// The flag as it can be stored, or every reason why it cannot.
    pub(super) fn judged(&self, incoming: Incoming) -> Incoming {
        let Incoming { name, state } = incoming;
        let state = state.and_then(|state| {
            let reasons = self.reasons(&name, &state);
            if reasons.is_empty() { Ok(state) } else { Err(reasons) }
        });
        Incoming { name, state }
    }

    fn reasons(&self, name: &str, state: &FlagState) -> Vec<String> {
        let mut reasons = Vec::new();
        let listed = state.actors.len() + state.opt_outs.len();
        if listed > ACTORS_MAX {
            reasons.push(format!(
                "it lists {listed} actors and opt-outs, and a flag lists at most {ACTORS_MAX} here; use a group or a \
                 percentage there first"
            ));
        }
        if state.groups.len() > GROUPS_MAX {
            let groups = state.groups.len();
            reasons.push(format!("it names {groups} groups, and a flag names at most {GROUPS_MAX} here"));
        }
        // A group that is stored already may stay although it is gone from the configuration since.
        let stored = self.stored(name).map_or(&[][..], |stored| &stored.groups);
        let known = |group: &String| self.groups.as_ref().is_none_or(|all| all.contains(group));
        for group in state.groups.iter().filter(|group| !known(group) && !stored.contains(*group)) {
            reasons.push(format!("there is no feature group {group:?} here"));
        }
        reasons
    }
}

/// Lists in the order of the ones that it is compared with.
pub(super) fn sorted(mut state: State) -> State {
    for list in [&mut state.actors, &mut state.opt_outs, &mut state.groups] {
        list.sort_unstable();
    }
    state
}

#[cfg(test)]
mod tests {
    use super::Here;
    use std::collections::HashMap;
    use wigwag_flags::FlagState;
    use wigwag_flags::limits::{ACTORS_MAX, GROUPS_MAX};
    use wigwag_wire::flag_feed::State;

    fn with_groups(groups: Option<&[&str]>) -> Here {
        let stored = State { groups: vec!["gone".into()], ..State::default() };
        Here {
            stored: HashMap::from([("f".to_owned(), stored)]),
            groups: groups.map(|all| all.iter().map(|&group| group.to_owned()).collect()),
        }
    }

    #[test]
    fn long_lists_are_told_in_words() {
        let listing = |actors: usize| FlagState {
            actors: (1..actors).map(|id| format!("User:{id}").parse().unwrap()).collect(),
            opt_outs: ["Project:1".parse().unwrap()].into(),
            ..FlagState::default()
        };
        let naming = |groups: usize| FlagState {
            groups: (0..groups).map(|n| n.to_string()).collect(),
            ..FlagState::default()
        };
        let here = with_groups(None);
        assert!(here.reasons("f", &listing(ACTORS_MAX)).is_empty());
        let told = here.reasons("f", &listing(ACTORS_MAX + 1));
        assert!(
            told[0].starts_with("it lists 10001 actors and opt-outs, and a flag lists at most 10000 here")
        );
        assert!(here.reasons("f", &naming(GROUPS_MAX)).is_empty());
        let told = here.reasons("f", &naming(GROUPS_MAX + 1));
        assert_eq!(told, ["it names 101 groups, and a flag names at most 100 here"]);
    }

    #[test]
    fn unknown_groups_are_told_unless_they_are_stored() {
        let state =
            FlagState { groups: ["gone", "new", "staff"].map(str::to_owned).into(), ..FlagState::default() };
        let told = with_groups(Some(&["staff"])).reasons("f", &state);
        assert_eq!(told, ["there is no feature group \"new\" here"]);
        let told = with_groups(Some(&["staff"])).reasons("other", &state);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(with_groups(None).reasons("f", &state).is_empty(), "another server has its own");
    }
}
