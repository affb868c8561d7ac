use wigwag_base::Percentage;
use wigwag_engine::flags::FlagView;
use wigwag_flags::{Definition, FlagState};
use wigwag_ports::overrides::{Override, Recorded};
use wigwag_wire::features::{self, Gate, GateValue};
use wigwag_wire::flag_feed;

/// A flag in GitLab's shape.
pub(crate) fn feature(view: &FlagView) -> features::Feature {
    features::Feature {
        name: view.name.to_string(),
        state: view.state().as_str(),
        gates: gates(view.stored.as_deref()),
        definition: view.definition.as_deref().map(definition),
    }
}

/// GitLab always shows the boolean gate; the others where they are set.
fn gates(stored: Option<&FlagState>) -> Vec<Gate> {
    let default = FlagState::default();
    let state = stored.unwrap_or(&default);
    let boolean = Gate { key: "boolean", value: GateValue::Switch(state.boolean == Some(true)) };
    let share = |key, share: Option<Percentage>| {
        let share = share.filter(|share| *share > Percentage::ZERO)?;
        Some(Gate { key, value: GateValue::Share(share.as_f64()) })
    };
    let list = |key, values: Vec<String>| {
        (!values.is_empty()).then_some(Gate { key, value: GateValue::List(values) })
    };
    [
        Some(boolean),
        list("actors", state.actor_values()),
        share("percentage_of_actors", state.percentage_of_actors),
        share("percentage_of_time", state.percentage_of_time),
        list("groups", state.groups.iter().cloned().collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A definition in GitLab's shape, and what we have beyond.
pub(crate) fn definition(definition: &Definition) -> features::Definition {
    features::Definition {
        name: definition.name.to_string(),
        feature_issue_url: definition.feature_issue_url.clone(),
        introduced_by_url: definition.introduced_by_url.clone(),
        rollout_issue_url: definition.rollout_issue_url.clone(),
        milestone: definition.milestone.clone(),
        log_state_changes: definition.log_state_changes,
        kind: definition.kind.as_str(),
        group: definition.group.clone(),
        default_enabled: definition.default_enabled,
        intended_to_rollout_by: definition.intended_to_rollout_by.clone(),
        description: definition.description.clone(),
        depends_on: definition.depends_on.iter().map(ToString::to_string).collect(),
    }
}

/// A flag that is switched off on this node.
pub(crate) fn flag_override(row: &Override) -> flag_feed::Override {
    flag_feed::Override {
        flag: row.flag.to_string(),
        environment: row.environment.clone(),
        author: row.author.clone(),
        reason: row.reason.clone(),
        since_ms: row.since.as_millis(),
        recorded: row.recorded == Recorded::Yes,
        ..flag_feed::Override::default()
    }
}
