//! `wigwag chat`: links, roles, and what waits to be said.

use super::client::{Client, segment};
use super::tame::{self, tame_lines};
use crate::cli::{ChatVerb, Server};
use crate::verbs::say;
use anyhow::Result;
use serde_json::{Value, json};
use wigwag_chat::Reply;

/// Runs one verb.
pub(crate) fn run(verb: ChatVerb) -> Result<()> {
    match verb {
        ChatVerb::Link { server } => {
            let answer = Client::new(&server)?.post("/v1/chat/link_codes", &json!({}))?;
            print(&server, &answer, |answer| {
                format!(
                    "Say this in the chat, before {}:\n\n    /chatops run link {}",
                    text(&answer["expires_at"]),
                    text(&answer["code"])
                )
            })
        }
        ChatVerb::Links { server, all } => {
            let path = if all { "/v1/chat/links?all=true" } else { "/v1/chat/links" };
            let answer = Client::new(&server)?.get(path)?;
            print(&server, &answer, |answer| {
                let columns = ["username", "platform", "team", "id", "name", "linked_at"];
                table(&answer["links"], &columns, "Nobody is linked. `wigwag chat link` begins.")
            })
        }
        ChatVerb::Unlink { server, platform, team, id } => {
            let [platform, team, id] = [platform, team, id].map(|part| segment(&part));
            Client::new(&server)?.delete(&format!("/v1/chat/links/{platform}/{team}/{id}"))?;
            print(&server, &json!({}), |_| "No longer linked.".into())
        }
        ChatVerb::Roles { server } => {
            let answer = Client::new(&server)?.get("/v1/chat/roles")?;
            print(&server, &answer, |answer| {
                table(&answer["roles"], &["username", "role"], "Everybody is a viewer, but administrators.")
            })
        }
        ChatVerb::Role { server, user, role } => {
            let path = format!("/v1/chat/roles/{}", segment(&user));
            let answer = Client::new(&server)?.put(&path, &json!({ "role": role }))?;
            print(&server, &answer, |answer| {
                format!("{} has the role {}.", text(&answer["username"]), text(&answer["role"]))
            })
        }
        ChatVerb::Outbox { server } => {
            let answer = Client::new(&server)?.get("/v1/chat/outbox?per_page=100")?;
            print(&server, &answer, |answer| {
                let columns = ["id", "destination", "at", "due_at", "attempts", "last_error"];
                table(&due_or_given_up(answer), &columns, "Nothing waits.")
            })
        }
    }
}

pub(super) fn print(server: &Server, answer: &Value, show: impl Fn(&Value) -> String) -> Result<()> {
    if server.json {
        say::line(&tame::json(answer))?;
    } else {
        say::line(&tame_lines(&show(answer)))?;
    }
    Ok(())
}

/// Messages that say that they were given up, where nothing is due any more.
fn due_or_given_up(messages: &Value) -> Value {
    let mut messages = messages.clone();
    for message in messages.as_array_mut().into_iter().flatten() {
        if let Some(due_at) = message.get_mut("due_at").filter(|due_at| due_at.is_null()) {
            *due_at = "given up".into();
        }
    }
    messages
}

/// A list of objects under headings.
pub(super) fn table(list: &Value, columns: &[&str], nothing: &str) -> String {
    let Some(list) = list.as_array().filter(|list| !list.is_empty()) else { return nothing.to_owned() };
    let row = |one: &Value| columns.iter().map(|column| text(&one[*column])).collect();
    Reply::done().table(columns, list.iter().map(row).collect()).to_text()
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
