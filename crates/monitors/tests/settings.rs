//! Wrong settings are refused before anything is asked: the source's name, the field, the rule.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;
use support::{alertmanager, egress, issues, prometheus};
use wigwag_base::Secret;
use wigwag_egress::{Client, Config};
use wigwag_monitors::{SourceConfig, SourceKind, Tracker, build, limits};
use wigwag_ports::monitors::WhenSilent;

const URL: &str = "https://monitor.example";

fn refusal(configs: Vec<SourceConfig>) -> String {
    build(configs, &egress()).err().unwrap_or_else(|| "built".into())
}

fn check(config: SourceConfig, expected: &str) {
    let said = refusal(vec![config]);
    let rest = said.strip_prefix("\"the source\": ").unwrap_or(&said);
    assert!(rest.starts_with(expected), "{said} does not begin with {expected}");
}

fn good() -> SourceConfig {
    prometheus(URL, "up", "< 1")
}

#[tokio::test]
async fn good_settings_are_built_in_their_order() {
    let configs = vec![
        SourceConfig { name: "web health".into(), ..good() },
        SourceConfig {
            name: "alerts".into(),
            when_silent: WhenSilent::Pass,
            ..alertmanager(URL, "_a1", "true")
        },
        SourceConfig {
            name: "incidents".into(),
            ..issues(URL, Tracker::Gitlab, "acme/ops/production", &["a b"])
        },
        SourceConfig { name: "changes".into(), ..issues(URL, Tracker::Github, "acme/shop", &["a"]) },
    ];
    let built = build(configs, &egress()).unwrap();
    let all: Vec<_> = built.iter().map(|source| (source.name(), source.when_silent())).collect();
    assert_eq!(
        all,
        [
            ("web health", WhenSilent::Refuse),
            ("alerts", WhenSilent::Pass),
            ("incidents", WhenSilent::Refuse),
            ("changes", WhenSilent::Refuse),
        ]
    );
}

#[tokio::test]
async fn names_are_one_line_and_their_own() {
    let named = |name: &str| SourceConfig { name: name.into(), ..good() };
    assert!(refusal(vec![named("")]).starts_with("\"\": name: must be one line"));
    assert!(refusal(vec![named("a\nb")]).starts_with("\"a\\nb\": name: must be one line"));
    assert_eq!(refusal(vec![named(&"é".repeat(limits::NAME_CHARS_MAX))]), "built");
    assert!(
        refusal(vec![named(&"é".repeat(limits::NAME_CHARS_MAX + 1))])
            .ends_with("name: must have at most 64 characters")
    );
    assert_eq!(refusal(vec![named("a"), named("b")]), "built");
    assert!(refusal(vec![named("a"), named("a")]).starts_with("\"a\": name: there are two"));
}

#[tokio::test]
async fn there_is_a_greatest_number_of_sources() {
    let of = |count: usize| (0..count).map(|n| SourceConfig { name: n.to_string(), ..good() }).collect();
    assert_eq!(refusal(of(limits::SOURCES_MAX)), "built");
    assert_eq!(refusal(of(limits::SOURCES_MAX + 1)), "there may be 20 sources; there are 21");
}

#[tokio::test]
async fn urls_are_judged() {
    let at = |url: &str| SourceConfig { url: url.into(), ..good() };
    check(at("monitor.example"), "url: the URL cannot be read");
    check(at("ftp://monitor.example"), "url: the URL's scheme is ftp");
    check(at("https://monitor.example/#a"), "url: the URL has a fragment");
    check(at("https://monitor.example/?a=b"), "url: must end before the \"?\"");
    check(at("http://169.254.169.254/"), "url: 169.254.169.254 is not allowed");
    check(at("https://monitor.example/prometheus/"), "built");
    check(at("http://10.0.0.7:9090"), "built");
    let own = Config { listen_addresses: vec!["127.0.0.1:4321".parse().unwrap()], ..Config::default() };
    let own = build(vec![at("http://127.0.0.1:4321")], &Client::new(&own).unwrap());
    assert!(own.err().unwrap().contains("url: 127.0.0.1 is not allowed"));
}

