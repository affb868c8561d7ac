use crate::streamed::Streamed;
use crate::world::World;
use serde_json::json;
use std::time::Duration;
use wigwag_testkit::{Client, Server, Setup};

const ALL: &str = "/ofrep/v1/evaluate/flags";
const FEATURE: &str = "/api/v4/features/webhooks_failed_callout";

/// The address that a bulk evaluation gives.
async fn address(client: &Client, all: &str) -> String {
    let answer = client.post(all, json!({})).await.ok();
    let stream = &answer["eventStreams"][0];
    assert_eq!((&stream["type"], &stream["inactivityDelaySec"]), (&json!("sse"), &json!(120)));
    stream["endpoint"]["requestUri"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_browser_hears_of_changes_by_the_address_that_it_was_given() {
    let world = World::new().await;
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let address = address(&reader, ALL).await;
    assert!(!address.contains(reader.token()), "{address}");
    let mut stream = Streamed::open_with(&reader, &address, None, "").await;
    let first = stream.next().await;
    assert_eq!((&first.name, &first.json()["type"]), (&String::new(), &json!("refetchEvaluation")));
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    let told = stream.next().await;
    assert_ne!(told.id, first.id);
    let after = reader.post(ALL, json!({})).await.ok();
    assert_eq!(told.json()["etag"], after["metadata"]["version"]);
    assert_eq!(told.json().as_object().unwrap().len(), 2, "it carries no flags");
}

#[tokio::test]
async fn a_stream_that_comes_back_is_told_only_of_what_it_missed() {
    let world = World::new().await;
    let address = address(&world.root, ALL).await;
    let seen = Streamed::open_with(&world.root, &address, None, "").await.next().await.id;
    let mut level = Streamed::open_with(&world.root, &address, Some(&seen), "").await;
    for value in [true, false, true] {
        world.root.post(FEATURE, json!({ "value": value })).await.created();
    }
    let first = level.next().await.id;
    assert_ne!(first, seen, "nothing was missed, so nothing is told before the change");
    let mut again = Streamed::open_with(&world.root, &address, Some(&seen), "").await;
    let now = world.root.get("/v1/flags/snapshot").await.ok()["version"].clone();
    assert_eq!(again.next().await.id, now, "several are one");
}

#[tokio::test]
async fn the_environment_is_the_one_that_was_evaluated() {
    let world = World::new().await;
    let staging = address(&world.root, &format!("/environments/staging{ALL}")).await;
    let mut by_ticket = Streamed::open_with(&world.root, &staging, None, "").await;
    let mut by_token = Streamed::open(&world.root, "/environments/staging/ofrep/v1/events", None).await;
    let begun = by_ticket.next().await.id;
    assert_eq!(by_token.next().await.id, begun);
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    world.root.post(&format!("/environments/staging{FEATURE}"), json!({ "value": true })).await.created();
    let now = world.root.get("/v1/flags/snapshot?environment=staging").await.ok()["version"].clone();
    assert_eq!(by_ticket.next().await.id, now);
    assert_eq!(by_token.next().await.id, now);
}

#[tokio::test]
async fn a_ticket_holds_for_one_window_more_and_only_as_long_as_its_token() {
    let world = World::new().await;
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let first = address(&reader, ALL).await;
    let tag = reader.post(ALL, json!({})).await.header("etag").to_owned();
    let again =
        async || reader.request("POST", ALL).header("if-none-match", &tag).json(&json!({})).send().await;
    assert_eq!(address(&reader, ALL).await, first, "a client keeps the stream that it has");
    assert_eq!(again().await.status, 304);
    let window = Duration::from_secs(30 * 60);
    world.server.advance(window);
    assert_eq!(again().await.status, 200, "the answer brings a new address");
    let second = address(&reader, ALL).await;
    assert_ne!(second, first);
    Streamed::open_with(&reader, &first, None, "").await.next().await;
    world.server.advance(window);
    assert_eq!(reader.anonymous().get(&first).await.expect(401)["errorCode"], "GENERAL");
    Streamed::open_with(&reader, &second, None, "").await.next().await;
    reader.delete("/api/v4/personal_access_tokens/self").await.done();
    assert_eq!(reader.anonymous().get(&second).await.expect(401)["errorCode"], "GENERAL");
}

#[tokio::test]
async fn what_is_no_ticket_opens_nothing() {
    let world = World::new().await;
    let anyone = world.root.anonymous();
    let good = address(&world.root, ALL).await;
    let refused =
        async |path: &str| assert_eq!(anyone.get(path).await.expect(401)["errorCode"], "GENERAL", "{path}");
    refused("/ofrep/v1/events").await;
    refused("/ofrep/v1/events?ticket=").await;
    refused("/ofrep/v1/events?ticket=AAAA").await;
    refused(&format!("/ofrep/v1/events?ticket={}", "A".repeat(600))).await;
    refused(&format!("{good}A")).await;
    let (path, ticket) = good.split_once('=').unwrap();
    for index in 0..ticket.len() {
        let mut letters = ticket.as_bytes().to_vec();
        letters[index] = if letters[index] == b'A' { b'B' } else { b'A' };
        refused(&format!("{path}={}", String::from_utf8(letters).unwrap())).await;
    }
    let metrics = world.server.user_with("met", &["metrics"]).await;
    assert_eq!(metrics.get("/ofrep/v1/events").await.expect(403)["errorCode"], "GENERAL");
}

#[tokio::test]
async fn pages_of_the_configured_origins_may_ask() {
    let mut setup = Setup::default();
    setup.settings.embed_origins = vec!["https://shop.example".into()];
    let server = Server::with(setup).await;
    let asked = async |origin: &str| {
        let request = server.root().request("POST", ALL).header("origin", origin).json(&json!({}));
        request.send().await.header("access-control-allow-origin").to_owned()
    };
    assert_eq!(asked("https://shop.example").await, "https://shop.example");
    assert_eq!(asked("https://evil.example").await, "");
    let preflight =
        server.root().anonymous().request("OPTIONS", ALL).header("origin", "https://shop.example");
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight =
        preflight.header("access-control-request-headers", "x-api-key,if-none-match,content-type");
    let answer = preflight.outside_of_document().send().await;
    let headers = answer.header("access-control-allow-headers");
    assert!(
        ["x-api-key", "if-none-match", "authorization"].iter().all(|name| headers.contains(name)),
        "{headers}"
    );
    let stream = address(&server.root(), ALL).await;
    let stream = Streamed::open_with(&server.root(), &stream, None, "Origin: https://shop.example\r\n").await;
    assert!(stream.head.contains("access-control-allow-origin: https://shop.example"), "{}", stream.head);
}
