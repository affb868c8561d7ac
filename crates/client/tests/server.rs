//! The client against the real server: everything over HTTP, nothing imitated.

mod house;

use std::time::{Duration, Instant};

use house::{until, until_enabled};
use serde_json::{Value, json};
use tempfile::TempDir;
use wigwag_client::{Client, Connection, Reason, Source};

const FLAG: &str = "new_checkout";

#[tokio::test]
async fn every_kind_of_change_arrives() {
    let (server, client) = house::pair(|builder| builder).await;
    let root = server.root();
    assert_eq!(client.ready().await, Source::Live);
    assert_eq!(client.health().environment.as_deref(), Some("production"));
    assert!(client.is_enabled("auto_disabling_web_hooks", &[]), "its default");
    assert_eq!(client.decide(FLAG, &[]).reason, Reason::Unknown);

    house::store(&root, FLAG, json!({ "actors": ["Project:1"], "percentage_of_actors": 50.0 })).await;
    until_enabled(&client, FLAG, &["Project:1"], true).await;
    let listed = client.decide(FLAG, &["Project:1"]);
    assert_eq!((listed.reason, listed.source, listed.stale_for), (Reason::Actors, Source::Live, None));
    for number in 2..200 {
        let actor = format!("Project:{number}");
        let theirs = root.get(&format!("/v1/flags/{FLAG}/explain?actor={actor}")).await.ok();
        assert_eq!(client.is_enabled(FLAG, &[&actor]), theirs["enabled"], "{actor}: {theirs}");
    }

    let mut rings = client.subscribe();
    root.put(&format!("/v1/flags/{FLAG}/override"), json!({})).await.ok();
    until_enabled(&client, FLAG, &["Project:1"], false).await;
    assert_eq!(client.decide(FLAG, &["Project:1"]).reason, Reason::Override);
    // The override was recorded: what is stored now is off too.
    root.delete(&format!("/v1/flags/{FLAG}/override")).await.done();
    while client.decide(FLAG, &["Project:1"]).reason != Reason::Off {
        rings.changed().await.unwrap();
    }
    house::store(&root, FLAG, json!({ "boolean": true })).await;
    until_enabled(&client, FLAG, &["Project:1"], true).await;

    let null = json!({ "state": null, "force": true });
    root.put(&format!("/v1/flags/{FLAG}/state"), null).await.ok();
    until_enabled(&client, FLAG, &["Project:1"], false).await;
    assert_eq!(client.decide(FLAG, &["Project:1"]).reason, Reason::Unknown);
    client.shutdown().await;
}

#[tokio::test]
async fn another_environment_has_its_own_flags() {
    let (server, client) = house::pair(|builder| builder.environment("staging")).await;
    client.ready().await;
    house::store_in(&server.root(), "production", FLAG, json!({ "boolean": true })).await;
    house::store_in(&server.root(), "staging", "other", json!({ "boolean": true })).await;
    until_enabled(&client, "other", &[], true).await;
    assert_eq!(client.decide(FLAG, &[]).reason, Reason::Unknown);
    assert_eq!(client.health().environment.as_deref(), Some("staging"));

    let nowhere = house::client_of(&server, |builder| builder.environment("nowhere"));
    nowhere.ready().await;
    let Connection::Refused { status: 404, why } = nowhere.health().connection else {
        panic!("{:?}", nowhere.health())
    };
    assert!(why.contains("are the URL and the environment right?"), "{why}");
}

#[tokio::test]
async fn a_token_that_will_not_do_is_told() {
    let (server, _) = house::pair(|builder| builder).await;
    let wrong = Client::builder(format!("http://{}", server.address)).token("nobody's").connect();
    wrong.ready().await;
    assert!(matches!(wrong.health().connection, Connection::Refused { status: 401, .. }), "{wrong:?}");
    let reader = server.user_with("events", &["events:write"]).await;
    let narrow = Client::builder(format!("http://{}", server.address)).token(reader.token()).connect();
    narrow.ready().await;
    assert!(matches!(narrow.health().connection, Connection::Refused { status: 403, .. }), "{narrow:?}");
    assert!(narrow.is_enabled_or(FLAG, &[], true));
}

#[tokio::test]
async fn decisions_are_counted_on_the_server() {
    let every = Duration::from_millis(100);
    let (server, client) = house::pair(|builder| builder.report_exposures_every(every)).await;
    let root = server.root();
    house::store(&root, FLAG, json!({ "actors": ["Project:1"] })).await;
    until_enabled(&client, FLAG, &["Project:1"], true).await;
    client.shutdown().await;
    let counted = root.get(&format!("/v1/flags/{FLAG}/exposures")).await.ok();
    let count = |reason: &str| {
        let rows = counted["totals"].as_array().unwrap();
        rows.iter().find(|row| row["reason"] == reason).map_or(Value::Null, |row| row["count"].clone())
    };
    assert_eq!(count("actors"), 1, "{counted}");
    assert_eq!(client.health().exposures, None);
}

#[tokio::test]
async fn a_server_that_goes_away_takes_no_flag_along() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("flags.snapshot");
    let (server, client) = house::pair(|builder| builder.snapshot_file(&file)).await;
    house::store(&server.root(), FLAG, json!({ "boolean": true })).await;
    until_enabled(&client, FLAG, &[], true).await;
    drop(server);
    client.shutdown().await;
    assert!(client.is_enabled(FLAG, &[]));
    let reborn = Client::builder("http://127.0.0.1:9").snapshot_file(&file).connect();
    assert_eq!(reborn.decide(FLAG, &[]).source, Source::SnapshotFile);
    assert!(reborn.is_enabled(FLAG, &[]));
}

#[tokio::test]
async fn what_the_server_gives_is_a_bootstrap() {
    let (server, _) = house::pair(|builder| builder).await;
    house::store(&server.root(), FLAG, json!({ "boolean": true })).await;
    let json = server.root().get("/v1/flags/snapshot").await;
    json.ok();
    let client = Client::builder("http://127.0.0.1:9").bootstrap(json.body.to_vec()).connect();
    assert_eq!(client.health().snapshot_file, None);
    assert_eq!(client.decide(FLAG, &[]).source, Source::Bootstrap);
    assert!(client.is_enabled(FLAG, &[]));
}

/// Prints what a change takes; the figures themselves are those of a release build (see docs/performance.md).
#[tokio::test]
async fn a_change_is_there_soon_after_its_answer() {
    let (server, client) = house::pair(|builder| builder).await;
    let root = server.root();
    client.ready().await;
    let mut took_ms = Vec::new();
    for round in 0..20 {
        let on = round % 2 == 0;
        house::store(&root, FLAG, json!({ "boolean": on })).await;
        let answered = Instant::now();
        until_enabled(&client, FLAG, &[], on).await;
        took_ms.push(answered.elapsed().as_secs_f64() * 1000.0);
    }
    took_ms.sort_by(f64::total_cmp);
    println!("from the answer to the client: median {:.2} ms, longest {:.2} ms", took_ms[10], took_ms[19]);
    until(&client, |health| health.connection == Connection::Live).await;
}
