//! What another server says of its flags, taken apart. Nothing of it is believed before it is checked: a wrong flag is
//! left out and told, a wrong list is refused as a whole.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_flags::limits::{ACTORS_MAX, DEPENDS_ON_MAX, GROUPS_MAX};
use wigwag_flags::{ActorId, Definition, FlagName, FlagState, FlagType};
use wigwag_ports::definitions::Finding;

/// How an opt-out stands among the actors: `User:5:opt_out`.
const OPT_OUT: &str = ":opt_out";

/// A flag with what is stored of it, or what is wrong with it and its name, if it has one.
pub(super) type Feature = Result<(FlagName, FlagState), (Option<FlagName>, Finding)>;

/// The features of one answer, and the definitions that came with them.
///
/// # Errors
/// What the whole answer is instead.
pub(super) fn features(body: &[u8]) -> Result<(Vec<Feature>, Vec<Definition>), String> {
    let mut features = Vec::new();
    let mut definitions = Vec::new();
    for value in list(body)? {
        let Value::Object(map) = value else { return Err(shape("a list of features")) };
        if let Some(Value::Object(given)) = map.get("definition") {
            definitions.extend(definition(given).ok().map(|(definition, _)| definition));
        }
        features.push(feature(&map));
    }
    Ok((features, definitions))
}

/// The one feature of an answer to a change.
///
/// # Errors
/// What it is instead, or what is wrong with it.
pub(super) fn changed(body: &[u8]) -> Result<(FlagName, FlagState), String> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => {
            feature(&map).map_err(|(_, finding)| format!("{} {}", finding.file, finding.rule))
        }
        _ => Err(shape("a feature")),
    }
}

/// The definitions of one answer, and what is wrong with others.
///
/// # Errors
/// What the whole answer is instead.
pub(super) fn definitions(body: &[u8]) -> Result<(Vec<Definition>, Vec<Finding>), String> {
    let (mut good, mut findings) = (Vec::new(), Vec::new());
    for value in list(body)? {
        let Value::Object(map) = value else { return Err(shape("a list of definitions")) };
        match definition(&map) {
            Ok((definition, finding)) => {
                good.push(definition);
                findings.extend(finding);
            }
            Err(finding) => findings.push(finding),
        }
    }
    Ok((good, findings))
}

fn list(body: &[u8]) -> Result<Vec<Value>, String> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(values)) => Ok(values),
        Ok(_) => Err(shape("a list")),
        Err(error) => Err(format!("its answer is not JSON ({error}); is this the address of its API?")),
    }
}

fn shape(expected: &str) -> String {
    format!("its answer is JSON, but not {expected}; is this the address of its API?")
}

fn finding(name: &str, field: &str, rule: impl Into<String>) -> Finding {
    let shown: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(255).collect();
    Finding { file: shown, line: None, field: Some(field.to_owned()), rule: rule.into() }
}

fn name(map: &Map<String, Value>) -> Result<FlagName, Finding> {
    let Some(Value::String(text)) = map.get("name") else {
        return Err(finding("", "name", "is missing"));
    };
    text.parse().map_err(|error| finding(text, "name", format!("{error}")))
}

fn feature(map: &Map<String, Value>) -> Feature {
    let name = name(map).map_err(|finding| (None, finding))?;
    let wrong = |finding| (Some(name.clone()), finding);
    let Some(Value::Array(gates)) = map.get("gates") else {
        return Err(wrong(finding(name.as_str(), "gates", "is no list")));
    };
    let mut state = FlagState::default();
    for gate in gates {
        let Some(key) = gate.get("key").and_then(Value::as_str) else {
            return Err(wrong(finding(name.as_str(), "gates", "holds one without a key")));
        };
        let value = gate.get("value").unwrap_or(&Value::Null);
        set(&mut state, key, value).map_err(|rule| wrong(finding(name.as_str(), key, rule)))?;
    }
    // The boolean gate is always listed, false where it is not set: it says something only where nothing else is set.
    if state.boolean == Some(false) && (FlagState { boolean: None, ..state.clone() }) != FlagState::default()
    {
        state.boolean = None;
    }
    Ok((name, state))
}

