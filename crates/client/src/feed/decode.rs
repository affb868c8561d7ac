//! Between the feed's JSON and what evaluation needs. All of a snapshot is good, or none of it is taken.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use std::sync::Arc;

use wigwag_base::Percentage;
use wigwag_flags::limits::DEPENDS_ON_MAX;
use wigwag_flags::{ActorId, Definition, FlagName, FlagState, FlagType, Snapshot, StaticGroups};
use wigwag_wire::flag_feed as wire;

use crate::limits::FLAGS_MAX;

/// The flags of one environment as a server gave them, at one version.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) environment: String,
    /// As the server gave it: opaque.
    pub(crate) version: String,
    /// With the server's overrides, without those of this program.
    pub(crate) flags: Snapshot,
    /// Another number for other names of flags, or for the same ones kept elsewhere.
    pub(crate) names: u64,
    groups: Arc<StaticGroups>,
}

/// Why a snapshot or a change is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("it is not the JSON of a feed: {0}")]
    Json(String),
    #[error("{what} `{value}` {why}")]
    Value { what: &'static str, value: String, why: String },
    #[error("there are {0} flags, more than the {FLAGS_MAX} that a client takes")]
    TooManyFlags(usize),
}

impl Known {
    /// Reads a whole snapshot. It follows `before`, so that handles of that stay quick.
    pub(crate) fn read(json: &[u8], before: Option<&Known>) -> Result<Self, DecodeError> {
        let wire: wire::Snapshot = serde_json::from_slice(json).map_err(not_json)?;
        let flags = flags(wire.flags)?;
        let mut names = HashSet::new();
        if let Some(twice) = flags.iter().find(|flag| !names.insert(&flag.definition.name)) {
            return Err(value("flag", twice.definition.name.as_str(), "is there twice"));
        }
        drop(names);
        let groups = groups(wire.groups)?;
        let overrides = overrides(&wire.overrides)?;
        let version = before.map_or(0, |before| before.flags.version()) + 1;
        let empty = Snapshot::new(version, [], []);
        let definitions = flags.iter().map(|flag| flag.definition.clone());
        let next = before.map_or(&empty, |before| &before.flags).with_definitions(version, definitions);
        let states = flags.into_iter().filter_map(|flag| Some((flag.definition.name.clone(), flag.state?)));
        let next = next.with_states(version, states).with_overrides(version, overrides);
        Ok(Self {
            environment: wire.environment,
            version: wire.version,
            flags: next.with_groups(groups.clone()),
            names: before.map_or(0, |before| before.names) + 1,
            groups,
        })
    }

    /// What comes after `change`, whose `since` is this version.
    pub(crate) fn after(&self, change: wire::Change) -> Result<Self, DecodeError> {
        let version = self.flags.version() + 1;
        let changed = flags(change.flags)?;
        let removed = change.removed.iter().map(|name| named::<FlagName>("flag", name));
        let removed: Vec<FlagName> = removed.collect::<Result<_, _>>()?;
        let unknown = |flag: &Ready| self.flags.flag(flag.definition.name.as_str()).is_none();
        let other_names = !removed.is_empty() || changed.iter().any(unknown);
        let mut next = self.clone();
        next.version = change.version;
        if let Some(changed_groups) = change.groups {
            next.groups = groups(changed_groups)?;
            next.flags = next.flags.with_groups(next.groups.clone());
        }
        if let Some(changed_overrides) = change.overrides {
            next.flags = next.flags.with_overrides(version, overrides(&changed_overrides)?);
        }
        next.flags = redefined(&next.flags, version, &changed, &removed);
        for name in &removed {
            next.flags = next.flags.with_state(version, name, None);
        }
        for flag in changed {
            next.flags = next.flags.with_state(version, &flag.definition.name, flag.state);
        }
        if other_names {
            next.names += 1;
            let flags = next.flags.flags().len();
            return if flags > FLAGS_MAX { Err(DecodeError::TooManyFlags(flags)) } else { Ok(next) };
        }
        Ok(next)
    }

