//! `/chat`, by a chat of the tests' own: what the real ones sign and render is shown where they are.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use wigwag_api::limits::CHAT_BODY_BYTES_MAX;
use wigwag_chat::Reply;
use wigwag_engine::Outside;
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::{
    Asks, Audience, Channel, ChatOutError, ChatRefusal, ChatRequest, Incoming,
};
use wigwag_ports::chat_users::ChatUser;
use wigwag_testkit::{Answer, Client, Server, Setup};

/// A chat whose requests prove themselves by the header `x-proof`. What begins with `echo` comes back with the headers;
/// the rest is `USER: COMMAND`. Nothing can be posted in its channels.
struct Proven;

#[async_trait]
impl ChatPlatform for Proven {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn read(&self, request: &ChatRequest<'_>) -> Result<Incoming, ChatRefusal> {
        if !request.headers.iter().any(|(name, value)| name == "x-proof" && value == "yes") {
            return Err(ChatRefusal::Forged("x-proof is missing".into()));
        }
        let asked = |id: &str, asks: Asks| Incoming {
            who: ChatUser { platform: "slack".into(), team: "T/1".into(), id: id.to_owned() },
            who_name: id.to_lowercase(),
            channel: Channel { id: "C1".into(), name: "#general".into() },
            asks,
            response_url: None,
            once: None,
        };
        if request.body.starts_with(b"echo") {
            let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
            let echo = [names.join(" ").as_bytes(), b"\n", request.body].concat();
            return Ok(asked("U0", Asks::Hello(Bytes::from(echo))));
        }
        let text = std::str::from_utf8(request.body).ok().and_then(|text| text.split_once(": "));
        let (id, text) = text.ok_or_else(|| ChatRefusal::Unreadable("no command".into()))?;
        Ok(asked(id, Asks::Command(text.to_owned())))
    }

    fn answer(&self, reply: &Reply, _: Audience) -> (Bytes, &'static str) {
        (Bytes::from(reply.to_text()), "application/x-reply")
    }

    async fn member_email(&self, _: &ChatUser) -> Result<Option<String>, ChatOutError> {
        Ok(None)
    }

    fn lists(&self, _: &Channel) -> bool {
        false
    }

    fn serves(&self, _: &Channel) -> bool {
        true
    }

    async fn post(&self, _: &Channel, _: &Reply) -> Result<(), ChatOutError> {
        Err(ChatOutError::Never("the channel is archived".into()))
    }

    async fn respond(&self, _: &str, _: &Reply, _: Audience) -> Result<(), ChatOutError> {
        Err(ChatOutError::Never("there is no such address".into()))
    }
}

/// A server that such a chat speaks with.
pub(crate) async fn server_with_chat() -> Server {
    let outside = Outside { platforms: vec![Arc::new(Proven)], ..Outside::default() };
    Server::with(Setup { outside, ..Setup::default() }).await
}

/// What the chat is answered when it sends this.
pub(crate) async fn send(client: &Client, body: impl Into<Bytes>) -> Answer {
    let request = client.anonymous().request("POST", "/chat/slack").header("x-proof", "yes");
    request.body("application/x-www-form-urlencoded", body).outside_of_document().send().await
}

#[tokio::test]
async fn what_a_chat_sends_is_handed_over_as_it_is() {
    let server = server_with_chat().await;
    let body = b"echo a=%2B+b&\xff\0\r\n".to_vec();
    let request = server.root().anonymous().request("POST", "/chat/slack").header("X-Proof", "yes");
    // Chats are no browsers: where a request comes from is no reason to refuse it.
    let request =
        request.header("Origin", "https://elsewhere.example").header("Sec-Fetch-Site", "cross-site");
    let answer = request.body("text/plain", body.clone()).outside_of_document().send().await;
    assert_eq!((answer.status.as_u16(), answer.media_type().as_str()), (200, "text/plain"));
    let (names, echo) = answer.body.split_at(answer.body.iter().position(|byte| *byte == b'\n').unwrap());
    assert_eq!(echo[1..], body);
    let names = String::from_utf8(names.to_vec()).unwrap();
    assert!(names.contains("x-proof") && names == names.to_lowercase(), "{names}");
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn the_answer_is_the_chats_own() {
    let server = server_with_chat().await;
    let told = send(&server.root(), "U7: feature get webhooks_failed_callout").await;
    assert_eq!((told.status.as_u16(), told.header("content-type")), (200, "application/x-reply"));
    assert!(told.text().contains("webhooks_failed_callout"), "{}", told.text());
    let refused = send(&server.root(), "U7: feature set webhooks_failed_callout true").await;
    assert_eq!(refused.status, 200);
    assert!(refused.text().contains("wigwag chat link"), "{}", refused.text());
    assert_eq!(send(&server.root(), "nothing").await.status, 400);
    let after = server.root().get("/api/v4/features").await.ok();
    assert_eq!(after, json!([]));
}

#[tokio::test]
async fn a_request_that_proves_nothing_is_refused_whatever_token_it_brings() {
    let server = server_with_chat().await;
    let request = server.root().request("POST", "/chat/slack").body("text/plain", "U7: feature list");
    let answer = request.outside_of_document().send().await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (401, "x-proof is missing\n"));
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let server = server_with_chat().await;
    let body = |bytes: usize| [b"echo".to_vec(), vec![b'x'; bytes - 4]].concat();
    let most = send(&server.root(), body(CHAT_BODY_BYTES_MAX)).await;
    assert_eq!(most.status, 200);
    assert!(most.body.len() > CHAT_BODY_BYTES_MAX);
    let refused = send(&server.root(), body(CHAT_BODY_BYTES_MAX + 1)).await;
    assert_eq!((refused.status.as_u16(), refused.media_type().as_str()), (413, "text/plain"));
    assert!(refused.text().contains("1048576 bytes"), "{}", refused.text());
}

#[tokio::test]
async fn who_opens_the_address_is_told_what_it_is_for() {
    let server = server_with_chat().await;
    for method in ["GET", "PUT", "DELETE"] {
        let request = server.root().anonymous().request(method, "/chat/slack").outside_of_document();
        let answer = request.send().await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{method}");
        assert_eq!(answer.media_type(), "text/plain");
        assert!(answer.text().contains("slash command"), "{}", answer.text());
    }
}

#[tokio::test]
async fn other_chats_are_not_found_and_odd_names_not_repeated() {
    let server = Server::start().await;
    let post =
        async |path: &str| server.root().anonymous().request("POST", path).outside_of_document().send().await;
    let unknown = post("/chat/slack").await;
    assert_eq!((unknown.status.as_u16(), unknown.media_type().as_str()), (404, "text/plain"));
    assert!(unknown.text().contains("[chat.slack] in wigwag.toml"), "{}", unknown.text());
    for odd in ["%1B%5B31m", "%00", "a%2Fb", "%FF", "Slack", "%E2%80%AE"] {
        let answer = post(&format!("/chat/{odd}")).await;
        assert_eq!(answer.problem(404), "no_such_route", "{odd}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.is_ascii() && !detail.contains(char::is_control), "{detail}");
    }
    for path in ["/chat/slack/", "/chat/slack/more"] {
        assert_eq!(post(path).await.problem(404), "no_such_route", "{path}");
    }
    let after: Value = server.root().get("/v1/audit").await.ok();
    assert_eq!(after, json!([]));
}
