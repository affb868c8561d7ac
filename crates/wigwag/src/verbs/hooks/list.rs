//! `wigwag hooks list`.

use super::options::ListOptions;
use super::print::{self, Style, counted, styled, table, tame};
use crate::verbs::client::Client;
use anyhow::Result;
use serde_json::Value;

/// Lists the hooks of one place.
pub(super) fn run(options: &ListOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let mut hooks = client.all(&format!("/api/v4{}", options.place.hooks()))?;
    if options.failing {
        hooks.retain(is_failing);
    }
    if client.json() {
        return print::json(&Value::Array(hooks));
    }
    if hooks.is_empty() {
        let none = if options.failing { "No hook fails here." } else { "There are no hooks here." };
        return print::text(none);
    }
    let rows: Vec<Vec<String>> = hooks.iter().map(row).collect();
    let failing = hooks.iter().filter(|hook| is_failing(hook)).count();
    let list = table(&["ID", "HOOK", "STATE", "WAITING", "LAST ERROR"], &rows);
    print::text(&format!("{list}{}, {failing} failing", counted(rows.len(), "hook")))
}

/// Whether a hook is paused, half open or disabled. Of one that is off nobody waits for anything.
fn is_failing(hook: &Value) -> bool {
    hook["enabled"] != false && matches!(hook["health"].as_str(), Some("paused" | "half_open" | "disabled"))
}

fn row(hook: &Value) -> Vec<String> {
    let text = |value: &Value| tame(value.as_str().unwrap_or_default());
    let name = if text(&hook["name"]).is_empty() { text(&hook["url"]) } else { text(&hook["name"]) };
    let error = if hook["health"] == "healthy" { String::new() } else { text(&hook["last_error"]) };
    vec![hook["id"].to_string(), name, state(hook), hook["waiting_deliveries"].to_string(), error]
}

/// A hook's state in a word, in its colour.
pub(super) fn state(hook: &Value) -> String {
    if hook["enabled"] == false {
        return styled("off", Style::Dim);
    }
    let health = tame(hook["health"].as_str().unwrap_or_default()).replace('_', " ");
    let style = match health.as_str() {
        "healthy" => Style::Green,
        "unhealthy" | "half open" => Style::Yellow,
        _ => Style::Red,
    };
    styled(&health, style)
}
