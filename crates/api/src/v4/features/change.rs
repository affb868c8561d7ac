use crate::errors::V4Error;
use axum::http::StatusCode;
use wigwag_base::Percentage;
use wigwag_engine::flags::TargetNames;
use wigwag_engine::{Engine, EngineError};
use wigwag_flags::Change;
use wigwag_wire::features::FeatureInput;
use wigwag_wire::lenient;

/// The change that a client asks for in an environment, and whom it is for, as the client named them.
pub(super) async fn change(
    engine: &Engine,
    environment: &str,
    input: FeatureInput,
) -> Result<(Change, TargetNames), V4Error> {
    let value = input.value.as_deref().map(str::trim).unwrap_or_default();
    let named = TargetNames {
        projects: names("project", input.project.as_deref())?,
        groups: names("group", input.group.as_deref())?,
        namespaces: names("namespace", input.namespace.as_deref())?,
        users: names("user", input.user.as_deref())?,
        repositories: names("repository", input.repository.as_deref())?,
        feature_groups: names("feature_group", input.feature_group.as_deref())?,
        actors: Vec::new(),
    };
    let key = input.key.as_deref();
    let value = read(value)?;
    if named.is_empty() {
        return Ok((for_everyone(value, key)?, named));
    }
    if key.is_some() {
        return Err(bad_request("key, project, group, user and the like are mutually exclusive"));
    }
    let targets = engine.flag_targets_in(environment, &named).await.map_err(told)?;
    let change = match value {
        Value::On => Change::Enable(targets),
        Value::Off => Change::Disable(targets),
        Value::OptOut => Change::OptOut(targets.actors),
        Value::RemoveOptOut => Change::RemoveOptOut(targets.actors),
        Value::Share(_) => {
            return Err(bad_request("a percentage takes no project, group, user or the like"));
        }
    };
    Ok((change, named))
}

/// A list of names. One that is given and empty is refused: a script whose variable was not set means somebody, and
/// would change the flag for everyone.
fn names(field: &str, list: Option<&str>) -> Result<Vec<String>, V4Error> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let names = lenient::split(list);
    if names.is_empty() { Err(bad_request(&format!("{field} is empty"))) } else { Ok(names) }
}

enum Value {
    On,
    Off,
    OptOut,
    RemoveOptOut,
    Share(Percentage),
}

fn read(value: &str) -> Result<Value, V4Error> {
    match value.to_ascii_lowercase().as_str() {
        "" => Err(bad_request("value is missing")),
        "true" => Ok(Value::On),
        "false" => Ok(Value::Off),
        "opt_out" => Ok(Value::OptOut),
        "remove_opt_out" => Ok(Value::RemoveOptOut),
        number => match number.parse::<Percentage>() {
            Ok(share) if share == Percentage::HUNDRED => Ok(Value::On),
            Ok(share) if share == Percentage::ZERO => Ok(Value::Off),
            Ok(share) => Ok(Value::Share(share)),
            Err(error) if number.contains(|c: char| c.is_ascii_digit()) => {
                Err(bad_request(&format!("value {error}")))
            }
            Err(_) => Err(bad_request("value is none of true, false, opt_out, remove_opt_out and 0 to 100")),
        },
    }
}

fn for_everyone(value: Value, key: Option<&str>) -> Result<Change, V4Error> {
    match (value, key) {
        (Value::On, _) => Ok(Change::EnableEveryone),
        (Value::Off, _) => Ok(Change::DisableEveryone),
        (Value::Share(share), Some("percentage_of_actors")) => Ok(Change::PercentageOfActors(share)),
        (Value::Share(share), None | Some("percentage_of_time")) => Ok(Change::PercentageOfTime(share)),
        (Value::Share(_), Some(_)) => Err(bad_request("key does not have a valid value")),
        (Value::OptOut | Value::RemoveOptOut, _) => {
            Err(bad_request("opt_out and remove_opt_out take a project, group, user or the like"))
        }
    }
}

/// GitLab's shape of whatever is wrong with a change.
pub(super) fn bad_request(reason: &str) -> V4Error {
    V4Error::message(StatusCode::BAD_REQUEST, format!("400 Bad request - {reason}"))
}

/// An error of the engine in that shape.
pub(super) fn told(error: EngineError) -> V4Error {
    V4Error::told(error, |field, rule| match field {
        "value" => bad_request(rule.strip_prefix("is refused: ").unwrap_or(&rule)),
        field => bad_request(&format!("{field} {rule}")),
    })
}
