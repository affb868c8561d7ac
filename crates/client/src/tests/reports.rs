//! Reports of exposures: complete, in batches, and kept while the server is away.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::house::{Asked, Clock, Scripted, flag, is_live, until, until_lost};
use crate::Connection;
use crate::limits::{BACKOFF_MAX, EXPOSURES_EVERY};

/// The counts of a report as `flag word reason count`, sorted.
fn counts(report: &Asked) -> Vec<String> {
    let said = |count: &Value| {
        let text = |key: &str| count[key].as_str().unwrap().to_owned();
        format!("{} {} {} {}", text("flag"), count["enabled"], text("reason"), count["count"])
    };
    let mut counts: Vec<String> = report.json()["exposures"].as_array().unwrap().iter().map(said).collect();
    counts.sort();
    counts
}

fn flags() -> Value {
    json!([
        flag("f", true),
        flag("g", false),
        { "name": "h", "state": { "actors": ["User:1"], "percentage_of_time": 50.0 } }
    ])
}

#[tokio::test]
async fn decisions_are_counted_and_reported_together() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    let handle = client.handle("f");
    for _ in 0..3 {
        client.is_enabled("f", &[]);
    }
    for _ in 0..2 {
        handle.is_enabled(&["User:1"]);
    }
    client.decide("g", &[]);
    client.is_enabled_or("h", &["User:1"], true);
    client.is_enabled("unknown", &[]);
    client.explain("f", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    let report = server.report().await;
    assert_eq!(report.header("authorization"), Some("Bearer secret"));
    assert_eq!(report.header("content-type"), Some("application/json"));
    assert_eq!(counts(&report), ["f true boolean 5", "g false off 1", "h true actors 1"]);
    assert_eq!(report.json().get("environment"), None);
    report.answer(StatusCode::NO_CONTENT);
    client.shutdown().await;
    assert!(server.no_report(), "nothing new, nothing sent");
}

#[tokio::test]
async fn counts_are_kept_and_added_up_while_the_server_is_away() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    server.report().await.answer((StatusCode::SERVICE_UNAVAILABLE, "try later"));
    let health = until(&client, |health| health.exposures.is_some()).await;
    assert_eq!(health.exposures.as_deref(), Some("the server answers 503: try later"));
    client.is_enabled("f", &[]);
    client.is_enabled("g", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    let report = server.report().await;
    assert_eq!(counts(&report), ["f true boolean 2", "g false off 1"]);
    report.answer(StatusCode::NO_CONTENT);
    until(&client, |health| health.exposures.is_none()).await;
}

#[tokio::test]
async fn a_report_that_arrives_brings_the_stream_back_at_once() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    // The lots by which waits are drawn in this thread; the last is longer than the wait for the report.
    fastrand::seed(8);
    let (client, feed) = server.live(flags()).await;
    drop(feed);
    until_lost(&client).await;
    for attempt in 0..7 {
        clock.advance(BACKOFF_MAX).await;
        server.stream().await.answer((StatusCode::BAD_GATEWAY, format!("attempt {attempt}")));
        let why = format!("the server answers 502: attempt {attempt}");
        until(&client, |health| health.connection == Connection::Lost { why: why.clone() }).await;
    }
    client.is_enabled("f", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    server.report().await.answer(StatusCode::NO_CONTENT);
    let _feed = server.stream().await.accept_with_snapshot("v2", flags());
    until(&client, is_live).await;
}

#[tokio::test]
async fn what_the_server_will_never_take_is_not_sent_for_ever() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    server.report().await.answer(StatusCode::UNPROCESSABLE_ENTITY);
    until(&client, |health| health.exposures.is_some()).await;
    client.is_enabled("g", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    assert_eq!(counts(&server.report().await), ["g false off 1"]);
}

#[tokio::test]
async fn counts_of_a_flag_that_is_gone_still_arrive() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    feed.event("change", "v2", &json!({ "since": "v1", "version": "v2", "removed": ["f"] }));
    super::house::until_version(&client, "v2").await;
    clock.advance(EXPOSURES_EVERY).await;
    assert_eq!(counts(&server.report().await), ["f true boolean 1"]);
}

#[tokio::test]
async fn shutdown_reports_what_is_left() {
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    let other = client.clone();
    let shutdown = tokio::spawn(async move { other.shutdown().await });
    let report = server.report().await;
    assert_eq!(counts(&report), ["f true boolean 1"]);
    report.answer(StatusCode::NO_CONTENT);
    shutdown.await.unwrap();
    assert!(client.is_enabled("f", &[]), "evaluation goes on");
}

#[tokio::test]
async fn dropping_the_last_clone_ends_it_too() {
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    drop(client.clone());
    drop(client);
    assert_eq!(counts(&server.report().await), ["f true boolean 1"]);
}

#[tokio::test]
async fn a_server_that_hangs_does_not_hold_up_a_shutdown() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, _feed) = server.live(flags()).await;
    client.is_enabled("f", &[]);
    let shutdown = tokio::spawn(async move { client.shutdown().await });
    let _never_answered = server.report().await;
    clock.advance(Duration::from_secs(4)).await;
    shutdown.await.unwrap();
}

#[tokio::test]
async fn who_wants_no_reports_sends_none() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let client = server.client(crate::Builder::without_exposures);
    let feed = server.stream().await.accept();
    feed.snapshot("v1", flags());
    client.ready().await;
    client.is_enabled("f", &[]);
    clock.advance(EXPOSURES_EVERY).await;
    client.shutdown().await;
    assert!(server.no_report());
}
