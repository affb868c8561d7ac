//! `wigwag hooks deliveries`: what became of every event, whether it was sent or not.

use super::options::DeliveriesOptions;
use super::print::{self, Style, styled, table, tame};
use super::when;
use crate::verbs::client::{self, Client};
use anyhow::Result;
use clap::ValueEnum;
use serde_json::Value;

/// Lists deliveries.
pub(super) fn run(options: &DeliveriesOptions) -> Result<()> {
    let which = &options.which;
    let client = Client::new(&which.server)?;
    let (list, _) = which.place.deliveries(which.hook);
    let path = format!("/v1{list}?{}", query(options)?);
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
    let which = &options.which;
    Ok(client::query([
        // Of a hook's own address it says the same once more.
        ("hook_id", which.hook.map(|hook| hook.to_string())),
        ("event_id", options.event.map(|event| event.to_string())),
        ("state", state),
        ("event_type", which.event_type.clone()),
        ("since", when::time("--since", which.since.as_deref())?),
        ("until", when::time("--until", which.until.as_deref())?),
    ]))
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
