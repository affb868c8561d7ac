//! Grafana, as its API is described: see `assumed/README.md`.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::egress;
use support::server::{Reply, Server};
use wigwag_base::{Secret, Timestamp};
use wigwag_monitors::{Grafana, GrafanaConfig, limits};
use wigwag_ports::Annotations as _;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::monitors::Annotation;

const ADDED: &str = include_str!("assumed/grafana-added.json");
const FORBIDDEN: &str = include_str!("assumed/grafana-forbidden.json");

fn grafana(url: &str) -> Grafana {
    let config = GrafanaConfig { url: url.to_owned(), token: Secret::new("glsa_t0ken".into()) };
    Grafana::new(config, &egress()).unwrap()
}

fn annotation() -> Annotation {
    Annotation {
        at: Timestamp::from_millis(1_770_113_000_123),
        tags: vec!["feature-flag".into(), "new_dashboard".into(), "production".into()],
        text: "new_dashboard: 25 % of actors, by ann".into(),
    }
}

#[tokio::test]
async fn a_change_is_drawn_with_its_time_and_tags() {
    let server = Server::always(Reply::json(ADDED)).await;
    assert_eq!(grafana(&format!("{}/charts/", server.url())).annotate(&annotation()).await, Ok(()));
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line(), "POST /charts/api/annotations");
    assert_eq!(asked.header("authorization"), "Bearer glsa_t0ken");
    assert_eq!(asked.header("content-type"), "application/json");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let expected = json!({
        "time": 1_770_113_000_123_i64,
        "tags": ["feature-flag", "new_dashboard", "production"],
        "text": "new_dashboard: 25 % of actors, by ann",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn texts_and_tags_are_tame_and_bounded() {
    let server = Server::always(Reply::json(ADDED)).await;
    let tags = vec!["x\u{202e}\n".repeat(1_000); limits::TAGS_MAX + 1];
    let text = "é".repeat(limits::ANNOTATION_CHARS_MAX + 1);
    grafana(&server.url()).annotate(&Annotation { tags, text, ..annotation() }).await.unwrap();
    let body: Value = serde_json::from_str(&server.asked().pop().unwrap().body).unwrap();
    let chars = |value: &Value| value.as_str().unwrap().chars().count();
    assert_eq!(body["tags"].as_array().unwrap().len(), limits::TAGS_MAX);
    assert!(body["tags"][0].as_str().unwrap().starts_with("x x x"));
    assert!(chars(&body["tags"][0]) <= limits::TAG_CHARS_MAX);
    assert_eq!(chars(&body["text"]), limits::ANNOTATION_CHARS_MAX);
}

/// `later AFTER: REASON` or `never: REASON`, without what is said of the server.
async fn refused(reply: Reply) -> String {
    let server = Server::always(reply).await;
    let said = match grafana(&server.url()).annotate(&annotation()).await {
        Ok(()) => "drawn".into(),
        Err(ChatOutError::Later { reason, after }) => {
            format!("later {:?}: {reason}", after.as_ref().map(Duration::as_secs))
        }
        Err(ChatOutError::Never(reason)) => format!("never: {reason}"),
    };
    said.replace(&format!("Grafana at {} ", server.address), "")
}

#[tokio::test]
async fn what_may_go_better_later_is_told_from_what_never_will() {
    let check = async |reply: Reply, expected: &str| {
        let said = refused(reply).await;
        assert!(said.starts_with(expected), "{said} does not begin with {expected}");
    };
    check(Reply::json("{}").status(429), "later None: answers 429").await;
    check(Reply::json("{}").status(429).with("retry-after", "7"), "later Some(7): answers 429").await;
    check(Reply::json("{}").status(429).with("retry-after", "86400"), "later Some(3600): answers 429").await;
    check(Reply::text("").status(500), "later None: answers 500").await;
    check(Reply::text("").status(503).with("retry-after", "9"), "later Some(9): answers 503").await;
    check(Reply::text("").status(408), "later None: answers 408").await;
    check(Reply::json("{}").status(400), "never: answers 400").await;
    check(Reply::json("{}").status(401), "later None: answers 401: it does not take what it is shown").await;
    check(Reply::json(FORBIDDEN).status(403), "later None: answers 403: the token may not do that").await;
    check(Reply::json("{}").status(404), "never: answers 404").await;
    check(
        Reply::text("").status(302).with("location", "/login"),
        "never: answers 302: it redirects to /login",
    )
    .await;
    check(
        Reply::text("<html>").with("content-type", "text/html"),
        "never: answers with something else than JSON",
    )
    .await;
    check(Reply::json("[]"), "never: answers with something else than the answer to an annotation").await;
}

#[tokio::test]
async fn no_answer_is_for_later() {
    let server = Server::always(Reply::json(ADDED)).await;
    let grafana = grafana(&server.url());
    drop(server);
    // Connections that wait in the backlog are cut, those after it are refused.
    let later = grafana.annotate(&annotation()).await.unwrap_err();
    assert!(matches!(later, ChatOutError::Later { after: None, .. }), "{later:?}");
}

#[test]
fn wrong_settings_are_refused_in_words() {
    let refusal = |url: &str, token: &str| {
        let config = GrafanaConfig { url: url.into(), token: Secret::new(token.into()) };
        Grafana::new(config, &egress()).err().unwrap()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    assert_eq!(refusal("ftp://charts.example", "t"), "url: the URL's scheme is ftp; use http or https");
    assert!(refusal("https://charts.example", "a\r\nb").starts_with("token: is empty or holds a character"));
    assert!(refusal("https://charts.example", "").starts_with("token: is empty"));
}
