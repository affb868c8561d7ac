use super::parse;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use wigwag_flags::{Definition, FlagName, FlagState};
use wigwag_ports::definitions::Finding;

/// What is known of another server's flags.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Known {
    /// What is stored there, by name.
    pub(super) states: BTreeMap<FlagName, FlagState>,
    /// What is defined there, by name.
    pub(super) definitions: Vec<Arc<Definition>>,
    /// Whether all definitions are known.
    pub(super) catalogue: Catalogue,
}

/// Whether a server tells its definitions.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) enum Catalogue {
    /// It does: what it names neither here nor among its features does not exist there.
    Whole,
    /// It does not (an older version, or the token may not ask): only those that came with features are known.
    #[default]
    Partial,
}

/// The answers of one reading.
pub(super) struct Answers<'a> {
    /// The pages of features, in order.
    pub(super) features: Vec<&'a [u8]>,
    /// The definitions, if they are told.
    pub(super) definitions: Option<&'a [u8]>,
}

impl Known {
    /// What the answers say. A flag whose state is wrong keeps the one of `before`; everything else that is wrong is left
    /// out, and told.
    ///
    /// # Errors
    /// What an answer is instead of a list.
    pub(super) fn read(answers: &Answers<'_>, before: &Self) -> Result<(Self, Vec<Finding>), String> {
        let mut findings = Vec::new();
        let mut states = BTreeMap::new();
        let mut definitions = Vec::new();
        if let Some(body) = answers.definitions {
            let (told, wrong) = parse::definitions(body)?;
            definitions.extend(told);
            findings.extend(wrong);
        }
        for body in &answers.features {
            let (features, embedded) = parse::features(body)?;
            definitions.extend(embedded);
            for feature in features {
                match feature {
                    Ok((name, state)) => {
                        states.insert(name, state);
                    }
                    Err((name, finding)) => {
                        findings.push(finding);
                        let last = name.and_then(|name| before.states.get_key_value(&name));
                        states.extend(last.map(|(name, state)| (name.clone(), state.clone())));
                    }
                }
            }
        }
        let catalogue = answers.definitions.map_or(Catalogue::Partial, |_| Catalogue::Whole);
        Ok((Self { states, definitions: by_name(definitions), catalogue }, findings))
    }

    /// As it is kept in the store, in the shapes of the API.
    pub(super) fn to_content(&self) -> Bytes {
        let features: Vec<Value> = self.states.iter().map(|(name, state)| feature(name, state)).collect();
        let definitions: Vec<Value> = self.definitions.iter().map(|one| definition(one)).collect();
        let whole = self.catalogue == Catalogue::Whole;
        let content = json!({ "features": features, "definitions": definitions, "whole": whole });
        content.to_string().into()
    }

    /// From what was kept.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn from_content(content: &[u8]) -> Result<Self, String> {
        let parts: Map<String, Value> = serde_json::from_slice(content).map_err(|error| error.to_string())?;
        let text = |part: &str| parts.get(part).map(Value::to_string).unwrap_or_default();
        let (features, definitions) = (text("features"), text("definitions"));
        let answers =
            Answers { features: vec![features.as_bytes()], definitions: Some(definitions.as_bytes()) };
        let (mut known, _) = Self::read(&answers, &Self::default())?;
        if parts.get("whole") != Some(&Value::Bool(true)) {
            known.catalogue = Catalogue::Partial;
        }
        Ok(known)
    }
}

/// Each once, the first of a name.
fn by_name(definitions: Vec<Definition>) -> Vec<Arc<Definition>> {
    let mut seen = HashSet::new();
    let mut once: Vec<_> =
        definitions.into_iter().filter(|one| seen.insert(one.name.clone())).map(Arc::new).collect();
    once.sort_by(|a, b| a.name.cmp(&b.name));
    once
}

fn feature(name: &FlagName, state: &FlagState) -> Value {
    let mut gates = Vec::new();
    let mut put = |key: &str, value: Option<Value>| {
        gates.extend(value.map(|value| json!({ "key": key, "value": value })));
    };
    let list = |values: Vec<String>| (!values.is_empty()).then(|| Value::from(values));
    put("boolean", state.boolean.map(Value::Bool));
    put("actors", list(state.actor_values()));
    put("percentage_of_actors", state.percentage_of_actors.map(|share| json!(share.as_f64())));
    put("percentage_of_time", state.percentage_of_time.map(|share| json!(share.as_f64())));
    put("groups", list(state.groups.iter().cloned().collect()));
    json!({ "name": name.as_str(), "gates": gates })
}

