//! The stream: what is taken from it, what is not, and what happens when it ends.

use std::time::Duration;

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::house::{Clock, Scripted, flag, is_live, snapshot, until, until_lost, until_version};
use crate::limits::{ANSWER_TIME_MAX, BACKOFF_MAX, REFUSED_WAIT, SILENCE_MAX};
use crate::{Client, Connection, Decision, Reason, Source};

fn decide(client: &Client) -> (bool, Reason, Source) {
    let Decision { enabled, reason, source, .. } = client.decide("f", &[]);
    (enabled, reason, source)
}

const LIVE_ON: (bool, Reason, Source) = (true, Reason::Boolean, Source::Live);
const STALE_ON: (bool, Reason, Source) = (true, Reason::Boolean, Source::Memory);

#[tokio::test]
async fn a_snapshot_and_changes_are_followed() {
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder.environment("staging canary"));
    let asked = server.stream().await;
    assert_eq!(asked.query.as_deref(), Some("environment=staging%20canary"));
    assert_eq!(asked.header("authorization"), Some("Bearer secret"));
    assert_eq!(asked.header("accept"), Some("text/event-stream"));
    assert_eq!(asked.header("last-event-id"), None);
    assert_eq!(decide(&client), (false, Reason::NotReady, Source::Caller));
    assert!(client.is_enabled_or("f", &[], true));
    let feed = asked.accept();
    feed.snapshot("v1", json!([flag("f", true)]));
    assert_eq!(client.ready().await, Source::Live);
    assert_eq!(decide(&client), LIVE_ON);
    assert_eq!(client.decide("f", &[]).stale_for, None);
    let mut rings = client.subscribe();
    feed.change("v1", "v2", json!([flag("f", false), flag("g", true)]));
    rings.changed().await.unwrap();
    assert_eq!((client.is_enabled("f", &[]), client.is_enabled("g", &[])), (false, true));
    let removal = json!({ "since": "v2", "version": "v3", "removed": ["g"], "overrides": ["f"] });
    feed.event("change", "v3", &removal);
    until_version(&client, "v3").await;
    assert_eq!(decide(&client), (false, Reason::Override, Source::Live));
    assert_eq!(client.decide("g", &[]).reason, Reason::Unknown);
    assert!(client.is_enabled_or("g", &[], true) && !client.is_enabled_or("f", &[], true));
}

#[tokio::test]
async fn what_it_does_not_know_is_passed_over() {
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.send(": heartbeat\n\nevent: weather\ndata: sunny\n\nretry: 1\n\n");
    feed.event("change", "v2", &json!({ "since": "v1", "version": "v2", "colour": "red" }));
    until_version(&client, "v2").await;
    assert_eq!(decide(&client), LIVE_ON);
}

#[tokio::test]
async fn a_lost_stream_leaves_the_last_good_snapshot_and_is_resumed() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.change("v1", "v2", json!([]));
    until_version(&client, "v2").await;
    drop(feed);
    assert_eq!(until_lost(&client).await, "the server ended the stream");
    assert_eq!(decide(&client), STALE_ON);
    clock.advance(BACKOFF_MAX).await;
    let asked = server.stream().await;
    assert_eq!(asked.header("last-event-id"), Some("v2"));
    let feed = asked.accept();
    feed.send(":\n");
    until(&client, is_live).await;
    assert_eq!((decide(&client), client.decide("f", &[]).stale_for), (LIVE_ON, None));
    feed.change("v2", "v3", json!([flag("f", false)]));
    until_version(&client, "v3").await;
    assert_eq!(decide(&client), (false, Reason::Off, Source::Live));
}

#[tokio::test]
async fn a_decision_says_how_old_it_is() {
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.cut();
    let why = until_lost(&client).await;
    assert!(why.starts_with("the stream broke off"), "{why}");
    let [first, second] = [(); 2].map(|()| client.decide("f", &[]).stale_for.unwrap());
    assert!(second >= first && second < Duration::from_secs(60), "{first:?} {second:?}");
    assert_eq!(client.decide("f", &[]).to_string(), "on: boolean (memory, stale for 0 s)");
    assert_eq!(client.explain("f", &[]), "on because it is on for everyone (memory, stale for 0 s)");
}

#[tokio::test]
async fn an_event_that_was_cut_off_changes_nothing() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.send(
        r#"event: change\ndata: {"since": "v1", "version": "v2", "flags": [{"name": "f"}]}"#
            .replace("\\n", "\n"),
    );
    feed.cut();
    until_lost(&client).await;
    assert_eq!(decide(&client), STALE_ON);
    clock.advance(BACKOFF_MAX).await;
    let feed = server.stream().await.accept();
    feed.snapshot("v9", json!([]));
    until(&client, is_live).await;
    assert_eq!(decide(&client), (false, Reason::Unknown, Source::Caller));
}

