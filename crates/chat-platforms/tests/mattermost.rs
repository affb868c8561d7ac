//! Mattermost: what proves a request, how a reply looks, how it goes out.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Chat, NOW, egress, replies};
use serde_json::Value;
use wigwag_base::Secret;
use wigwag_chat::Reply;
use wigwag_chat_platforms::{ChannelConfig, Mattermost, MattermostConfig};
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::{Asks, Audience, Channel, ChatOutError, ChatRefusal, ChatRequest};

fn config() -> MattermostConfig {
    MattermostConfig {
        url: None,
        tokens: vec![Secret::new("token-of-the-command".into())],
        bot_token: None,
        channels: Vec::new(),
        external_url: "https://wigwag.example".into(),
    }
}

const FORM: &str = "team_id=t1&channel_id=c1&channel_name=production&user_id=u1&user_name=mara&command=%2Fchatops\
    &text=run+feature+get+f&response_url=https%3A%2F%2Fchat.example%2Fx";

#[tokio::test]
async fn a_token_proves_a_request() {
    let mattermost = Mattermost::new(config(), egress()).unwrap();
    let read = |headers: &[(String, String)], body: &str| {
        mattermost.read(&ChatRequest { headers, body: body.as_bytes(), now: NOW })
    };
    let with = format!("token=token-of-the-command&{FORM}");
    let incoming = read(&[], &with).unwrap();
    assert_eq!(incoming.asks, Asks::Command("/chatops run feature get f".into()));
    assert_eq!(incoming.channel, Channel { id: "c1".into(), name: "#production".into() });
    assert_eq!(incoming.once, None, "nothing tells a replay");
    let header = [("authorization".to_owned(), "Token token-of-the-command".to_owned())];
    read(&header, FORM).unwrap();
    for (headers, body) in [
        (Vec::new(), FORM.to_owned()),
        (Vec::new(), format!("token=wrong&{FORM}")),
        (vec![("authorization".to_owned(), "Token wrong".to_owned())], with.clone()),
    ] {
        let refused = read(&headers, &body).unwrap_err();
        assert!(matches!(refused, ChatRefusal::Forged(_)), "{refused:?}");
    }
    let json = r#"{"token":"token-of-the-command","team_id":"t","user_id":"u","channel_id":"c","command":"/c","text":"x"}"#;
    assert_eq!(read(&[], json).unwrap().asks, Asks::Command("/c x".into()));
    assert!(matches!(read(&[], "{nonsense"), Err(ChatRefusal::Unreadable(_))));
}

#[tokio::test]
async fn replies_are_attachments() {
    let mattermost = Mattermost::new(config(), egress()).unwrap();
    for (name, reply) in replies() {
        let (body, _) = mattermost.answer(&reply, Audience::Asker);
        let value: Value = serde_json::from_slice(&body).unwrap();
        let text = value.to_string();
        assert!(
            !text.contains("@all") && !text.contains("@here") && !text.contains('\u{1b}'),
            "{name}: {text}"
        );
        insta::assert_snapshot!(format!("mattermost_{name}"), serde_json::to_string_pretty(&value).unwrap());
    }
}

#[tokio::test]
async fn a_message_goes_out_by_a_webhook_or_by_the_bot() {
    let chat = Chat::answering(201, &[], "{}").await;
    let channels = vec![
        ChannelConfig {
            name: "#team".into(),
            id: None,
            webhook: Some(Secret::new(format!("{}/hooks/1", chat.url()))),
        },
        ChannelConfig { name: "#ops".into(), id: Some("c9".into()), webhook: None },
    ];
    let bot_token = Some(Secret::new("bot".to_owned()));
    let config = MattermostConfig { url: Some(chat.url()), bot_token, channels, ..config() };
    let mattermost = Mattermost::new(config, egress()).unwrap();
    let named = |name: &str| Channel { id: String::new(), name: name.into() };
    let reply = Reply::done().text("x");
    mattermost.post(&named("#team"), &reply).await.unwrap();
    assert_eq!(chat.last().1, "/hooks/1");
    mattermost.post(&named("#ops"), &reply).await.unwrap();
    assert_eq!((chat.last().1.as_str(), chat.last().2.as_str()), ("/api/v4/posts", "Bearer bot"));
    assert!(matches!(mattermost.post(&named("#else"), &reply).await, Err(ChatOutError::Never(_))));
    assert!(mattermost.serves(&named("#ops")) && !mattermost.serves(&named("#else")));
    mattermost.respond(&format!("{}/x", chat.url()), &reply, Audience::Channel).await.unwrap();
    let elsewhere = mattermost.respond("https://chat.example/x", &reply, Audience::Channel).await;
    assert!(matches!(elsewhere, Err(ChatOutError::Never(_))));
}
