//! What one hook of another server is to become here: every field that can be read, and a word on each that cannot.

use serde_json::{Map, Value};
use std::borrow::Cow;
use wigwag_base::Secret;
use wigwag_hooks::{NamedSecret, ScopeKind, Trigger, unfilled_place};

/// A hook to make.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Wanted {
    pub(super) url: String,
    pub(super) name: String,
    /// Whether it may send at once.
    pub(super) enabled: bool,
    /// What the server is told.
    pub(super) body: Value,
    /// What somebody must do then, in some words each.
    pub(super) to_do: Vec<String>,
}

/// Fields that mean the same there and here: GitLab's, then those that only another Wigwag has.
const FIELDS: [&str; 12] = [
    "name",
    "description",
    "enable_ssl_verification",
    "push_events_branch_filter",
    "branch_filter_strategy",
    "custom_webhook_template",
    "event_types",
    "ordering",
    "rate_per_minute",
    "while_paused",
    "failure_policy",
    "retry_policy",
];

/// What a hook of another server is to become; switched off if that is wanted, if it is off there, or if its address cannot be
/// known.
pub(super) fn wanted(hook: &Value, kind: ScopeKind, off: bool) -> Wanted {
    let text = |name: &str| hook[name].as_str().unwrap_or_default();
    let url = without_mask(text("url"));
    let unknown = places(&url);
    let enabled = unknown.is_empty() && !off && hook["enabled"] != false;
    let mut body: Map<String, Value> = FIELDS
        .iter()
        .filter(|name| !hook[**name].is_null())
        .map(|name| ((*name).to_owned(), hook[*name].clone()))
        .collect();
    body.insert("url".into(), url.clone().into_owned().into());
    body.insert("enabled".into(), enabled.into());
    let mut foreign = Vec::new();
    for (name, on) in hook.as_object().into_iter().flatten() {
        if !name.ends_with("_events") || !on.is_boolean() {
            continue;
        }
        match Trigger::from_api_name(name).filter(|trigger| trigger.exists_for(kind)) {
            Some(_) => drop(body.insert(name.clone(), on.clone())),
            None if *on == true => foreign.push(name.clone()),
            None => {}
        }
    }
    let to_do = to_do(hook, &Facts { url: &url, unknown: &unknown, foreign: &foreign }, None);
    Wanted { url: url.clone().into_owned(), name: text("name").to_owned(), enabled, body: body.into(), to_do }
}

/// What is still to be done to a hook that is here already: what was to be given by somebody and was not.
pub(super) fn left_to_do(hook: &Value, wanted: &Wanted, here: &Value) -> Vec<String> {
    let facts = Facts { url: &wanted.url, unknown: &places(&wanted.url), foreign: &[] };
    to_do(hook, &facts, Some(here))
}

/// What is known of a hook of another server.
struct Facts<'a> {
    /// Its URL without what is masked.
    url: &'a str,
    /// The parts of it that only its server can fill in.
    unknown: &'a [String],
    /// Its triggers that are none here.
    foreign: &'a [String],
}