#[tokio::test]
async fn a_gap_between_versions_is_noticed_and_a_whole_snapshot_fetched() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.change("v2", "v3", json!([flag("f", false)]));
    let why = until_lost(&client).await;
    assert_eq!(why, "a change is missing between version `v1` and `v2`; a whole snapshot is fetched");
    assert_eq!(decide(&client), STALE_ON);
    clock.advance(BACKOFF_MAX).await;
    let asked = server.stream().await;
    assert_eq!(asked.header("last-event-id"), None);
    let _feed = asked.accept_with_snapshot("v3", json!([flag("f", false)]));
    until_version(&client, "v3").await;
    assert!(!client.is_enabled("f", &[]));
}

#[tokio::test]
async fn a_change_before_any_snapshot_is_a_gap() {
    let mut server = Scripted::start().await;
    let client =
        server.client(|builder| builder.bootstrap(snapshot("v1", json!([])).to_string().into_bytes()));
    let feed = server.stream().await.accept();
    feed.change("v1", "v2", json!([flag("f", true)]));
    until_lost(&client).await;
    assert_eq!(decide(&client).1, Reason::Unknown);
}

/// Whatever `bytes` a stream brings after a good snapshot, that one decides on, and `why` is told.
async fn check_garbage(clock: &Clock, bytes: &str, why: &str) {
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    feed.send(bytes);
    let told = until_lost(&client).await;
    assert!(told.contains(why), "{told}");
    assert_eq!(decide(&client), STALE_ON);
    clock.advance(BACKOFF_MAX).await;
    assert_eq!(server.stream().await.header("last-event-id"), None);
}

#[tokio::test]
async fn garbage_never_replaces_the_last_good_snapshot() {
    let clock = Clock::by_hand();
    check_garbage(&clock, "event: change\ndata: {\n\n", "it is not the JSON of a feed").await;
    check_garbage(&clock, "event: snapshot\ndata: <html>\n\n", "it is not the JSON of a feed").await;
    check_garbage(&clock, "event: snapshot\ndata: []\n\n", "it is not the JSON of a feed").await;
    let off = |flag: Value| format!("event: snapshot\ndata: {}\n\n", snapshot("v2", json!([flag])));
    check_garbage(&clock, &off(json!({ "name": "no name" })), "flag `no name` may hold only").await;
    let state = |state: Value| off(json!({ "name": "f", "state": state }));
    check_garbage(&clock, &state(json!({ "actors": ["nobody"] })), "actor `nobody` is not of the form").await;
    check_garbage(&clock, &state(json!({ "percentage_of_actors": 101 })), "percentage `101` is not between")
        .await;
    check_garbage(
        &clock,
        &format!(":{}", "x".repeat(5_000)),
        "a line without data is longer than 4096 bytes",
    )
    .await;
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_dead() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let (client, feed) = server.live(json!([flag("f", true)])).await;
    clock.advance(SILENCE_MAX - Duration::from_secs(1)).await;
    feed.change("v1", "v2", json!([]));
    until_version(&client, "v2").await;
    clock.advance(SILENCE_MAX - Duration::from_secs(1)).await;
    tokio::task::yield_now().await;
    assert!(is_live(&client.health()));
    clock.advance(Duration::from_secs(1)).await;
    assert_eq!(until_lost(&client).await, "nothing was heard for 45 s");
    assert_eq!(decide(&client), STALE_ON);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_and_asked_again() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder);
    let _never_answered = server.stream().await;
    clock.advance(ANSWER_TIME_MAX + Duration::from_millis(1)).await;
    assert_eq!(until_lost(&client).await, "no answer within 20 s");
    assert_eq!(client.ready().await, Source::Caller);
    clock.advance(BACKOFF_MAX).await;
    let _feed = server.stream().await.accept_with_snapshot("v1", json!([flag("f", true)]));
    until(&client, is_live).await;
    assert_eq!(decide(&client), LIVE_ON);
}

#[tokio::test]
async fn nobody_listening_is_told() {
    let client = Client::builder("http://127.0.0.1:9").connect();
    assert_eq!(client.ready().await, Source::Caller);
    let why = until_lost(&client).await;
    assert!(why.starts_with("the server cannot be reached"), "{why}");
    client.shutdown().await;
    let stopped = Connection::Stopped { why: "the client was shut down".to_owned() };
    assert_eq!(client.health().connection, stopped);
}

/// What the health says after such a refusal, and that the client comes back after `wait` and no sooner.
async fn check_refusal(
    clock: &Clock,
    status: u16,
    body: &'static str,
    connection: Connection,
    wait: Duration,
) {
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder);
    let status = StatusCode::from_u16(status).unwrap();
    server.stream().await.answer((status, [(header::LOCATION, "https://elsewhere")], body));
    assert_eq!(
        until(&client, |health| health.connection != Connection::Connecting).await.connection,
        connection
    );
    clock.advance(wait).await;
    let _feed = server.stream().await.accept_with_snapshot("v1", json!([flag("f", true)]));
    until(&client, is_live).await;
}

