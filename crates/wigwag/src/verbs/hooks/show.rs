//! `wigwag hooks show`: one hook, its state first.

use super::list::state;
use super::options::OneOptions;
use super::print::{self, Style, styled, tame, tame_lines};
use crate::verbs::client::Client;
use anyhow::Result;
use serde_json::Value;

/// Shows one hook.
pub(super) fn run(options: &OneOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let hook = client.get(&format!("/api/v4{}/{}", options.place.hooks(), options.hook))?;
    if client.json() { print::json(&hook) } else { print::text(&shown(&hook, &options.place.words())) }
}

fn shown(hook: &Value, place: &str) -> String {
    let text = |name: &str| tame(hook[name].as_str().unwrap_or_default());
    let mut lines = vec![(String::new(), sentence(hook))];
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push((name.to_owned(), value));
        }
    };
    line("url", text("url"));
    line("name", text("name"));
    line("description", tame_lines(hook["description"].as_str().unwrap_or_default()).replace('\n', " "));
    line("last error", text("last_error"));
    line("failed at", text("last_failure_at"));
    line("next try", text("disabled_until"));
    line("throttled until", text("throttled_until"));
    line("waiting", hook["waiting_deliveries"].to_string());
    line("wants", wants(hook));
    line("branches", branches(hook));
    line("secrets", secrets(hook));
    line(
        "certificate",
        if hook["enable_ssl_verification"] == false { "not checked".into() } else { String::new() },
    );
    line(
        "at most",
        hook["rate_per_minute"].as_u64().map_or_else(String::new, |rate| format!("{rate} a minute")),
    );
    line("while paused", text("while_paused"));
    let wide = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut shown: String = lines
        .into_iter()
        .map(|(name, value)| match name.as_str() {
            "" => format!("{value}\n"),
            _ => format!("  {name}{}  {value}\n", " ".repeat(wide - name.len())),
        })
        .collect();
    shown += &styled(&format!("what was sent: wigwag hooks log {} {}", hook["id"], tame(place)), Style::Dim);
    shown
}

/// The state, and what to do about it.
fn sentence(hook: &Value) -> String {
    let failures = hook["recent_failures"].as_u64().unwrap_or(0);
    let advice = match hook["health"].as_str() {
        _ if hook["enabled"] == false => "; new events are skipped until it is switched on".into(),
        Some("unhealthy") => format!("; failures in a row: {failures}"),
        Some("paused") => {
            format!("; failures in a row: {failures}; what comes meanwhile waits or is skipped")
        }
        Some("half_open") => "; the next delivery is the test".into(),
        Some("disabled") => "; mend the receiver, then enable it".into(),
        _ => String::new(),
    };
    format!("hook {} is {}{advice}", hook["id"], state(hook))
}

fn wants(hook: &Value) -> String {
    let fields = hook.as_object();
    let is_on = |(name, value): &(&String, &Value)| name.ends_with("_events") && **value == Value::Bool(true);
    let triggers = fields.into_iter().flatten().filter(is_on).map(|(name, _)| name.as_str());
    let globs = hook["event_types"].as_array().into_iter().flatten().filter_map(Value::as_str);
    tame(&triggers.chain(globs).collect::<Vec<_>>().join(", "))
}

fn branches(hook: &Value) -> String {
    match (hook["branch_filter_strategy"].as_str(), hook["push_events_branch_filter"].as_str()) {
        (Some("all_branches"), _) | (_, None | Some("")) => String::new(),
        (strategy, Some(pattern)) => format!("{} ({})", tame(pattern), tame(strategy.unwrap_or_default())),
    }
}

/// Which secrets there are; none of them can be read.
fn secrets(hook: &Value) -> String {
    let mut all = Vec::new();
    for (field, name) in [("token_present", "token"), ("signing_token_present", "signing token")] {
        if hook[field] == true {
            all.push(name.to_owned());
        }
    }
    for (field, name) in [("custom_headers", "header"), ("url_variables", "URL variable")] {
        let keys = hook[field].as_array().into_iter().flatten().filter_map(|one| one["key"].as_str());
        all.extend(keys.map(|key| format!("{name} {}", tame(key))));
    }
    all.join(", ")
}
