use crate::streamed::Streamed;
use crate::world::World;
use serde_json::{Value, json};
use wigwag_base::Secret;
use wigwag_engine::Credential;
use wigwag_engine::flags::{FlagChange, Mode, Occasion, TargetNames, UnknownFlag};
use wigwag_flags::{Change, Origin};

const STREAM: &str = "/v1/flags/stream";
const FEATURE: &str = "/api/v4/features/webhooks_failed_callout";

#[tokio::test]
async fn a_stream_begins_with_everything_and_goes_on_with_each_change() {
    let world = World::new().await;
    let mut stream = Streamed::open(&world.root, STREAM, None).await;
    let first = stream.next().await;
    assert_eq!(first.name, "snapshot");
    assert_eq!(first.json(), world.root.get("/v1/flags/snapshot").await.ok());
    assert_eq!(first.id, first.json()["version"]);
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    let change = stream.next().await;
    assert_eq!(change.name, "change");
    let told = change.json();
    assert_eq!((&told["since"], &told["version"]), (&json!(first.id), &json!(change.id)));
    let names: Vec<&Value> = told["flags"].as_array().unwrap().iter().map(|flag| &flag["name"]).collect();
    assert_eq!(names, ["webhooks_failed_callout"]);
    assert_eq!(told["flags"][0]["state"]["boolean"], true);
    assert_eq!(told["groups"], Value::Null);
    world.root.post("/api/v4/features/stray", json!({ "value": true, "force": true })).await.created();
    assert_eq!(stream.next().await.json()["flags"][0]["name"], "stray");
    world.root.delete("/api/v4/features/stray").await.done();
    assert_eq!(stream.next().await.json()["removed"], json!(["stray"]));
}

#[tokio::test]
async fn a_stream_that_comes_back_goes_on_where_it_was() {
    let world = World::new().await;
    let mut stream = Streamed::open(&world.root, STREAM, None).await;
    let seen = stream.next().await.id;
    drop(stream);
    for value in [true, false] {
        world.root.post(FEATURE, json!({ "value": value })).await.created();
    }
    let mut again = Streamed::open(&world.root, STREAM, Some(&seen)).await;
    let (one, two) = (again.next().await.json(), again.next().await.json());
    assert_eq!((&one["since"], &one["flags"][0]["state"]["boolean"]), (&json!(seen), &json!(true)));
    assert_eq!((&two["since"], &two["flags"][0]["state"]["boolean"]), (&one["version"], &json!(false)));
    let now = two["version"].as_str().unwrap();
    let mut level = Streamed::open(&world.root, STREAM, Some(now)).await;
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    assert_eq!(level.next().await.json()["since"], now);
    let mut stranger = Streamed::open(&world.root, STREAM, Some("another-7")).await;
    assert_eq!(stranger.next().await.name, "snapshot");
}

#[tokio::test]
async fn each_environment_has_a_stream_of_its_own() {
    let world = World::new().await;
    let mut canary = Streamed::open(&world.root, &format!("{STREAM}?environment=staging-canary"), None).await;
    assert_eq!(canary.next().await.json()["environment"], "staging-canary");
    world.root.post(FEATURE, json!({ "value": true })).await.created();
    world.root.post(&format!("/environments/staging{FEATURE}"), json!({ "value": false })).await.created();
    assert_eq!(canary.next().await.json()["flags"][0]["state"]["boolean"], false);
}

#[tokio::test]
async fn a_bound_token_streams_its_environment() {
    let world = World::new().await;
    let staging = world.bound(&["staging"], &["flags:read"]).await;
    let mut stream = Streamed::open(&staging, STREAM, None).await;
    assert_eq!(stream.next().await.json()["environment"], "staging");
    assert_eq!(staging.get(&format!("{STREAM}?environment=production")).await.problem(403), "forbidden");
    assert_eq!(staging.get("/v1/flags/snapshot?environment=dev").await.problem(403), "forbidden");
    assert_eq!(staging.get("/v1/flags/snapshot").await.ok()["environment"], "staging");
}

#[tokio::test]
async fn flags_that_change_together_are_told_together() {
    let world = World::new().await;
    let mut stream = Streamed::open(&world.root, STREAM, None).await;
    stream.next().await;
    let token = Credential::PrivateToken(Secret::new(world.root.token().to_owned()));
    let root = world.server.engine.authenticate(&token).await.unwrap();
    let change = |flag: &str| FlagChange {
        environment: "production".into(),
        flag: flag.parse().unwrap(),
        change: Change::EnableEveryone,
        names: TargetNames::default(),
    };
    let occasion = Occasion {
        via: "test".into(),
        origin: Origin::Command,
        reason: None,
        unknown: UnknownFlag::Accept,
        mode: Mode::Make,
        spoken: None,
    };
    let together = ["one", "two", "three"].map(change).into();
    world.server.engine.set_flags(&root, together, occasion).await.unwrap();
    let told = stream.next().await.json();
    let names: Vec<&Value> = told["flags"].as_array().unwrap().iter().map(|flag| &flag["name"]).collect();
    assert_eq!(names, ["one", "three", "two"]);
}

#[tokio::test]
async fn overrides_and_their_end_are_told() {
    let world = World::new().await;
    let mut stream = Streamed::open(&world.root, STREAM, None).await;
    stream.next().await;
    let path = "/v1/flags/webhooks_failed_callout/override";
    world.root.put(path, json!({})).await.ok();
    assert_eq!(stream.next().await.json()["overrides"], json!(["webhooks_failed_callout"]));
    let other = Streamed::open(&world.root, STREAM, None).await.next().await.json();
    assert_eq!(other["overrides"], json!(["webhooks_failed_callout"]));
}

#[tokio::test]
async fn who_may_not_read_flags_gets_no_stream() {
    let world = World::new().await;
    assert_eq!(world.root.anonymous().get(STREAM).await.problem(401), "unauthorized");
    assert_eq!(world.maintainer.get(STREAM).await.problem(403), "forbidden");
    assert_eq!(world.root.get(&format!("{STREAM}?environment=moon")).await.problem(404), "not_found");
}
