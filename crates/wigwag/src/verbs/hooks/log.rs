//! `wigwag hooks log`: what was sent, what came back, and why it failed.

use super::options::LogOptions;
use super::print::{self, Style, counted, styled, table, tame, tame_lines};
use super::when;
use crate::verbs::client::{self, Client};
use anyhow::Result;
use serde_json::Value;

/// Lists attempts, or shows one whole.
pub(super) fn run(options: &LogOptions) -> Result<()> {
    let client = Client::new(&options.one.server)?;
    let events = format!("/api/v4{}/{}/events", options.one.place.hooks(), options.one.hook);
    if let Some(attempt) = options.attempt {
        let event = client.get(&format!("{events}/{attempt}"))?;
        return if client.json() { print::json(&event) } else { print::text(&whole(&event)) };
    }
    let rows = client.first(&format!("{events}?{}", query(options)?), options.limit as usize)?;
    if client.json() {
        return print::json(&Value::Array(rows));
    }
    if rows.is_empty() {
        return print::text("Nothing was sent that fits, or it is not kept any more.");
    }
    let cells: Vec<Vec<String>> = rows.iter().map(row).collect();
    let list = table(&["ATTEMPT", "AT", "TRIGGER", "ANSWER", "TOOK", "WHAT CAME BACK"], &cells);
    print::text(&format!("{list}{}; --attempt NUMBER shows one whole", counted(rows.len(), "attempt")))
}

fn query(options: &LogOptions) -> Result<String> {
    let since = when::time("--since", options.since.as_deref())?;
    let until = when::time("--until", options.until.as_deref())?;
    Ok(client::query([
        ("status", options.status.clone()),
        ("event_type", options.event_type.clone()),
        ("since", since),
        ("until", until),
    ]))
}

/// Characters of an answer that a line of the list shows.
const BEGINNING_CHARS: usize = 60;

fn row(event: &Value) -> Vec<String> {
    let text = |name: &str| tame(event[name].as_str().unwrap_or_default());
    let body = text("response_body");
    let body = if is_success(event) { String::new() } else { body.chars().take(BEGINNING_CHARS).collect() };
    vec![event["id"].to_string(), text("created_at"), text("trigger"), answer(event), took(event), body]
}

fn is_success(event: &Value) -> bool {
    event["response_status"].as_str().is_some_and(|status| status.starts_with('2'))
}

fn answer(event: &Value) -> String {
    let status = tame(event["response_status"].as_str().unwrap_or_default());
    styled(&status, if is_success(event) { Style::Green } else { Style::Red })
}

fn took(event: &Value) -> String {
    format!("{:.3} s", event["execution_duration"].as_f64().unwrap_or(0.0))
}

/// Request and answer, one below the other.
fn whole(event: &Value) -> String {
    let text = |name: &str| tame(event[name].as_str().unwrap_or_default());
    let heading = |text: &str| styled(text, Style::Bold);
    let headers = |name: &str| -> String {
        let headers = event[name].as_object().into_iter().flatten();
        headers
            .map(|(key, value)| format!("{}: {}\n", tame(key), tame(value.as_str().unwrap_or_default())))
            .collect()
    };
    format!(
        "attempt {} at {}: {} after {}\n\n{}\nPOST {}\n{}\n{:#}\n\n{}\n{}\n{}",
        event["id"],
        text("created_at"),
        answer(event),
        took(event),
        heading("REQUEST"),
        text("url"),
        headers("request_headers"),
        event["request_data"],
        heading("ANSWER"),
        headers("response_headers"),
        tame_lines(event["response_body"].as_str().unwrap_or_default()),
    )
}
