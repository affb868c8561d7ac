//! What a proven request of Slack's says.

use super::unescape::unescape;
use crate::form::Form;
use serde_json::Value;
use wigwag_ports::chat_platform::{Asks, Channel, ChatRefusal, ChatRequest, Incoming, OnceId};
use wigwag_ports::chat_users::ChatUser;

/// Names that Slack has for conversations without one.
const NAMELESS: [&str; 3] = ["directmessage", "privategroup", "mpdirectmessage"];

pub(super) fn incoming(
    team: Option<&str>,
    request: &ChatRequest<'_>,
    once: OnceId,
) -> Result<Incoming, ChatRefusal> {
    if request.body.first() == Some(&b'{') {
        return challenge(request.body, once);
    }
    let form = Form::read(request.body)?;
    if form.get("ssl_check") == "1" {
        return Ok(hello(String::new(), once));
    }
    match form.get("payload") {
        "" => command(team, &form, once),
        payload => press(team, payload, once),
    }
}

fn command(team: Option<&str>, form: &Form, once: OnceId) -> Result<Incoming, ChatRefusal> {
    check_team(team, form.needed("team_id")?)?;
    let text = format!("{} {}", form.get("command"), unescape(form.get("text")));
    Ok(Incoming {
        who: user(form.needed("team_id")?, form.needed("user_id")?),
        who_name: form.get("user_name").to_owned(),
        channel: channel(form.needed("channel_id")?, form.get("channel_name")),
        asks: Asks::Command(text.trim().to_owned()),
        response_url: Some(form.get("response_url").to_owned()).filter(|url| !url.is_empty()),
        once: Some(once),
    })
}

fn press(team: Option<&str>, payload: &str, once: OnceId) -> Result<Incoming, ChatRefusal> {
    let unreadable = |why: &str| ChatRefusal::Unreadable(format!("the request {why}"));
    let payload: Value =
        serde_json::from_str(payload).map_err(|_| unreadable("has a payload that is no JSON"))?;
    if payload["type"] != "block_actions" {
        return Err(unreadable("is of a kind that is not used here; only buttons are"));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let needed = |value: &Value, what: &str| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| unreadable(&format!("names no {what}")))
    };
    let team_id = needed(&payload["team"]["id"], "team")?;
    check_team(team, &team_id)?;
    let channel_id = needed(&payload["channel"]["id"], "channel")?;
    Ok(Incoming {
        who: user(&team_id, &needed(&payload["user"]["id"], "user")?),
        who_name: text(&payload["user"]["username"]),
        channel: channel(&channel_id, &text(&payload["channel"]["name"])),
        asks: Asks::Press { value: needed(&payload["actions"][0]["value"], "button")? },
        response_url: payload["response_url"].as_str().map(str::to_owned),
        once: Some(once),
    })
}

/// Slack asks whether anybody is there.
fn challenge(body: &[u8], once: OnceId) -> Result<Incoming, ChatRefusal> {
    let unreadable = || ChatRefusal::Unreadable("the request is neither a form nor a challenge".into());
    let value: Value = serde_json::from_slice(body).map_err(|_| unreadable())?;
    match (value["type"].as_str(), value["challenge"].as_str()) {
        (Some("url_verification"), Some(challenge)) => Ok(hello(challenge.to_owned(), once)),
        _ => Err(unreadable()),
    }
}

fn hello(answer: String, once: OnceId) -> Incoming {
    Incoming {
        who: user("", ""),
        who_name: String::new(),
        channel: Channel::default(),
        asks: Asks::Hello(answer.into()),
        response_url: None,
        once: Some(once),
    }
}

fn check_team(team: Option<&str>, found: &str) -> Result<(), ChatRefusal> {
    match team {
        Some(team) if team != found => {
            Err(ChatRefusal::Forged("it comes from another workspace than the configured one".into()))
        }
        _ => Ok(()),
    }
}

fn user(team: &str, id: &str) -> ChatUser {
    ChatUser { platform: "slack".into(), team: team.to_owned(), id: id.to_owned() }
}

fn channel(id: &str, name: &str) -> Channel {
    let name = if name.is_empty() || NAMELESS.contains(&name) {
        String::new()
    } else {
        format!("#{}", name.trim_start_matches('#'))
    };
    Channel { id: id.to_owned(), name }
}