/// What cannot be read, and so must be given by somebody who knows it, but for what the hook has that is here.
fn to_do(hook: &Value, facts: &Facts<'_>, here: Option<&Value>) -> Vec<String> {
    let has = |name: &str| here.is_some_and(|here| here[name] == true);
    let mut to_do = Vec::new();
    match &hook["token_present"] {
        _ if has("token_present") => {}
        Value::Bool(true) => to_do.push("set its secret token".to_owned()),
        Value::Bool(false) => {}
        _ => to_do.push("set its secret token, if it has one there (that server does not say)".into()),
    }
    if hook["signing_token_present"] == true && !has("signing_token_present") {
        to_do.push("set its signing token".into());
    }
    let given = |name: &str| here.map(|here| keys(&here[name])).unwrap_or_default();
    let mut headers = keys(&hook["custom_headers"]);
    headers.retain(|name| !given("custom_headers").contains(name));
    if !headers.is_empty() {
        to_do.push(format!("give it the custom headers {} with their values", headers.join(", ")));
    }
    if hook["client_certificate"].is_object()
        && !here.is_some_and(|here| here["client_certificate"].is_object())
    {
        to_do.push("give it its client certificate and the key of that".into());
    }
    let has_user = |here: &Value| here["url"] != *without_mask(here["url"].as_str().unwrap_or_default());
    if hook["url"] != *facts.url && !here.is_some_and(has_user) {
        to_do.push("give its URL the user and the password".into());
    }
    let unknown = || facts.unknown.iter().filter(|name| !given("url_variables").contains(&name.as_str()));
    let is_off = here.is_none_or(|here| here["enabled"] == false);
    if unknown().next().is_some() {
        let names: Vec<String> = unknown().map(|name| format!("{{{name}}}")).collect();
        let together = if names.len() > 1 { " together" } else { "" };
        to_do.push(format!("give {} of its URL a value{together}, then switch it on", names.join(", ")));
    } else if !facts.unknown.is_empty() && is_off && hook["enabled"] != false {
        to_do.push("switch it on".into());
    } else if hook["enabled"] == false && is_off {
        to_do.push("it is switched off there too".into());
    }
    if hook["alert_status"] == "disabled" && here.is_none() {
        to_do.push("it was disabled there because it failed: test it".into());
    }
    if !facts.foreign.is_empty() {
        to_do
            .push(format!("there is no {} here: event_types can name such events", facts.foreign.join(", ")));
    }
    to_do
}

fn keys(named: &Value) -> Vec<&str> {
    named.as_array().into_iter().flatten().filter_map(|one| one["key"].as_str()).collect()
}

/// The names of the parts of a URL that only its server can fill in.
fn places(url: &str) -> Vec<String> {
    let mut found: Vec<NamedSecret> = Vec::new();
    while let Some(name) = unfilled_place(url, &found) {
        found.push(NamedSecret { name: name.to_owned(), value: Secret::new(String::new()) });
    }
    found.into_iter().map(|place| place.name).collect()
}

/// A URL without the mask that stands for credentials; sent as they are shown they would be credentials.
pub(super) fn without_mask(url: &str) -> Cow<'_, str> {
    const MASK: &str = "://***:***@";
    if url.contains(MASK) { url.replacen(MASK, "://", 1).into() } else { url.into() }
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use serde_json::{Value, json};
    use wigwag_hooks::ScopeKind;

    fn check(hook: &Value, kind: ScopeKind, body: &Value, to_do: &[&str]) {
        let is = wanted(hook, kind, false);
        assert_eq!((&is.body, is.enabled), (body, body["enabled"] == true), "{hook}");
        assert_eq!(is.to_do, to_do, "{hook}");
    }

    #[test]
    fn what_can_be_read_is_taken_and_the_rest_is_said() {
        let project = ScopeKind::Project;
        check(
            &json!({ "id": 1, "url": "https://a.example/x", "token_present": false, "push_events": false,
                "member_events": false, "created_at": "then", "name": null }),
            project,
            &json!({ "url": "https://a.example/x", "enabled": true, "push_events": false }),
            &[],
        );
        check(
            &json!({ "url": "https://a.example/{room}/{key}", "name": "n", "member_events": true,
                "custom_headers": [{ "key": "X-A" }, { "key": "X-B" }], "push_events_branch_filter": "main" }),
            project,
            &json!({ "url": "https://a.example/{room}/{key}", "enabled": false, "name": "n",
                "push_events_branch_filter": "main" }),
            &[
                "set its secret token, if it has one there (that server does not say)",
                "give it the custom headers X-A, X-B with their values",
                "give {room}, {key} of its URL a value together, then switch it on",
                "there is no member_events here: event_types can name such events",
            ],
        );
        check(
            &json!({ "url": "https://***:***@a.example/x", "token_present": true, "signing_token_present": true,
                "member_events": true, "alert_status": "disabled", "enabled": false, "ordering": "strict",
                "client_certificate": { "subject": "CN=a", "expires_at": "then" } }),
            ScopeKind::Group,
            &json!({ "url": "https://a.example/x", "enabled": false, "ordering": "strict", "member_events": true }),
            &[
                "set its secret token",
                "set its signing token",
                "give it its client certificate and the key of that",
                "give its URL the user and the password",
                "it is switched off there too",
                "it was disabled there because it failed: test it",
            ],
        );
    }
}