    /// The JSON of the whole snapshot, as [`read`](Self::read) takes it.
    pub(crate) fn write(&self) -> Vec<u8> {
        let members = |members: &HashSet<ActorId>| {
            let mut ids: Vec<String> = members.iter().map(ToString::to_string).collect();
            ids.sort_unstable();
            ids
        };
        let wire = wire::Snapshot {
            environment: self.environment.clone(),
            version: self.version.clone(),
            flags: self.flags.flags().into_iter().map(|(name, flag)| to_wire(name, flag)).collect(),
            groups: self.groups.groups().map(|(name, ids)| (name.to_owned(), members(ids))).collect(),
            overrides: self.flags.overrides().iter().map(ToString::to_string).collect(),
        };
        serde_json::to_vec(&wire).expect("maps with text as keys and finite numbers are always JSON")
    }
}

/// One flag, made ready. It counts as defined even if it is only stored, which decides nothing.
struct Ready {
    definition: Arc<Definition>,
    state: Option<FlagState>,
}

/// Reads a `change` event.
pub(crate) fn change(json: &[u8]) -> Result<wire::Change, DecodeError> {
    serde_json::from_slice(json).map_err(not_json)
}

fn not_json(error: serde_json::Error) -> DecodeError {
    DecodeError::Json(error.to_string())
}

fn value(what: &'static str, value: &str, why: impl ToString) -> DecodeError {
    let shown = value.chars().take(80).collect();
    DecodeError::Value { what, value: shown, why: why.to_string() }
}

fn named<T: FromStr<Err: ToString>>(what: &'static str, name: &str) -> Result<T, DecodeError> {
    name.parse().map_err(|error: T::Err| value(what, name, error))
}

fn names<T: FromStr<Err: ToString>, C: FromIterator<T>>(
    what: &'static str,
    names: &[String],
) -> Result<C, DecodeError> {
    names.iter().map(|name| named(what, name)).collect()
}

fn flags(flags: Vec<wire::Flag>) -> Result<Vec<Ready>, DecodeError> {
    if flags.len() > FLAGS_MAX {
        return Err(DecodeError::TooManyFlags(flags.len()));
    }
    flags.into_iter().map(ready).collect()
}

fn ready(flag: wire::Flag) -> Result<Ready, DecodeError> {
    if flag.depends_on.len() > DEPENDS_ON_MAX {
        return Err(value("flag", &flag.name, format!("depends on more than {DEPENDS_ON_MAX} flags")));
    }
    let definition = Definition {
        name: named("flag", &flag.name)?,
        kind: FlagType::Development,
        default_enabled: flag.default_enabled,
        description: String::new(),
        depends_on: names("flag", &flag.depends_on)?,
        introduced_by_url: String::new(),
        milestone: String::new(),
        group: String::new(),
        feature_issue_url: None,
        rollout_issue_url: None,
        intended_to_rollout_by: None,
        log_state_changes: None,
        owners: Vec::new(),
        channel: None,
        large_steps: None,
    };
    Ok(Ready { definition: Arc::new(definition), state: flag.state.map(state).transpose()? })
}

fn state(state: wire::State) -> Result<FlagState, DecodeError> {
    let share = |share: Option<f64>| {
        share
            .map(|share| {
                Percentage::new(share).map_err(|error| value("percentage", &share.to_string(), error))
            })
            .transpose()
    };
    Ok(FlagState {
        boolean: state.boolean,
        actors: names("actor", &state.actors)?,
        opt_outs: names("actor", &state.opt_outs)?,
        percentage_of_actors: share(state.percentage_of_actors)?,
        percentage_of_time: share(state.percentage_of_time)?,
        groups: state.groups.into_iter().collect(),
    })
}

fn groups(groups: BTreeMap<String, Vec<String>>) -> Result<Arc<StaticGroups>, DecodeError> {
    let members = |(name, ids): (String, Vec<String>)| Ok((name, names("actor", &ids)?));
    let groups: Vec<(String, HashSet<ActorId>)> =
        groups.into_iter().map(members).collect::<Result<_, _>>()?;
    Ok(Arc::new(StaticGroups::new(groups)))
}

fn overrides(overrides: &[String]) -> Result<Arc<BTreeSet<FlagName>>, DecodeError> {
    names("flag", overrides).map(Arc::new)
}

