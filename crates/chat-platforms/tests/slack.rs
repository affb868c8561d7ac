//! Slack: what proves a request, what it says, how a reply looks, how it goes out.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Chat, NOW, SECRET, egress, replies, signature, signed};
use serde_json::{Value, json};
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_chat::Reply;
use wigwag_chat_platforms::{ChannelConfig, SLACK_API_URL, Slack, SlackConfig};
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::{
    Asks, Audience, Channel, ChatOutError, ChatRefusal, ChatRequest, Incoming,
};
use wigwag_ports::chat_users::ChatUser;

fn config() -> SlackConfig {
    SlackConfig {
        signing_secrets: vec![Secret::new(SECRET.into()), Secret::new("another".into())],
        bot_token: Some(Secret::new("xoxb-1".into())),
        team: Some("T1".into()),
        api_url: SLACK_API_URL.into(),
        channels: Vec::new(),
        external_url: "https://wigwag.example".into(),
    }
}

fn slack() -> Slack {
    Slack::new(config(), egress()).unwrap()
}

fn read(headers: &[(String, String)], body: &[u8]) -> Result<Incoming, ChatRefusal> {
    slack().read(&ChatRequest { headers, body, now: NOW })
}

const COMMAND: &str = "token=x&team_id=T1&channel_id=C1&channel_name=production&user_id=U1&user_name=mara\
    &command=%2Fchatops&text=run+feature+get+f&response_url=https%3A%2F%2Fhooks.slack.com%2Fx";

#[tokio::test]
async fn a_signature_is_the_documented_one() {
    let computed = signature(SECRET, "1700000000", b"token=x&team_id=T1&text=hello");
    assert_eq!(computed, VECTOR);
}

/// Computed by another program: HMAC-SHA-256 over `v0:1700000000:token=x&team_id=T1&text=hello`.
const VECTOR: &str = "v0=6b32ffaa96664c9e0e4849447e4af36f2ca262612cdb349b1eb577b099520449";

#[tokio::test]
async fn a_command_is_read_as_it_was_typed() {
    let body = COMMAND.as_bytes();
    let incoming = read(&signed(SECRET, NOW.as_secs(), body), body).unwrap();
    assert_eq!(incoming.asks, Asks::Command("/chatops run feature get f".into()));
    assert_eq!(incoming.who, ChatUser { platform: "slack".into(), team: "T1".into(), id: "U1".into() });
    assert_eq!(incoming.channel, Channel { id: "C1".into(), name: "#production".into() });
    assert_eq!(incoming.response_url.as_deref(), Some("https://hooks.slack.com/x"));
    let again = read(&signed(SECRET, NOW.as_secs(), body), body).unwrap();
    assert_eq!(again.once, incoming.once, "a replay is known by the same");
    let rotated = read(&signed("another", NOW.as_secs(), body), body).unwrap();
    assert_ne!(rotated.once, incoming.once);
    let private = COMMAND.replace("channel_name=production", "channel_name=directmessage");
    let incoming = read(&signed(SECRET, NOW.as_secs(), private.as_bytes()), private.as_bytes()).unwrap();
    assert_eq!(incoming.channel.name, "");
}

#[tokio::test]
async fn what_is_not_proven_is_not_looked_at() {
    let body = COMMAND.as_bytes();
    let at = NOW.as_secs();
    let good = signed(SECRET, at, body);
    let check = |headers: Vec<(String, String)>, body: &[u8], why: &str| {
        let refused = read(&headers, body).unwrap_err();
        assert!(matches!(&refused, ChatRefusal::Forged(text) if text.contains(why)), "{why}: {refused:?}");
    };
    check(Vec::new(), body, "x-slack-signature is missing");
    check(good[..1].to_vec(), body, "x-slack-request-timestamp is missing");
    check([good.clone(), good[..1].to_vec()].concat(), body, "is there twice");
    check(signed("wrong", at, body), body, "signature is wrong");
    check(good.clone(), b"team_id=T1&text=else", "signature is wrong");
    for crooked in ["", "v0=", "v1=00", &good[0].1[..60], &format!("{}0", good[0].1), &"z".repeat(67)] {
        check(vec![("x-slack-signature".into(), crooked.into()), good[1].clone()], body, "signature");
    }
    for time in ["", "-1", "1e9", "17000000000000000000000", " 1700000000"] {
        let signature = ("x-slack-signature".to_owned(), signature(SECRET, time, body));
        check(vec![signature, ("x-slack-request-timestamp".into(), time.into())], body, "time is no number");
    }
    let other_team = COMMAND.replace("team_id=T1", "team_id=T2");
    check(signed(SECRET, at, other_team.as_bytes()), other_team.as_bytes(), "another workspace");
}

