//! `wigwag hooks replay`: many deliveries once more, and how many before any of them.

use super::options::{EndedWord, ReplayOptions};
use super::print;
use super::when;
use crate::exit;
use crate::verbs::client::Client;
use anyhow::{Context, Result};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::{self, BufRead, IsTerminal};

/// Counts, asks, and lets them wait once more.
pub(super) fn run(options: &ReplayOptions) -> Result<()> {
    let client = Client::new(&options.which.server)?;
    let (_, replay) = options.which.place.deliveries(options.which.hook);
    let path = format!("/v1{replay}");
    let filter = filter(options)?;
    let counted = client.post(&path, &json!({ "filter": filter, "dry_run": true }))?;
    let would = said(&counted, "would be sent again");
    if counted["count"] == 0 || options.dry_run {
        return if client.json() { print::json(&shown(&counted, &Value::Null)) } else { print::text(&would) };
    }
    if !options.yes {
        // Beside the result, which is what was done.
        print::aside(&would);
        if !agreed()? {
            print::aside("Nothing was sent. --yes goes on without asking.");
            return Err(exit::Refused.into());
        }
    } else if !client.json() {
        print::text(&would)?;
    }
    let done = client.post(&path, &json!({ "filter": filter, "dry_run": false }))?;
    if client.json() {
        return print::json(&shown(&counted, &done));
    }
    let more =
        if done["more"] == true { "\nThere are more: run it again once these are through." } else { "" };
    let wait = match done["count"].as_u64() {
        Some(1) => "waits once more and goes out as its hook allows",
        _ => "wait once more and go out as their hooks allow",
    };
    print::text(&format!("{}{more}", said(&done, wait)))
}

fn filter(options: &ReplayOptions) -> Result<Value> {
    let word = |state: &EndedWord| state.to_possible_value().map(|word| word.get_name().to_owned());
    let states: Vec<String> = options.states.iter().filter_map(word).collect();
    Ok(json!({
        "state": if states.is_empty() { Value::Null } else { states.into() },
        "hook_id": options.which.hook,
        "event_type": options.which.event_type,
        "since": when::time("--since", options.which.since.as_deref())?,
        "until": when::time("--until", options.which.until.as_deref())?,
    }))
}

fn shown(counted: &Value, done: &Value) -> Value {
    json!({ "would": counted, "done": done })
}

fn said(answer: &Value, what: &str) -> String {
    let at_least = if answer["more"] == true { "at least " } else { "" };
    let deliveries = if answer["count"] == 1 { "delivery" } else { "deliveries" };
    format!("{at_least}{} {deliveries} {what}", answer["count"])
}

/// Whether somebody at a terminal says so.
fn agreed() -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    print::aside("Send them? [y/N]");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("cannot read standard input")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
