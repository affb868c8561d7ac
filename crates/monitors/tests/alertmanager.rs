//! Against the real Alertmanager, to which the test posts alerts.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::{Duration, SystemTime};
use support::programs::Program;
use support::{alertmanager, built, look, shown, until};

/// An alert as Prometheus posts it.
fn alert(labels: &str, annotations: &str, link: &str) -> String {
    format!(
        "[{{\"labels\": {{{labels}}}, \"annotations\": {{{annotations}}}, \"generatorURL\": \"{link}\"}}]"
    )
}

/// A time as Alertmanager reads it.
fn time(ahead: Duration) -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + ahead;
    wigwag_base::Timestamp::from_millis(since.as_millis().try_into().unwrap()).to_string()
}

#[tokio::test]
async fn firing_alerts_with_the_label_block_and_others_do_not() {
    let server = Program::alertmanager().await;
    let source = built(alertmanager(&server.url(), "blocks_flags", "true"));
    assert_eq!(shown(source.look().await), "clear");
    let others = [
        r#""alertname": "Noise""#,
        r#""alertname": "Other", "blocks_flags": "false""#,
        r#""alertname": "Longer", "blocks_flags": "true, not""#,
    ];
    for labels in others {
        server.post("/api/v2/alerts", alert(labels, "", "")).await;
    }
    let labels = r#""alertname": "DiskFull", "blocks_flags": "true""#;
    let summary = r#""summary": "Disk of db-1\n\u001b[31m is \u202efull""#;
    let link = "http://127.0.0.1:9090/graph?g0.expr=disk";
    server.post("/api/v2/alerts", alert(labels, summary, link)).await;
    until("it blocks", async || shown(source.look().await) != "clear").await;
    assert_eq!(shown(source.look().await), format!("DiskFull: Disk of db-1 [31m is full <{link}>"));
    // Resolved: it ends now.
    let ended =
        alert(labels, summary, link).replace("}]", &format!(", \"endsAt\": \"{}\"}}]", time(Duration::ZERO)));
    server.post("/api/v2/alerts", ended).await;
    until("it is resolved", async || shown(source.look().await) == "clear").await;
}

#[tokio::test]
async fn a_silenced_alert_does_not_block() {
    let server = Program::alertmanager().await;
    let source = built(alertmanager(&server.url(), "severity", "page"));
    let labels = r#""alertname": "Slow", "severity": "page""#;
    server.post("/api/v2/alerts", alert(labels, "", "javascript:alert(1)")).await;
    until("it blocks", async || shown(source.look().await) == "Slow").await;
    let silence = format!(
        "{{\"matchers\": [{{\"name\": \"alertname\", \"value\": \"Slow\", \"isRegex\": false}}], \"startsAt\": \"{}\", \
         \"endsAt\": \"{}\", \"createdBy\": \"ann\", \"comment\": \"known\"}}",
        time(Duration::ZERO),
        time(Duration::from_secs(3_600))
    );
    server.post("/api/v2/silences", silence).await;
    until("it is silenced", async || shown(source.look().await) == "clear").await;
}

#[tokio::test]
async fn a_value_is_matched_letter_for_letter() {
    let server = Program::alertmanager().await;
    for (n, value) in [r#"a \"b\" \\c, d=~e&f%g"#, r#"a .b. .c, d=.e&f%g"#].into_iter().enumerate() {
        server
            .post("/api/v2/alerts", alert(&format!(r#""alertname": "A{n}", "team": "{value}""#), "", ""))
            .await;
    }
    let source = built(alertmanager(&server.url(), "team", r#"a "b" \c, d=~e&f%g"#));
    until("it blocks", async || shown(source.look().await) == "A0").await;
}

#[tokio::test]
async fn ten_thousand_alerts_are_counted_and_the_first_are_named() {
    let server = Program::alertmanager().await;
    let one = |n: usize| format!(r#"{{"labels": {{"alertname": "A{n:04}", "severity": "page"}}}}"#);
    let all: Vec<String> = (0..10_000).map(one).collect();
    server.post("/api/v2/alerts", format!("[{}]", all.join(","))).await;
    let source = built(alertmanager(&server.url(), "severity", "page"));
    until("all are counted", async || shown(source.look().await).ends_with("\nand 9980 more")).await;
    assert_eq!(shown(source.look().await).lines().count(), 21);
}

#[tokio::test]
async fn an_alertmanager_that_is_down_is_silent() {
    let mut server = Program::alertmanager().await;
    assert_eq!(look(alertmanager(&server.url(), "severity", "page")).await, "clear");
    server.stop();
    let said = look(alertmanager(&server.url(), "severity", "page")).await;
    let at =
        format!("silent: Alertmanager at 127.0.0.1:{} does not answer: nothing listens there", server.port);
    assert!(said.starts_with(&at), "{said}");
}
