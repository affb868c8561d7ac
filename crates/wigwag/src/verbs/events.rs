//! `wigwag events publish`.

use super::client::Client;
use crate::cli::EventsVerb;
use crate::exit;
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

/// Publishes one event.
#[allow(clippy::print_stdout, reason = "the event's id is what was asked for")]
pub(crate) fn run(verb: EventsVerb) -> Result<()> {
    let EventsVerb::Publish { server, project, event_type, payload, idempotency_key } = verb;
    let client = Client::new(&server)?;
    let payload = if payload == "-" {
        std::io::read_to_string(std::io::stdin()).context("cannot read standard input")?
    } else {
        payload
    };
    let payload: Value = serde_json::from_str(&payload)
        .map_err(|error| anyhow!(exit::Usage(format!("the payload is no JSON: {error}"))))?;
    let mut body = json!({ "type": event_type, "payload": payload });
    if let Some(key) = idempotency_key {
        body["idempotency_key"] = Value::String(key);
    }
    let answer = client.post(&format!("/v1/projects/{}/events", project.replace('/', "%2F")), &body)?;
    if client.json() {
        println!("{answer:#}");
    } else {
        println!("accepted as event {}", answer["id"]);
    }
    Ok(())
}
