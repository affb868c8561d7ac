//! Servers that answer what no monitor answers: each is silent, in time, and says what is wrong.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use std::time::{Duration, Instant};
use support::server::{Reply, Server};
use support::{alertmanager, issues, look, prometheus};
use wigwag_monitors::{SourceConfig, Tracker, limits};

/// One of each kind, for the server at `url`.
fn all(url: &str) -> [SourceConfig; 4] {
    [
        prometheus(url, "up", "< 1"),
        alertmanager(url, "severity", "page"),
        issues(url, Tracker::Gitlab, "7", &["incident"]),
        issues(url, Tracker::Github, "acme/shop", &["incident"]),
    ]
}

/// Each source is silent about this server, in these words.
async fn check(server: Server, expected: &str) {
    for config in all(&server.url()) {
        let said = look(SourceConfig { deadline: Duration::from_secs(2), ..config }).await;
        assert!(said.starts_with("silent: ") && said.contains(expected), "{said} has no {expected}");
        assert!(said.chars().count() < 600 && !said.contains(char::is_control), "{said}");
    }
}

async fn check_reply(reply: Reply, expected: &str) {
    check(Server::always(reply).await, expected).await;
}

#[tokio::test]
async fn what_is_no_json_is_silent() {
    check_reply(Reply::json("<html>Sign in</html>"), "something else than JSON. Is this").await;
    let page = Reply::text("<html>").with("content-type", "text/html");
    check_reply(page, "something else than JSON (text/html). Is this").await;
    check_reply(Reply::json("[]").with("content-type", "text/plain"), "than JSON (text/plain)").await;
    check_reply(Reply::json(""), "something else than JSON").await;
    check_reply(Reply::json("[".repeat(1_000_000)), "something else than JSON").await;
    check_reply(Reply::json("{\"a\":".repeat(100_000)), "something else than JSON").await;
    check_reply(Reply::json(vec![0xff, 0xfe]), "something else than JSON").await;
    check_reply(Reply::json("null"), "something else than").await;
    check_reply(Reply::json("7"), "something else than").await;
    check_reply(Reply::json("{}"), "something else than").await;
    check_reply(Reply::json("[[]]"), "something else than").await;
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let elsewhere = Server::always(Reply::json("[]")).await;
    let to = format!("{}/", elsewhere.url());
    check_reply(
        Reply::text("").status(301).with("location", &to),
        &format!("answers 301: it redirects to {to}. Give"),
    )
    .await;
    check_reply(
        Reply::text("").status(307).with("location", "javascript:x"),
        "answers 307: it redirects. Give",
    )
    .await;
    assert_eq!(elsewhere.asked().len(), 0);
}

#[tokio::test]
async fn words_of_errors_are_tame_and_cut() {
    let words = format!("down\n\u{202e}{}", "x".repeat(100_000));
    let expected = format!("answers 500 (down {}…). Look at its log", "x".repeat(limits::TEXT_CHARS_MAX - 6));
    check_reply(Reply::json(json!({ "message": words }).to_string()).status(500), &expected).await;
    check_reply(Reply::json("{\"message\": {}}").status(500), "answers 500. Look").await;
    check_reply(Reply::text("\u{1b}[2J").status(599), "answers 599. Look").await;
}

#[tokio::test]
async fn an_answer_without_an_end_is_given_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
    let flood = Server::endless(head, " ".repeat(64 << 10), Duration::from_micros(1)).await;
    check(flood, "answers with more than 4 MiB. ").await;
    check_reply(Reply::json(" ".repeat(limits::ANSWER_BYTES_MAX + 1)), "answers with more than 4 MiB. ")
        .await;
    check_reply(Reply::json(" ".repeat(limits::ANSWER_BYTES_MAX)), "something else than JSON").await;
}

