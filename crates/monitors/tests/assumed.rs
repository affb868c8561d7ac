//! Trackers, Grafana, and answers that no honest server gives: by fixtures.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Server, egress, look, prometheus, said, source};
use std::time::Duration;
use wigwag_base::{Secret, Timestamp};
use wigwag_monitors::{Grafana, GrafanaConfig, SourceConfig, SourceKind, Tracker, build};
use wigwag_ports::Annotations;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::monitors::Annotation;

fn issues(tracker: Tracker, project: &str) -> SourceKind {
    SourceKind::Issues {
        tracker,
        project: project.into(),
        labels: vec!["incident".into(), "blocks flags".into()],
    }
}

fn header(server: &Server, name: &str) -> String {
    let (_, headers, _) = server.last();
    headers.into_iter().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

#[tokio::test]
async fn open_issues_of_a_gitlab_block() {
    let server = Server::answering(200, include_str!("assumed/gitlab-issues.json")).await;
    let answer = said(&look(&server.url(), issues(Tracker::Gitlab, "gitlab-com/gl-infra/production")).await);
    assert_eq!(
        answer,
        "blocked: #7001 Elevated error rate on the API <https://gitlab.example/gitlab-com/gl-infra/production/-/issues/7001>"
    );
    let asked = "GET /api/v4/projects/gitlab-com%2Fgl-infra%2Fproduction/issues?labels=incident%2Cblocks%20flags&state=opened&per_page=20";
    assert_eq!(server.last().0, asked);
    assert_eq!(header(&server, "private-token"), "a-token");
    server.says(200, "[]");
    assert_eq!(said(&look(&server.url(), issues(Tracker::Gitlab, "1")).await), "clear");
}

#[tokio::test]
async fn open_issues_of_a_github_block_and_pull_requests_do_not() {
    let server = Server::answering(200, include_str!("assumed/github-issues.json")).await;
    let answer = said(&look(&server.url(), issues(Tracker::Github, "acme/status")).await);
    assert_eq!(
        answer,
        "blocked: #12 Database failover under way <https://github.example/acme/status/issues/12>"
    );
    assert_eq!(
        server.last().0,
        "GET /repos/acme/status/issues?labels=incident%2Cblocks%20flags&state=open&per_page=20"
    );
    assert_eq!(header(&server, "authorization"), "Bearer a-token");
}

#[tokio::test]
async fn each_kind_of_silence_says_what_it_is() {
    let server = Server::answering(200, "").await;
    let check = async |status: u16, body: &str, is: &str| {
        server.says(status, body);
        assert_eq!(
            said(&look(&server.url(), prometheus("up", "< 1")).await),
            format!("silent: {is}"),
            "{status} {body}"
        );
    };
    check(401, "", "it answers 401: check the token that is set for it").await;
    check(403, "", "it answers 403: check the token that is set for it").await;
    check(404, "", "it answers 404: check the URL, and the project if there is one").await;
    check(302, "", "it answers 302: give the URL that this leads to").await;
    check(
        503,
        "{\"errorType\":\"timeout\",\"error\":\"too\\u001b slow\"}",
        "it answers 503 (timeout: too  slow)",
    )
    .await;
    check(200, "<html>", "it answers something else than JSON").await;
    check(200, "{}", "it answers something else than a result").await;
    check(200, &"[".repeat(100_000), "it answers something else than JSON").await;
    check(200, &format!("\"{}\"", "x".repeat(2 << 20)), "its answer is longer than 1024 KiB").await;
    let result = |value: &str| {
        format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{{\"metric\":{{}},\"value\":{value}}}]}}}}"
        )
    };
    check(200, &result("[1]"), "it answers a sample without a value").await;
    check(200, &result("[1,\"x\"]"), "it answers a sample that is no number").await;
    check(200, &result("[1,\"NaN\"]"), "its query gives NaN: no request, or a division by zero").await;
    // The same answer to the question for the age: too old.
    check(200, &result("[1,\"500\"]"), "its newest sample is 500 s old; is the service scraped?").await;
    server.says(200, result("[1,\"-Inf\"]"));
    assert_eq!(said(&look(&server.url(), prometheus("up", "< 1")).await), "blocked: web is red: -inf");
}

#[tokio::test]
async fn thousands_of_alerts_are_named_in_part() {
    let alert = r#"{"labels":{"alertname":"A\u202e"},"generatorURL":"javascript:alert(1)"}"#;
    let server = Server::answering(200, format!("[{}]", vec![alert; 5_000].join(","))).await;
    let kind = SourceKind::Alertmanager { label: "a".into(), value: "b".into() };
    let answer = said(&look(&server.url(), kind).await);
    assert_eq!(
        answer.matches("A ").count() + answer.matches("A;").count() + usize::from(answer.ends_with('A')),
        20,
        "{answer}"
    );
    assert!(!answer.contains("javascript") && !answer.contains('\u{202e}'), "{answer}");
}

#[tokio::test]
async fn a_server_that_hangs_has_its_deadline() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config =
        SourceConfig { deadline: Duration::from_millis(200), ..source(&url, prometheus("up", "< 1")) };
    let sources = build(vec![config], &*egress()).unwrap();
    let answer = said(&sources[0].look().await);
    assert!(answer.starts_with("silent: it is down: no complete answer within 0.2 s"), "{answer}");
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let check = |config: SourceConfig, is: &str| {
        assert_eq!(build(vec![config], &*egress()).err().as_deref(), Some(is));
    };
    let at = "http://127.0.0.1:9090";
    check(
        source(at, prometheus("up", "below 1")),
        "\"the source\": red_when: \"below 1\" is no comparison; write one such as \"< 1\" or \">= 0.05\"",
    );
    check(source(at, prometheus(" ", "< 1")), "\"the source\": query: is missing");
    let label = SourceKind::Alertmanager { label: "a\"".into(), value: "b".into() };
    check(source(at, label), "\"the source\": label: must be a label's name");
    let none = SourceKind::Issues { tracker: Tracker::Gitlab, project: "a".into(), labels: Vec::new() };
    check(source(at, none), "\"the source\": labels: there must be one at least");
    let slow = SourceConfig { deadline: Duration::from_secs(11), ..source(at, prometheus("up", "< 1")) };
    check(slow, "\"the source\": deadline_s: must be 1 to 10");
    let nowhere = build(vec![source("ftp://a", prometheus("up", "< 1"))], &*egress()).err().unwrap();
    assert!(nowhere.starts_with("\"the source\": url: "), "{nowhere}");
}

#[tokio::test]
async fn a_change_is_drawn_into_charts() {
    let server = Server::answering(200, "{\"message\":\"Annotation added\",\"id\":1}").await;
    let token = Secret::new("glsa_x".to_owned());
    let grafana = Grafana::new(GrafanaConfig { url: server.url(), token }, &*egress()).unwrap();
    let annotation = Annotation {
        at: Timestamp::from_millis(1_700_000_000_123),
        tags: vec!["feature-flag".into(), "f".into()],
        text: "f in production: off -> on".into(),
    };
    grafana.annotate(&annotation).await.unwrap();
    let (asked, _, body) = server.last();
    assert_eq!(asked, "POST /api/annotations");
    assert_eq!(
        body,
        r#"{"tags":["feature-flag","f"],"text":"f in production: off -> on","time":1700000000123}"#
    );
    assert_eq!(header(&server, "authorization"), "Bearer glsa_x");
    let later = |reason: &str, after| Err(ChatOutError::Later { reason: reason.into(), after });
    let never = |reason: &str| Err(ChatOutError::Never(reason.into()));
    server.says(429, "");
    let seven = Some(Duration::from_secs(7));
    assert_eq!(grafana.annotate(&annotation).await, later("Grafana answers 429: too many requests", seven));
    server.says(502, "");
    assert_eq!(grafana.annotate(&annotation).await, later("Grafana answers 502", None));
    server.says(401, "{\"message\":\"Invalid API key\"}");
    let refused =
        "Grafana answers 401 (Invalid API key): check the token; it must be one that may write annotations";
    assert_eq!(grafana.annotate(&annotation).await, never(refused));
    server.says(400, "");
    assert_eq!(grafana.annotate(&annotation).await, never("Grafana answers 400"));
}