#[tokio::test]
async fn refusals_are_told_with_what_to_do() {
    let clock = Clock::by_hand();
    let refused = |status, why: &str| Connection::Refused { status, why: why.to_owned() };
    let lost = |why: &str| Connection::Lost { why: why.to_owned() };
    let unauthorized = "the server answers 401: is the token right, and still valid?";
    check_refusal(&clock, 401, "", refused(401, unauthorized), REFUSED_WAIT).await;
    let scope = "the server answers 403: insufficient scope \
                 (the token needs the scope flags:read, and access to the environment)";
    check_refusal(&clock, 403, r#"{"detail": "insufficient scope"}"#, refused(403, scope), REFUSED_WAIT)
        .await;
    let not_found = "the server answers 404: 404 Not found (are the URL and the environment right?)";
    check_refusal(&clock, 404, r#"{"message": "404 Not found"}"#, refused(404, not_found), REFUSED_WAIT)
        .await;
    check_refusal(&clock, 500, "<html>oh</html>", lost("the server answers 500"), BACKOFF_MAX).await;
    let moved = "the server answers 301: moved to `https://elsewhere`; set that as the URL";
    check_refusal(&clock, 301, "", lost(moved), BACKOFF_MAX).await;
    let no_stream =
        "the answer is no event stream but `text/plain; charset=utf-8`; is the URL that of Wigwag?";
    check_refusal(&clock, 200, "hello", lost(no_stream), BACKOFF_MAX).await;
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_at_once() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder);
    server.stream().await.answer((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "7")]));
    until_lost(&client).await;
    // Whatever is drawn by lot, it is not before these 7 s.
    clock.advance(Duration::from_secs(6)).await;
    tokio::task::yield_now().await;
    assert!(matches!(client.health().connection, Connection::Lost { .. }));
    clock.advance(Duration::from_secs(2)).await;
    let _feed = server.stream().await.accept_with_snapshot("v1", json!([]));
    until(&client, is_live).await;
}

#[tokio::test]
async fn what_cannot_work_is_told_and_does_no_harm() {
    for (url, told) in [
        ("wigwag.example.com", "the URL `wigwag.example.com` is not of the form https://wigwag.example.com"),
        ("ftp://x", "the URL `ftp://x` is not of the form https://wigwag.example.com"),
        ("http://x/?a=b", "the URL `http://x/?a=b` is not of the form https://wigwag.example.com"),
        ("", "the URL `` is not of the form https://wigwag.example.com"),
    ] {
        let client = Client::builder(url).connect();
        client.ready().await;
        let Connection::Stopped { why } = client.health().connection else { panic!("{url}") };
        assert!(why.starts_with(told), "{why}");
        assert!(client.is_enabled_or("f", &[], true));
        client.shutdown().await;
    }
    let client = Client::builder("http://127.0.0.1:9").token("two\nlines").connect();
    client.ready().await;
    let why = "the token holds what no header may, such as a line's end".to_owned();
    assert_eq!(client.health().connection, Connection::Stopped { why });
    let client = Client::builder("https://127.0.0.1:9").certificate_authorities("no PEM").connect();
    client.ready().await;
    let why = "the certificate authorities that were given: there is no certificate in the PEM".to_owned();
    assert_eq!(client.health().connection, Connection::Stopped { why });
}

#[tokio::test]
async fn handles_go_on_over_every_kind_of_change() {
    let clock = Clock::by_hand();
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder);
    let handle = client.handle("f");
    assert_eq!(handle.decide(&[]).reason, Reason::NotReady);
    let feed = server.stream().await.accept();
    feed.snapshot("v1", json!([flag("a", true), flag("f", true)]));
    until(&client, is_live).await;
    assert!(handle.is_enabled(&[]));
    feed.event("change", "v2", &json!({ "since": "v1", "version": "v2", "removed": ["f"] }));
    until_version(&client, "v2").await;
    assert_eq!(handle.decide_or(&[], true), client.decide_or("f", &[], true));
    assert!(handle.is_enabled_or(&[], true) && !handle.is_enabled(&[]));
    feed.change("v2", "v3", json!([flag("f", true)]));
    until_version(&client, "v3").await;
    assert!(handle.is_enabled(&[]));
    drop(feed);
    until_lost(&client).await;
    clock.advance(BACKOFF_MAX).await;
    let _feed = server.stream().await.accept_with_snapshot("w1", json!([flag("z", true), flag("f", false)]));
    until_version(&client, "w1").await;
    assert_eq!((handle.is_enabled(&[]), handle.name()), (false, "f"));
}
