//! A flag's stored state as JSON, with what is not set left out; and audit rows.

use super::time;
use crate::error::odd;
use rusqlite::{Result, Row};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wigwag_base::Percentage;
use wigwag_flags::{FlagState, NameError};
use wigwag_ports::flags::{AuditEntry, AuditRow, FlagBefore, RemoteCopy, StoredFlag};

/// The JSON of a state.
pub(crate) fn state_text(state: &FlagState) -> String {
    let FlagState { boolean, actors, opt_outs, percentage_of_actors, percentage_of_time, groups } = state;
    let mut map = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    };
    put("boolean", boolean.map(Value::Bool));
    put("actors", list(actors.iter().map(|id| id.as_str())));
    put("opt_outs", list(opt_outs.iter().map(|id| id.as_str())));
    put("percentage_of_actors", percentage_of_actors.map(|share| json!(share.as_f64())));
    put("percentage_of_time", percentage_of_time.map(|share| json!(share.as_f64())));
    put("groups", list(groups.iter().map(String::as_str)));
    Value::Object(map).to_string()
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Value> {
    let texts: Vec<Value> = texts.map(Value::from).collect();
    (!texts.is_empty()).then_some(Value::Array(texts))
}

fn state(text: &str) -> Result<FlagState> {
    let Ok(Value::Object(mut map)) = serde_json::from_str(text) else {
        return Err(odd("flag state"));
    };
    let state = FlagState {
        boolean: map
            .remove("boolean")
            .map(|value| value.as_bool().ok_or_else(|| odd("boolean")))
            .transpose()?,
        actors: names(map.remove("actors"))?,
        opt_outs: names(map.remove("opt_outs"))?,
        percentage_of_actors: percentage(map.remove("percentage_of_actors"))?,
        percentage_of_time: percentage(map.remove("percentage_of_time"))?,
        groups: texts(map.remove("groups"))?.into_iter().collect(),
    };
    if map.is_empty() { Ok(state) } else { Err(odd("gate")) }
}

fn texts(value: Option<Value>) -> Result<Vec<String>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    value.as_array().and_then(|list| list.iter().map(text).collect()).ok_or_else(|| odd("list"))
}

fn names<T: std::str::FromStr<Err = NameError> + Ord>(value: Option<Value>) -> Result<BTreeSet<T>> {
    texts(value)?.into_iter().map(|text| text.parse().map_err(|_| odd("actor"))).collect()
}

fn percentage(value: Option<Value>) -> Result<Option<Percentage>> {
    let share = |value: Value| value.as_f64().and_then(|share| Percentage::new(share).ok());
    value.map(|value| share(value).ok_or_else(|| odd("percentage"))).transpose()
}

/// Reads a row of `flags` that has a state.
pub(crate) fn stored_flag(row: &Row<'_>) -> Result<StoredFlag> {
    let name: String = row.get("name")?;
    Ok(StoredFlag {
        environment: row.get("environment")?,
        name: name.parse().map_err(|_| odd("flag name"))?,
        state: state(row.get_ref("state")?.as_str().map_err(|_| odd("flag state"))?)?,
        version: row.get("version")?,
    })
}

/// Reads a row of `flags` as its last step.
pub(crate) fn flag_before(row: &Row<'_>) -> Result<FlagBefore> {
    let read = |name: &str| row.get::<_, Option<String>>(name)?.as_deref().map(state).transpose();
    Ok(FlagBefore { before: read("before")?, after: read("state")? })
}

/// Reads a row of `remote_copies`.
pub(crate) fn remote_copy(row: &Row<'_>) -> Result<RemoteCopy> {
    Ok(RemoteCopy {
        environment: row.get("environment")?,
        url: row.get("url")?,
        read_at: time(row, "read_at")?,
        content: row.get::<_, Vec<u8>>("content")?.into(),
    })
}

/// Reads a row of `audit`.
pub(crate) fn audit_row(row: &Row<'_>) -> Result<AuditRow> {
    let entry = AuditEntry {
        at: time(row, "at")?,
        author: row.get("author")?,
        sudo_by: row.get("sudo_by")?,
        via: row.get("via")?,
        flag: row.get("flag")?,
        environment: row.get("environment")?,
        before: row.get("before")?,
        after: row.get("after")?,
        reason: row.get("reason")?,
    };
    Ok(AuditRow { id: row.get("id")?, entry, hash: row.get("hash")? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{state, state_text};
    use wigwag_flags::FlagState;

    #[test]
    fn states_come_back() {
        let full = FlagState {
            boolean: Some(false),
            actors: ["User:5".parse().unwrap(), "Tenant:größe\"".parse().unwrap()].into(),
            opt_outs: ["User:6".parse().unwrap()].into(),
            percentage_of_actors: Some("32.639".parse().unwrap()),
            percentage_of_time: Some("0".parse().unwrap()),
            groups: ["staff".to_owned()].into(),
        };
        for is in [FlagState::default(), full] {
            assert_eq!(state(&state_text(&is)).unwrap(), is);
        }
        assert_eq!(state_text(&FlagState::default()), "{}");
    }

    #[test]
    fn what_no_version_wrote_is_refused() {
        for text in [
            "",
            "[]",
            "{\"boolean\":1}",
            "{\"actors\":[\"x\"]}",
            "{\"percentage_of_time\":101}",
            "{\"new\":1}",
        ] {
            assert!(state(text).is_err(), "{text}");
        }
    }
}