#[tokio::test]
async fn deadlines_have_bounds() {
    let within = |deadline| SourceConfig { deadline, ..good() };
    check(within(Duration::ZERO), "deadline_s: must be above 0 and at most 10");
    check(within(limits::DEADLINE_MAX), "built");
    check(within(limits::DEADLINE_MAX + Duration::from_millis(1)), "deadline_s");
}

#[tokio::test]
async fn tokens_are_such_as_can_be_sent_and_not_repeated() {
    let with = |token: &str| SourceConfig { token: Some(Secret::new(token.into())), ..good() };
    check(with("glpat-x_1"), "built");
    for token in ["", "a\n", "a b", "é"] {
        check(with(token), "token: is empty or holds a character that no token has");
    }
    check(with(&"x".repeat(limits::TOKEN_BYTES_MAX)), "built");
    check(with(&"x".repeat(limits::TOKEN_BYTES_MAX + 1)), "token: must have at most 1024 bytes");
    let both = SourceConfig { url: "https://ann:secret@monitor.example".into(), ..with("x") };
    check(both, "url: holds credentials, and there is a token too");
    // GitLab takes the token in a header of its own, behind a proxy that asks for a password.
    let proxied = issues("https://ann:secret@monitor.example", Tracker::Gitlab, "7", &["a"]);
    check(proxied, "built");
}

#[tokio::test]
async fn queries_are_compared_with_a_number() {
    check(prometheus(URL, " ", "< 1"), "query: is missing");
    check(prometheus(URL, &"x".repeat(limits::QUERY_BYTES_MAX), "< 1"), "built");
    // Percent-encoded, it is as long as a URL may be.
    check(prometheus(URL, &"+".repeat(limits::QUERY_BYTES_MAX), "< 1"), "built");
    check(
        prometheus(URL, &"x".repeat(limits::QUERY_BYTES_MAX + 1), "< 1"),
        "query: must have at most 2048 bytes",
    );
    check(prometheus(URL, "up", "down"), "red_when: must compare with a number, such as \"< 1\"");
    let kind = SourceKind::Prometheus { query: "up".into(), red_when: "< 1".into(), service: String::new() };
    check(SourceConfig { kind, ..good() }, "service: must be one line of text");
}

#[tokio::test]
async fn labels_of_alerts_are_names() {
    for label in ["", "1a", "a-b", "a=\"b\",c", "é"] {
        check(alertmanager(URL, label, "true"), "label: must be a label's name");
    }
    for value in ["", " a", "a\nb"] {
        check(alertmanager(URL, "a", value), "value: must be one line of text");
    }
    check(alertmanager(URL, "a", &"x".repeat(limits::LABEL_BYTES_MAX)), "built");
    check(
        alertmanager(URL, "a", &"x".repeat(limits::LABEL_BYTES_MAX + 1)),
        "label and value: must have at most 255",
    );
}

#[tokio::test]
async fn projects_and_labels_of_trackers_are_such() {
    for project in ["", "shop", "a//b", "a/../b", "/a/b", "a/b?c", "a/b#c", "a b/c", "a%2Fb"] {
        check(issues(URL, Tracker::Gitlab, project, &["a"]), "project: must be a number, or a path");
    }
    for project in ["", "7", "shop", "a/b/c", "a/..", "a/b?c"] {
        check(issues(URL, Tracker::Github, project, &["a"]), "project: must be OWNER/REPOSITORY");
    }
    check(issues(URL, Tracker::Gitlab, "7", &[]), "labels: there must be 1 to 10");
    check(issues(URL, Tracker::Gitlab, "7", &["a"; limits::LABELS_MAX]), "built");
    check(issues(URL, Tracker::Gitlab, "7", &["a"; limits::LABELS_MAX + 1]), "labels: there must be 1 to 10");
    check(issues(URL, Tracker::Gitlab, "7", &["a", ""]), "labels: \"\" must be one line of text");
    check(
        issues(URL, Tracker::Gitlab, "7", &["a,b"]),
        "labels: \"a,b\" must be one line of text without a comma",
    );
    let long = "x".repeat(limits::LABEL_BYTES_MAX + 1);
    check(issues(URL, Tracker::Gitlab, "7", &[&long[1..]]), "built");
    check(issues(URL, Tracker::Gitlab, "7", &[&long]), "labels: \"xxx");
}
