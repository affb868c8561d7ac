//! `wigwag events publish`.

use super::client::{Client, segment};
use super::tame;
use crate::cli::EventsVerb;
use crate::exit;
use crate::verbs::say;
use anyhow::{Context, Result, anyhow};
use serde_json::json;
use serde_json::value::RawValue;

/// Publishes one event. The payload reaches the hooks byte for byte as it was typed.
pub(crate) fn run(verb: EventsVerb) -> Result<()> {
    let EventsVerb::Publish { server, project, event_type, payload, idempotency_key } = verb;
    let client = Client::new(&server)?;
    let payload = if payload == "-" {
        std::io::read_to_string(std::io::stdin()).context("cannot read standard input")?
    } else {
        payload
    };
    let payload: &RawValue = serde_json::from_str(&payload)
        .map_err(|error| anyhow!(exit::Usage(format!("the payload is no JSON: {error}"))))?;
    let mut fields = vec![("type", json!(event_type).to_string()), ("payload", payload.get().to_owned())];
    fields.extend(idempotency_key.map(|key| ("idempotency_key", json!(key).to_string())));
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let path = format!("/v1/projects/{}/events", segment(&project));
    let answer = client.post_text(&path, &format!("{{{}}}", fields.join(",")))?;
    if client.json() {
        say::line(&tame::json(&answer))?;
    } else {
        say::line(&format!("accepted as event {}", answer["id"]))?;
    }
    Ok(())
}
