//! The documents that flags come in: GitLab's list, Flipper's HTTP answer, Flipper's export.

use super::gates::{Gates, Incoming};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// The version of Flipper's export that is known.
const EXPORT_VERSION: u64 = 1;

/// `GET /api/v4/features`: `[{name, gates: [{key, value}]}]`.
pub(super) fn gitlab(document: &Value) -> Result<Vec<Incoming>> {
    let all = document
        .as_array()
        .context("this is no list of features, as GitLab's `GET /api/v4/features` gives it")?;
    all.iter().map(|feature| listed(feature, "name")).collect()
}

/// `GET /features`: `{features: [{key, gates: [{key, value}]}]}`; or an export: `{version: 1, features: {name:
/// {boolean, actors, ...}}}`.
pub(super) fn flipper(document: &Value) -> Result<Vec<Incoming>> {
    match &document["features"] {
        Value::Array(all) => all.iter().map(|feature| listed(feature, "key")).collect(),
        Value::Object(all) => {
            if document["version"].as_u64() != Some(EXPORT_VERSION) {
                bail!(
                    "an export of version {} is not known; version {EXPORT_VERSION} is",
                    document["version"]
                );
            }
            Ok(all.iter().map(|(name, gates)| exported(name, gates)).collect())
        }
        _ => bail!("this has no \"features\", as Flipper's `GET /features` and its JSON export have"),
    }
}

/// A feature whose gates are a list.
fn listed(feature: &Value, name: &str) -> Result<Incoming> {
    let name = feature[name].as_str().with_context(|| format!("a feature has no {name:?}"))?;
    let mut gates = Gates::default();
    match &feature["gates"] {
        Value::Array(all) => {
            for gate in all {
                match gate["key"].as_str() {
                    Some(key) => gates.take(key, &gate["value"]),
                    None => gates.fault("one of its gates has no \"key\"".into()),
                }
            }
        }
        _ => gates.fault("it has no list of gates".into()),
    }
    Ok(gates.of(name))
}

/// A feature whose gates are fields.
fn exported(name: &str, fields: &Value) -> Incoming {
    let mut gates = Gates::default();
    let nothing = Map::new();
    if !fields.is_object() {
        gates.fault("it has no gates".into());
    }
    for (key, value) in fields.as_object().unwrap_or(&nothing) {
        gates.take(key, value);
    }
    gates.of(name)
}

#[cfg(test)]
mod tests {
    use super::{flipper, gitlab};
    use serde_json::{Value, json};
    use wigwag_base::Percentage;
    use wigwag_flags::FlagState;

    fn state(gates: Value) -> Result<FlagState, Vec<String>> {
        gitlab(&json!([{ "name": "f", "gates": gates }])).unwrap().remove(0).state
    }

    #[track_caller]
    fn check(gates: Value, is: FlagState) {
        assert_eq!(state(gates), Ok(is));
    }

    #[track_caller]
    fn refused(gates: Value, is: &str) {
        assert_eq!(state(gates), Err(vec![is.to_owned()]));
    }

    #[test]
    fn every_gate_is_taken_as_it_is() {
        let nothing = FlagState::default;
        let percent = |share: f64| Some(Percentage::new(share).unwrap());
        check(json!([]), nothing());
        check(json!([{ "key": "boolean", "value": false }]), FlagState { boolean: Some(false), ..nothing() });
        check(json!([{ "key": "boolean", "value": "true" }]), FlagState { boolean: Some(true), ..nothing() });
        check(json!([{ "key": "boolean", "value": null }]), nothing());
        check(
            json!([{ "key": "percentage_of_actors", "value": 34 }]),
            FlagState { percentage_of_actors: percent(34.0), ..nothing() },
        );
        for share in [32.639, 0.001, 16.7, 99.999, 0.3, 1.005] {
            check(
                json!([{ "key": "percentage_of_actors", "value": share }]),
                FlagState { percentage_of_actors: percent(share), ..nothing() },
            );
            check(
                json!([{ "key": "percentage_of_time", "value": share.to_string() }]),
                FlagState { percentage_of_time: percent(share), ..nothing() },
            );
        }
        check(
            json!([{ "key": "groups", "value": ["staff", "beta", "staff"] }]),
            FlagState { groups: ["beta".into(), "staff".into()].into(), ..nothing() },
        );
        check(
            json!([{ "key": "actors", "value": ["User:5", "Project:1", "User:7:opt_out"] }]),
            FlagState {
                actors: ["Project:1", "User:5"].map(|id| id.parse().unwrap()).into(),
                opt_outs: ["User:7".parse().unwrap()].into(),
                ..nothing()
            },
        );
        check(
            json!([{ "key": "expression", "value": null }, { "key": "denied_actors", "value": [] }]),
            nothing(),
        );
    }

    #[test]
    fn what_cannot_be_taken_is_told() {
        refused(
            json!([{ "key": "expression", "value": { "Equal": [] } }]),
            "there is no gate \"expression\" here",
        );
        refused(
            json!([{ "key": "boolean", "value": "maybe" }]),
            "its gate boolean is neither true nor false: \"maybe\"",
        );
        refused(json!([{ "key": "actors", "value": "User:5" }]), "its gate actors is no list: \"User:5\"");
        refused(
            json!([{ "key": "actors", "value": [5] }]),
            "its gate actors holds something else than texts: [5]",
        );
        refused(
            json!([{ "key": "actors", "value": ["5"] }]),
            "its actor \"5\" is not of the form Type:id, such as Project:1",
        );
        refused(
            json!([{ "key": "percentage_of_actors", "value": 100.5 }]),
            "its gate percentage_of_actors is not between 0 and 100: 100.5",
        );
        refused(
            json!([{ "key": "percentage_of_actors", "value": "12.3456" }]),
            "its gate percentage_of_actors has more than 3 decimals: \"12.3456\"",
        );
        refused(
            json!([{ "key": "percentage_of_time", "value": [] }]),
            "its gate percentage_of_time is no number: []",
        );
        refused(json!([{ "value": true }]), "one of its gates has no \"key\"");
        let nameless = gitlab(&json!([{ "name": "a b", "gates": [] }])).unwrap().remove(0);
        assert_eq!(
            nameless.state,
            Err(vec!["its name may hold only letters, digits, '_', '-' and ':'".into()])
        );
    }

    #[test]
    fn other_documents_are_refused_whole() {
        for wrong in [
            json!({}),
            json!("x"),
            json!(null),
            json!([{ "gates": [] }]),
            json!({ "message": "401 Unauthorized" }),
        ] {
            assert!(gitlab(&wrong).is_err(), "{wrong}");
        }
        for wrong in [
            json!([]),
            json!({ "features": 1 }),
            json!({ "version": 2, "features": {} }),
            json!({ "features": {} }),
        ] {
            assert!(flipper(&wrong).is_err(), "{wrong}");
        }
    }
}
