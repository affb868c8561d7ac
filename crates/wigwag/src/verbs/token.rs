//! `wigwag token`: login links, API tokens, embed keys.

use super::client::{Client, segment};
use super::tame;
use crate::cli::{Server, TokenVerb};
use crate::verbs::say;
use anyhow::Result;
use serde_json::{Value, json};

/// Makes one credential and prints it, once.
pub(crate) fn run(verb: TokenVerb) -> Result<()> {
    match verb {
        TokenVerb::Login { server, user } => {
            let body = json!({ "user": user });
            print(&server, "/v1/login_links", &body, |answer| text(&answer["url"]))
        }
        TokenVerb::Create { server, user, name, scopes, environments } => {
            let mut body = json!({ "name": name, "scopes": scopes });
            if !environments.is_empty() {
                body["environments"] = environments.into();
            }
            let path = format!("/api/v4/users/{}/personal_access_tokens", segment(&user));
            print(&server, &path, &body, |answer| text(&answer["token"]))
        }
        TokenVerb::EmbedKey { server } => print(&server, "/v1/embed_keys", &json!({}), |answer| {
            format!("kid: {}\n{}", text(&answer["kid"]), text(&answer["private_key"]).trim_end())
        }),
    }
}

fn print(server: &Server, path: &str, body: &Value, show: impl Fn(&Value) -> String) -> Result<()> {
    let client = Client::new(server)?;
    let answer = client.post(path, body)?;
    if client.json() {
        say::line(&tame::json(&answer))?;
    } else {
        say::line(&show(&answer))?;
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