/// `flags` with the definitions of `changed`, and without those of `removed`. Without a difference it is the same.
fn redefined(flags: &Snapshot, version: u64, changed: &[Ready], removed: &[FlagName]) -> Snapshot {
    let before = |name: &str| flags.flag(name).and_then(|flag| flag.definition.as_ref());
    let differs = |ready: &Ready| before(ready.definition.name.as_str()) != Some(&ready.definition);
    if removed.is_empty() && !changed.iter().any(differs) {
        return flags.clone();
    }
    let all = flags.flags().into_iter().filter_map(|(_, flag)| flag.definition.clone());
    let mut definitions: HashMap<_, _> =
        all.map(|definition| (definition.name.clone(), definition)).collect();
    removed.iter().for_each(|name| drop(definitions.remove(name)));
    let changed = changed.iter().map(|ready| &ready.definition);
    definitions.extend(changed.map(|definition| (definition.name.clone(), definition.clone())));
    flags.with_definitions(version, definitions.into_values())
}

fn to_wire(name: &FlagName, flag: &wigwag_flags::Flag) -> wire::Flag {
    let texts = |ids: &BTreeSet<ActorId>| ids.iter().map(ToString::to_string).collect();
    let depends_on = flag.definition.as_ref().map_or(&[][..], |definition| &definition.depends_on);
    wire::Flag {
        name: name.to_string(),
        default_enabled: flag.default_enabled(),
        depends_on: depends_on.iter().map(ToString::to_string).collect(),
        state: flag.state.as_ref().map(|state| wire::State {
            boolean: state.boolean,
            actors: texts(&state.actors),
            opt_outs: texts(&state.opt_outs),
            percentage_of_actors: state.percentage_of_actors.map(Percentage::as_f64),
            percentage_of_time: state.percentage_of_time.map(Percentage::as_f64),
            groups: state.groups.iter().cloned().collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(flags: Value) -> Result<Known, DecodeError> {
        let whole = json!({
            "environment": "production",
            "version": "e-1",
            "flags": flags,
            "groups": { "staff": ["User:1", "User:2"] },
            "overrides": ["ghost"],
            "of a later server": { "what": "it wants" },
        });
        Known::read(&serde_json::to_vec(&whole).unwrap(), None)
    }

    fn every_field() -> Value {
        json!([
            { "name": "defined", "default_enabled": true, "depends_on": ["stored"] },
            { "name": "empty", "default_enabled": false, "state": {} },
            { "name": "grouped", "default_enabled": false, "state": { "groups": ["staff"] } },
            {
                "name": "stored",
                "default_enabled": false,
                "state": {
                    "boolean": false,
                    "actors": ["Project:1", "User:9"],
                    "opt_outs": ["User:8"],
                    "percentage_of_actors": 32.639,
                    "percentage_of_time": 0.001,
                    "groups": ["staff"],
                },
            },
        ])
    }

    fn change_of(known: &Known, change: Value) -> Result<Known, DecodeError> {
        let mut whole = json!({ "since": "e-1", "version": "e-2" });
        whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        known.after(super::change(whole.to_string().as_bytes()).unwrap())
    }

    fn flags_of(known: &Known) -> Value {
        serde_json::from_slice::<Value>(&known.write()).unwrap()["flags"].take()
    }

    #[test]
    fn a_snapshot_is_written_as_it_was_read() {
        let known = read(every_field()).unwrap();
        assert_eq!(flags_of(&known), every_field());
        let again = Known::read(&known.write(), None).unwrap();
        assert_eq!((again.write(), again.environment), (known.write(), "production".to_owned()));
        assert!(again.flags.is_enabled("grouped", &["User:2"], || 0.5).enabled, "groups come along");
        assert!(again.flags.overridden("ghost"));
    }

    #[test]
    fn a_change_alters_what_it_names_and_nothing_else() {
        let known = read(every_field()).unwrap();
        let same = change_of(&known, json!({})).unwrap();
        assert_eq!((flags_of(&same), same.version.as_str()), (every_field(), "e-2"));
        assert_eq!(same.names, known.names);
        let new = json!({ "name": "new", "default_enabled": true });
        let other =
            change_of(&known, json!({ "flags": [new], "removed": ["stored", "never_there"] })).unwrap();
        assert_eq!(flags_of(&other), json!([every_field()[0], every_field()[1], every_field()[2], new]));
        assert_ne!(other.names, known.names);
        let stateless = json!({ "name": "empty", "default_enabled": true });
        let forgotten = change_of(&known, json!({ "flags": [stateless] })).unwrap();
        assert!(forgotten.flags.is_enabled("empty", &[], || 0.5).enabled);
        let regrouped =
            change_of(&known, json!({ "groups": { "staff": ["User:3"] }, "overrides": [] })).unwrap();
        let in_staff = |actor| regrouped.flags.is_enabled("grouped", &[actor], || 0.5).enabled;
        assert!(in_staff("User:3") && !in_staff("User:2") && !regrouped.flags.overridden("ghost"));
    }

    #[test]
    fn a_whole_snapshot_follows_the_one_before() {
        let known = read(every_field()).unwrap();
        let handle = known.flags.handle("stored");
        let json = json!({ "environment": "production", "version": "f-1", "flags": [
            { "name": "another" }, { "name": "stored", "state": { "boolean": true } },
        ] });
        let next = Known::read(json.to_string().as_bytes(), Some(&known)).unwrap();
        assert_eq!(next.flags.flags().len(), 2);
        assert!(next.flags.is_enabled_by(&handle, &[], || 0.5).enabled);
        assert!(next.flags.overrides().is_empty());
        assert!(!next.flags.is_enabled("defined", &[], || 0.5).enabled);
    }

    fn check(flags: Value, refused: &str) {
        assert_eq!(read(flags).unwrap_err().to_string(), refused);
    }

    #[test]
    fn one_bad_value_spoils_the_whole() {
        let state = |state: Value| json!([{ "name": "good" }, { "name": "f", "state": state }]);
        check(json!([{ "name": "" }]), "flag `` is empty");
        check(json!([{ "name": "f" }, { "name": "f" }]), "flag `f` is there twice");
        check(json!([{ "name": "f", "depends_on": ["-"] }]), &wrong_name("-"));
        check(
            state(json!({ "opt_outs": ["User"] })),
            "actor `User` is not of the form Type:id, such as Project:1",
        );
        check(
            state(json!({ "percentage_of_time": 0.12345 })),
            "percentage `0.12345` has more than 3 decimals",
        );
        let needs: Vec<String> = (0..=DEPENDS_ON_MAX).map(|n| format!("f{n}")).collect();
        check(json!([{ "name": "f", "depends_on": needs }]), "flag `f` depends on more than 8 flags");
        assert!(read(json!([{ "name": "f", "depends_on": needs[1..] }])).is_ok());
        let known = read(every_field()).unwrap();
        let bad = |change: Value| change_of(&known, change).unwrap_err().to_string();
        assert_eq!(bad(json!({ "removed": ["-"] })), wrong_name("-"));
        assert_eq!(bad(json!({ "overrides": ["-"] })), wrong_name("-"));
        let nobody = "actor `nobody` is not of the form Type:id, such as Project:1";
        assert_eq!(bad(json!({ "groups": { "staff": ["nobody"] } })), nobody);
        assert!(read(json!("flags")).unwrap_err().to_string().starts_with("it is not the JSON of a feed"));
    }

    fn wrong_name(name: &str) -> String {
        format!("flag `{name}` may hold only letters, digits, '_', '-' and ':'")
    }

    #[test]
    fn a_snapshot_has_so_many_flags_and_no_more() {
        let flags = |count: usize| -> Vec<wire::Flag> {
            (0..count).map(|n| wire::Flag { name: format!("f{n}"), ..wire::Flag::default() }).collect()
        };
        assert!(super::flags(flags(FLAGS_MAX)).is_ok());
        let many = super::flags(flags(FLAGS_MAX + 1)).err();
        assert_eq!(many, Some(DecodeError::TooManyFlags(FLAGS_MAX + 1)));
    }
}