/// Takes one gate over. A gate that is not set is null, zero or empty.
fn set(state: &mut FlagState, key: &str, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    match key {
        "boolean" => state.boolean = Some(value.as_bool().ok_or("is neither true nor false")?),
        "percentage_of_actors" => state.percentage_of_actors = percentage(value)?,
        "percentage_of_time" => state.percentage_of_time = percentage(value)?,
        "actors" => (state.actors, state.opt_outs) = actors(value)?,
        "groups" => state.groups = groups(value)?,
        // Whatever else opens it there would be closed here.
        _ => return Err("is a gate that is not known here".into()),
    }
    Ok(())
}

fn percentage(value: &Value) -> Result<Option<Percentage>, String> {
    let share = match value {
        Value::Number(number) => Percentage::new(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => text.parse(),
        _ => return Err("is no number".into()),
    };
    let share = share.map_err(|error| error.to_string())?;
    Ok((share > Percentage::ZERO).then_some(share))
}

fn actors(value: &Value) -> Result<(BTreeSet<ActorId>, BTreeSet<ActorId>), String> {
    let (mut actors, mut opt_outs) = (BTreeSet::new(), BTreeSet::new());
    for text in texts(value)? {
        let (id, listed) = match text.strip_suffix(OPT_OUT) {
            Some(id) => (id, &mut opt_outs),
            None => (text, &mut actors),
        };
        let id = id.parse().map_err(|error| format!("holds an entry that {error}"))?;
        listed.insert(id);
    }
    if actors.len() + opt_outs.len() > ACTORS_MAX {
        return Err(format!("holds more than {ACTORS_MAX} entries"));
    }
    Ok((actors, opt_outs))
}

fn groups(value: &Value) -> Result<BTreeSet<String>, String> {
    let groups: BTreeSet<String> = texts(value)?.map(str::to_owned).collect();
    if groups.len() > GROUPS_MAX { Err(format!("holds more than {GROUPS_MAX} names")) } else { Ok(groups) }
}

fn texts(value: &Value) -> Result<impl Iterator<Item = &str>, String> {
    let list = value.as_array().ok_or("is no list")?;
    if list.iter().all(Value::is_string) {
        Ok(list.iter().filter_map(Value::as_str))
    } else {
        Err("holds something that is no text".into())
    }
}

/// A definition, and what is odd about it though it was taken.
fn definition(map: &Map<String, Value>) -> Result<(Definition, Option<Finding>), Finding> {
    let name = name(map)?;
    let wrong = |field: &str, rule: &str| finding(name.as_str(), field, rule);
    let text = |field: &str| match map.get(field) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let default_enabled = match map.get("default_enabled") {
        Some(Value::Bool(on)) => *on,
        None | Some(Value::Null) => false,
        Some(_) => return Err(wrong("default_enabled", "is neither true nor false")),
    };
    let depends_on = match map.get("depends_on") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => {
            let names: Result<Vec<FlagName>, _> =
                texts(value).map_err(|rule| wrong("depends_on", &rule))?.map(str::parse).collect();
            names.map_err(|_| wrong("depends_on", "holds something that is no flag's name"))?
        }
    };
    if depends_on.len() > DEPENDS_ON_MAX {
        return Err(wrong("depends_on", &format!("names more than {DEPENDS_ON_MAX} flags")));
    }
    let known = text("type").and_then(|word| FlagType::from_word(&word));
    // What it is for says nothing about whom it is on for: the flag is taken all the same.
    let odd = known.is_none().then(|| wrong("type", "is not known here; taken as development"));
    let definition = Definition {
        kind: known.unwrap_or(FlagType::Development),
        default_enabled,
        description: text("description").unwrap_or_default(),
        depends_on,
        introduced_by_url: text("introduced_by_url").unwrap_or_default(),
        milestone: text("milestone").unwrap_or_default(),
        group: text("group").unwrap_or_default(),
        feature_issue_url: text("feature_issue_url"),
        rollout_issue_url: text("rollout_issue_url"),
        intended_to_rollout_by: text("intended_to_rollout_by"),
        log_state_changes: map.get("log_state_changes").and_then(Value::as_bool),
        owners: Vec::new(),
        channel: None,
        large_steps: None,
        name: name.clone(),
    };
    Ok((definition, odd))
}

#[cfg(test)]
mod tests;