#[tokio::test]
async fn a_request_holds_for_five_minutes_either_way() {
    let body = COMMAND.as_bytes();
    for (seconds, holds) in [(-300, true), (300, true), (-301, false), (301, false)] {
        let at = NOW.as_secs() + seconds;
        let read = read(&signed(SECRET, at, body), body);
        assert_eq!(read.is_ok(), holds, "{seconds}");
        assert!(holds || matches!(read, Err(ChatRefusal::Stale(_))), "{seconds}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_says_so() {
    let check = |body: &[u8], why: &str| {
        let refused = read(&signed(SECRET, NOW.as_secs(), body), body).unwrap_err();
        assert!(
            matches!(&refused, ChatRefusal::Unreadable(text) if text.contains(why)),
            "{why}: {refused:?}"
        );
    };
    check(b"\xff\xfe", "not UTF-8");
    check(b"team_id=T1&team_id=T1", "twice");
    check(b"", "no team_id");
    check(b"team_id=T1&text=x", "no user_id");
    let many: String = (0..100).map(|n| format!("f{n}=1&")).collect();
    check(many.as_bytes(), "too many fields");
    check(b"payload=nonsense", "no JSON");
    check(b"payload=%7B%22type%22%3A%22view_submission%22%7D", "not used here");
    check(b"payload=%7B%22type%22%3A%22block_actions%22%7D", "names no team");
    check(b"{\"type\":\"event\"}", "neither a form nor a challenge");
    let deep = format!("payload={}", "%5B".repeat(100_000));
    check(deep.as_bytes(), "no JSON");
}

#[tokio::test]
async fn buttons_and_greetings_are_read() {
    let payload = json!({
        "type": "block_actions", "team": { "id": "T1" }, "user": { "id": "U1", "username": "mara" },
        "channel": { "id": "C1", "name": "production" }, "response_url": "https://hooks.slack.com/y",
        "actions": [{ "action_id": "wigwag-0", "value": "{\"do\":\"undo\"}" }],
    });
    let encoded: String = payload.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = format!("payload={encoded}");
    let incoming = read(&signed(SECRET, NOW.as_secs(), body.as_bytes()), body.as_bytes()).unwrap();
    assert_eq!(incoming.asks, Asks::Press { value: "{\"do\":\"undo\"}".into() });
    assert_eq!((incoming.who.id.as_str(), incoming.channel.name.as_str()), ("U1", "#production"));
    for (body, answer) in
        [("ssl_check=1&token=x", ""), ("{\"type\":\"url_verification\",\"challenge\":\"abc\"}", "abc")]
    {
        let incoming = read(&signed(SECRET, NOW.as_secs(), body.as_bytes()), body.as_bytes()).unwrap();
        assert_eq!(incoming.asks, Asks::Hello(answer.into()));
    }
}

#[tokio::test]
async fn replies_are_block_kit() {
    let slack = slack();
    for (name, reply) in replies() {
        let (body, kind) = slack.answer(&reply, Audience::Channel);
        assert_eq!(kind, "application/json");
        let value: Value = serde_json::from_slice(&body).unwrap();
        let text = value.to_string();
        assert!(!text.contains("<!") && !text.contains("<@") && !text.contains('\u{1b}'), "{name}: {text}");
        assert!(value["blocks"].as_array().unwrap().len() <= 50, "{name}");
        let whole: usize =
            value["blocks"].as_array().unwrap().iter().map(|block| block.to_string().chars().count()).sum();
        assert!(whole < 6_000, "{name}: {whole}");
        let texts =
            value["blocks"].as_array().unwrap().iter().filter_map(|block| block["text"]["text"].as_str());
        assert!(
            texts.clone().all(|text| text.chars().count() <= 3_000),
            "{name}: Slack takes no longer text"
        );
        insta::assert_snapshot!(format!("slack_{name}"), serde_json::to_string_pretty(&value).unwrap());
    }
}

fn at(chat: &Chat, channels: Vec<ChannelConfig>) -> Slack {
    Slack::new(SlackConfig { api_url: format!("{}/api", chat.url()), channels, ..config() }, egress())
        .unwrap()
}

fn named(name: &str) -> Channel {
    Channel { id: String::new(), name: name.into() }
}

#[tokio::test]
async fn a_message_goes_out_by_the_bot_or_by_a_webhook() {
    let chat = Chat::answering(200, &[], "{\"ok\":true}").await;
    let webhook = Some(Secret::new(format!("{}/hook", chat.url())));
    let slack = at(
        &chat,
        vec![
            ChannelConfig { name: "#ops".into(), id: Some("C9".into()), webhook: None },
            ChannelConfig { name: "#team".into(), id: None, webhook },
        ],
    );
    let reply = &replies()[0].1;
    slack.post(&named("#general"), reply).await.unwrap();
    let (method, path, authorization, body) = chat.last();
    assert_eq!(
        (method.as_str(), path.as_str(), authorization.as_str()),
        ("POST", "/api/chat.postMessage", "Bearer xoxb-1")
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["channel"], "general");
    assert!(!body.to_string().contains("actions"), "what is told in a channel has no buttons");
    slack.post(&named("#ops"), reply).await.unwrap();
    assert!(chat.last().3.contains("\"channel\":\"C9\""));
    slack.post(&named("#team"), reply).await.unwrap();
    assert_eq!((chat.last().1.as_str(), chat.last().2.as_str()), ("/hook", ""));
    assert!(slack.serves(&named("#anything")));
    let without = Slack::new(SlackConfig { bot_token: None, ..config() }, egress()).unwrap();
    assert!(!without.serves(&named("#anything")));
}

#[tokio::test]
async fn an_error_says_whether_to_try_again() {
    let check = async |status: u16,
                       headers: &'static [(&'static str, &'static str)],
                       body: &'static str,
                       is: ChatOutError| {
        let chat = Chat::answering(status, headers, body).await;
        let error = at(&chat, Vec::new()).post(&named("#a"), &Reply::done().text("x")).await.unwrap_err();
        assert_eq!(error, is, "{status} {body}");
    };
    let later = |reason: &str, after| ChatOutError::Later { reason: reason.into(), after };
    let never = |reason: &str| ChatOutError::Never(reason.into());
    check(200, &[], "{\"ok\":false,\"error\":\"ratelimited\"}", later("Slack says ratelimited", None)).await;
    check(
        200,
        &[],
        "{\"ok\":false,\"error\":\"channel_not_found\"}",
        later("Slack says channel_not_found: check the channel's name or id, and invite the bot to it", None),
    )
    .await;
    check(
        200,
        &[],
        "{\"ok\":false,\"error\":\"invalid_auth\"}",
        later("Slack says invalid_auth: check the bot's token and its scopes", None),
    )
    .await;
    check(200, &[], "no json", later("it answers something else than JSON", None)).await;
    check(
        429,
        &[("retry-after", "17")],
        "",
        later("it answers 429: too many messages", Some(Duration::from_secs(17))),
    )
    .await;
    check(503, &[], "", later("it answers 503", None)).await;
    check(401, &[], "", later("it answers 401: ", None)).await;
    check(404, &[], "no_service\u{1b}", never("it answers 404: no_service\u{FFFD}")).await;
}

#[tokio::test]
async fn a_late_answer_goes_to_slack_alone() {
    let chat = Chat::answering(200, &[], "ok").await;
    let slack = at(&chat, Vec::new());
    let reply = Reply::done().text("done");
    let url = format!("{}/commands/1", chat.url());
    slack.respond(&url, &reply, Audience::Asker).await.unwrap();
    assert!(chat.last().3.contains("\"response_type\":\"ephemeral\""));
    for elsewhere in [
        "http://127.0.0.1:1/x",
        "https://hooks.slack.com.evil.example/x",
        "http://hooks.slack.com/x",
        "nonsense",
    ] {
        let refused = slack.respond(elsewhere, &reply, Audience::Asker).await;
        assert!(matches!(refused, Err(ChatOutError::Never(_))), "{elsewhere}: {refused:?}");
    }
}

#[tokio::test]
async fn only_members_of_the_team_have_an_email() {
    let who = |team: &str| ChatUser { platform: "slack".into(), team: team.into(), id: "U1".into() };
    let check = async |body: &'static str, team: &str, is: Option<&str>| {
        let chat = Chat::answering(200, &[], body).await;
        let email = at(&chat, Vec::new()).member_email(&who(team)).await.unwrap();
        assert_eq!(email.as_deref(), is, "{body}");
    };
    let member = include_str!("assumed/users-info.json");
    check(member, "T1", Some("mara@platform.example")).await;
    check(member, "T2", None).await;
    check(include_str!("assumed/users-info-guest.json"), "T1", None).await;
    check(
        "{\"ok\":true,\"user\":{\"id\":\"U2\",\"team_id\":\"T1\",\"profile\":{\"email\":\"x@y\"}}}",
        "T1",
        None,
    )
    .await;
    let chat = Chat::answering(200, &[], "{\"ok\":false,\"error\":\"missing_scope\"}").await;
    let unasked = at(&chat, Vec::new()).member_email(&who("T1")).await;
    assert!(matches!(unasked, Err(ChatOutError::Later { .. })), "that is not to know nobody: {unasked:?}");
}
