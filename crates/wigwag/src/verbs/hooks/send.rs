//! `wigwag hooks enable`, `test` and `resend`: what is done to one hook, now.

use super::options::{OneOptions, ResendOptions, TestOptions};
use super::print::{self, tame};
use crate::exit;
use crate::verbs::client::{Client, segment};
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

/// Enables a hook, whatever its health.
pub(super) fn enable(options: &OneOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    client.post(&format!("/v1{}/{}/enable", options.place.hooks(), options.hook), &json!({}))?;
    if client.json() {
        return print::json(&json!({ "enabled": options.hook }));
    }
    print::text(&format!("hook {} is healthy; what waits for it goes out", options.hook))
}

/// Sends a made-up event.
pub(super) fn test(options: &TestOptions) -> Result<()> {
    let client = Client::new(&options.one.server)?;
    let hook = path(&options.one);
    let trigger = match &options.trigger {
        Some(trigger) => trigger.clone(),
        None => first_trigger(&client.get(&hook)?)?,
    };
    let answer = client.post(&format!("{hook}/test/{}", segment(&trigger)), &json!({}));
    let answer = answer.with_context(|| format!("the test with {} failed", tame(&trigger)))?;
    if client.json() {
        return print::json(&answer);
    }
    let status = answer["response_status"].as_u64().unwrap_or_default();
    print::text(&format!("sent {}: the receiver answered {status}", tame(&trigger)))
}

/// The first trigger that is on: what a test is most likely meant for.
fn first_trigger(hook: &Value) -> Result<String> {
    let is_on = |name: &&String| name.ends_with("_events") && hook[name.as_str()] == true;
    let fields = hook.as_object().into_iter().flat_map(|fields| fields.keys());
    let mut on: Vec<&String> = fields.filter(is_on).collect();
    on.sort_by_key(|name| name.as_str() != "push_events");
    let told = "no trigger of this hook is on: --trigger names an event type that it wants";
    on.first().map(|name| (*name).clone()).ok_or_else(|| anyhow!(exit::Usage(told.into())))
}

/// Sends once more what was sent before.
pub(super) fn resend(options: &ResendOptions) -> Result<()> {
    let client = Client::new(&options.one.server)?;
    let path = format!("{}/events/{}/resend", path(&options.one), options.attempt);
    let answer = client.post(&path, &json!({}))?;
    let status = answer["response_status"].as_u64().unwrap_or_default();
    if client.json() {
        print::json(&answer)?;
    } else {
        print::text(&format!("sent attempt {} again: the receiver answered {status}", options.attempt))?;
    }
    if (200..300).contains(&status) { Ok(()) } else { Err(exit::Refused.into()) }
}

fn path(one: &OneOptions) -> String {
    format!("/api/v4{}/{}", one.place.hooks(), one.hook)
}