#[tokio::test]
async fn an_answer_that_drips_or_never_comes_is_given_up_at_the_deadline() {
    let drips = [
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[", " "),
        ("HTTP/1.1 200 OK\r\nx", "y"),
        ("", ""),
    ];
    for (begin, more) in drips {
        let server = Server::endless(begin, more, Duration::from_millis(20)).await;
        for config in all(&server.url()) {
            let begun = Instant::now();
            let said = look(SourceConfig { deadline: Duration::from_millis(300), ..config }).await;
            assert!(said.contains("did not answer within 0.3 s. Look at its load"), "{said}");
            assert!(begun.elapsed() < Duration::from_secs(2));
        }
    }
}

#[tokio::test]
async fn what_is_no_http_is_silent() {
    let server = Server::endless("SSH-2.0-OpenSSH_9\r\n\r\n", "x", Duration::from_millis(20)).await;
    check(server, "it speaks no valid HTTP/1.1").await;
    let heads = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(20_000));
    check(Server::endless(heads, "a: b\r\n", Duration::from_millis(20)).await, "it speaks no valid HTTP/1.1")
        .await;
}

#[tokio::test]
async fn the_deadline_is_over_all_questions_together() {
    // Each page takes its time, and there are more pages than time.
    let full = json!(vec![json!({ "title": "x", "number": 1, "state": "open", "pull_request": {} }); 20])
        .to_string();
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{full}",
        full.len() + 10
    );
    let server = Server::endless(reply, " ", Duration::from_millis(20)).await;
    let config = issues(&server.url(), Tracker::Github, "acme/shop", &["incident"]);
    let said = look(SourceConfig { deadline: Duration::from_millis(500), ..config }).await;
    assert!(said.contains("did not answer within 0.5 s"), "{said}");
}

#[tokio::test]
async fn alerts_that_were_not_asked_for_do_not_block() {
    let alert = |severity: &str, state: &str| {
        let labels = json!({ "alertname": "A", "severity": severity });
        json!({ "labels": labels, "status": { "state": state } })
    };
    let said = async |alerts: serde_json::Value| {
        let server = Server::always(Reply::json(alerts.to_string())).await;
        look(alertmanager(&server.url(), "severity", "page")).await
    };
    assert_eq!(said(json!([alert("page", "active")])).await, "A");
    assert_eq!(said(json!([alert("page", "suppressed"), alert("ticket", "active")])).await, "clear");
    assert_eq!(
        said(json!([{ "labels": { "severity": "page" }, "status": { "state": "active" } }])).await,
        "an alert without a name"
    );
    for alert in
        [json!({}), json!({ "labels": {} }), json!({ "labels": [], "status": { "state": "active" } })]
    {
        let said = said(json!([alert])).await;
        assert!(said.contains("something else than a list of alerts"), "{said}");
    }
}

#[tokio::test]
async fn an_error_under_a_good_status_is_an_error() {
    let error = json!({ "status": "error", "errorType": "execution", "error": "out of\nmemory" });
    let server = Server::always(Reply::json(error.to_string())).await;
    let said = look(prometheus(&server.url(), "up", "< 1")).await;
    assert!(said.ends_with("answers with an error (execution: out of memory). Check the query"), "{said}");
}

#[tokio::test]
async fn what_is_asked_of_prometheus_is_the_query_and_then_its_age() {
    let server = Server::start(|asked| {
        let value = if asked.query.contains("timestamp") { "1" } else { "0" };
        let result = json!([{ "metric": {}, "value": [1_770_113_000.5, value] }]);
        Reply::json(
            json!({ "status": "success", "data": { "resultType": "vector", "result": result } }).to_string(),
        )
    })
    .await;
    let said = look(prometheus(&format!("{}/metrics/", server.url()), "up{job=\"a&b\"}", "< 1")).await;
    assert!(said.contains("stale: decades old"), "{said}");
    let lines: Vec<String> = server.asked().iter().map(|asked| asked.line()).collect();
    assert_eq!(
        lines,
        [
            "GET /metrics/api/v1/query?query=up%7Bjob%3D%22a%26b%22%7D",
            "GET /metrics/api/v1/query?query=timestamp%28up%7Bjob%3D%22a%26b%22%7D%0A%29&time=1770113000.500",
        ]
    );
}