fn definition(one: &Definition) -> Value {
    let needs: Vec<&str> = one.depends_on.iter().map(|name| name.as_str()).collect();
    json!({
        "name": one.name.as_str(),
        "type": one.kind.as_str(),
        "default_enabled": one.default_enabled,
        "description": one.description,
        "depends_on": needs,
        "introduced_by_url": one.introduced_by_url,
        "milestone": one.milestone,
        "group": one.group,
        "feature_issue_url": one.feature_issue_url,
        "rollout_issue_url": one.rollout_issue_url,
        "intended_to_rollout_by": one.intended_to_rollout_by,
        "log_state_changes": one.log_state_changes,
    })
}

#[cfg(test)]
mod tests {
    use super::{Answers, Catalogue, Known};

    const FEATURES: &str = r#"[{"name":"a","gates":[{"key":"boolean","value":true}],"definition":{"name":"a","type":"beta"}},
        {"name":"b","gates":[{"key":"percentage_of_actors","value":32.639},{"key":"boolean","value":false},
        {"key":"actors","value":["User:5","User:6:opt_out"]},{"key":"groups","value":["staff"]}],"definition":null}]"#;
    const DEFINITIONS: &str = r#"[{"name":"a","type":"ops","default_enabled":true,"description":"x","depends_on":["b"],
        "introduced_by_url":"u","milestone":"15.10","group":"g","feature_issue_url":"f","rollout_issue_url":"r",
        "intended_to_rollout_by":"16.0","log_state_changes":true},{"name":"c","type":"wip"}]"#;

    fn read(features: &[&str], definitions: Option<&str>, before: &Known) -> (Known, usize) {
        let features = features.iter().map(|page| page.as_bytes()).collect();
        let answers = Answers { features, definitions: definitions.map(str::as_bytes) };
        let (known, findings) = Known::read(&answers, before).unwrap();
        (known, findings.len())
    }

    #[test]
    fn what_is_kept_comes_back() {
        for definitions in [Some(DEFINITIONS), None] {
            let (known, findings) = read(&[FEATURES], definitions, &Known::default());
            assert_eq!((known.states.len(), findings), (2, 0));
            assert_eq!(Known::from_content(&known.to_content()).unwrap(), known);
        }
        let nothing = Known::default();
        assert_eq!(Known::from_content(&nothing.to_content()).unwrap(), nothing);
        for content in ["", "[]", "{}", "{\"features\":1,\"definitions\":[]}"] {
            assert!(Known::from_content(content.as_bytes()).is_err(), "{content}");
        }
    }

    #[test]
    fn definitions_that_come_with_features_stand_in_for_those_that_are_not_told() {
        let (whole, _) = read(&[FEATURES], Some(DEFINITIONS), &Known::default());
        let kinds = |known: &Known| {
            let each = known.definitions.iter().map(|one| format!("{} {}", one.name, one.kind.as_str()));
            each.collect::<Vec<_>>().join(", ")
        };
        assert_eq!((kinds(&whole).as_str(), whole.catalogue), ("a ops, c wip", Catalogue::Whole));
        let (partial, _) = read(&[FEATURES], None, &Known::default());
        assert_eq!((kinds(&partial).as_str(), partial.catalogue), ("a beta", Catalogue::Partial));
    }

    #[test]
    fn a_flag_that_went_wrong_keeps_its_last_good_state() {
        let (before, _) = read(&[FEATURES], None, &Known::default());
        let wrong = r#"[{"name":"a","gates":[{"key":"boolean","value":"?"}]},{"name":"new","gates":7}]"#;
        let (after, findings) = read(&[wrong], None, &before);
        assert_eq!(findings, 2);
        assert_eq!(after.states.len(), 1, "b was deleted there, and nothing is known of new");
        assert_eq!(after.states["a"], before.states["a"]);
    }

    #[test]
    fn pages_go_together() {
        let page = |name: &str| format!(r#"[{{"name":"{name}","gates":[]}}]"#);
        let (known, _) = read(&[&page("b"), &page("a"), "[]"], None, &Known::default());
        assert_eq!(known.states.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
