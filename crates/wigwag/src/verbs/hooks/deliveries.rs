//! `wigwag hooks deliveries`: what became of every event, whether it was sent or not.

use super::options::DeliveriesOptions;
use super::print::{self, Style, styled, table, tame};
use super::when;
use crate::verbs::client::{Client, segment};
use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

/// Lists deliveries.
pub(super) fn run(options: &DeliveriesOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let path = format!("/v1{}?{}", options.place.deliveries(options.hook), query(options)?);
    let rows = client.first(&path, options.limit as usize)?;
    if client.json() {
        return print::json(&Value::Array(rows));
    }
    if rows.is_empty() {
        return print::text("No delivery fits, or it is not kept any more.");
    }
    let cells: Vec<Vec<String>> = rows.iter().map(row).collect();
    let list = table(&["EVENT", "HOOK", "TYPE", "ACCEPTED", "STATE", "TRIES", "WHY"], &cells);
    let noun = if rows.len() == 1 { "delivery" } else { "deliveries" };
    print::text(&format!("{list}{} {noun}", rows.len()))
}

fn query(options: &DeliveriesOptions) -> Result<String> {
    let state = options.state.and_then(|state| Some(state.to_possible_value()?.get_name().to_owned()));
    let all = [
        // Of a hook's own address it says the same once more.
        ("hook_id", options.hook.map(|hook| hook.to_string())),
        ("event_id", options.event.map(|event| event.to_string())),
        ("state", state),
        ("event_type", options.event_type.clone()),
        ("since", when::time("--since", options.since.as_deref())?),
        ("until", when::time("--until", options.until.as_deref())?),
    ];
    let given = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Ok(given.map(|(name, value)| format!("{name}={}", segment(&value))).collect::<Vec<_>>().join("&"))
}

fn row(delivery: &Value) -> Vec<String> {
    let text = |name: &str| tame(delivery[name].as_str().unwrap_or_default());
    vec![
        delivery["event_id"].to_string(),
        delivery["hook_id"].to_string(),
        text("event_type"),
        text("accepted_at"),
        state(&text("state")),
        delivery["attempts"].to_string(),
        text("explanation"),
    ]
}

fn state(word: &str) -> String {
    let style = match word {
        "delivered" => Style::Green,
        "pending" | "retrying" | "held" => Style::Yellow,
        _ => Style::Red,
    };
    styled(&word.replace('_', " "), style)
}
