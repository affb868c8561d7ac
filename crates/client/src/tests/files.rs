//! Snapshot file, bootstrap and override file, as the whole client uses them.

use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use super::house::{Clock, Scripted, flag, is_live, snapshot, until, until_version};
use crate::limits::SNAPSHOT_FILE_EVERY;
use crate::{Builder, Client, Reason, Source};

/// A client whose server is away.
fn alone(build: impl FnOnce(Builder) -> Builder) -> Client {
    build(Client::builder("http://127.0.0.1:9")).connect()
}

#[tokio::test]
async fn the_snapshot_file_outlives_the_program_and_the_server() {
    let (folder, clock) = (TempDir::new().unwrap(), Clock::by_hand());
    let file = folder.path().join("flags.snapshot");
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder.environment("production").snapshot_file(&file));
    let feed = server.stream().await.accept();
    feed.snapshot("v1", json!([flag("f", true)]));
    until(&client, is_live).await;
    feed.change("v1", "v2", json!([{ "name": "g", "default_enabled": true }]));
    until_version(&client, "v2").await;
    clock.advance(SNAPSHOT_FILE_EVERY).await;
    client.shutdown().await;
    drop((client, server));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let client = alone(|builder| builder.environment("production").snapshot_file(&file));
    let decision = client.decide("f", &[]);
    assert_eq!(
        (decision.enabled, decision.reason, decision.source),
        (true, Reason::Boolean, Source::SnapshotFile)
    );
    assert!(decision.stale_for.is_some());
    assert!(client.is_enabled("g", &[]));
    assert_eq!(client.ready().await, Source::SnapshotFile);

    let other = alone(|builder| builder.environment("staging").snapshot_file(&file));
    assert_eq!(other.decide("f", &[]).reason, Reason::NotReady);
    let trouble = other.health().snapshot_file.unwrap();
    assert!(trouble.contains("of another environment"), "{trouble}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_and_does_no_harm() {
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder.snapshot_file("/nowhere/flags.snapshot"));
    let feed = server.stream().await.accept();
    feed.snapshot("v1", json!([flag("f", true)]));
    let health = until(&client, |health| health.snapshot_file.is_some()).await;
    assert!(health.snapshot_file.unwrap().contains("No such file"));
    assert!(client.is_enabled("f", &[]));
}

#[tokio::test]
async fn a_bootstrap_serves_until_something_better_is_there() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bootstrap.json");
    fs::write(&file, snapshot("built-in", json!([flag("f", true)])).to_string()).unwrap();
    let client = alone(|builder| builder.bootstrap(file.as_path()));
    let decision = client.decide("f", &[]);
    assert_eq!((decision.enabled, decision.source, decision.stale_for), (true, Source::Bootstrap, None));

    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder.bootstrap(file.as_path()));
    let asked = server.stream().await;
    assert_eq!(asked.header("last-event-id"), None);
    let _feed = asked.accept_with_snapshot("v1", json!([flag("f", false)]));
    until(&client, is_live).await;
    assert_eq!(client.decide("f", &[]).reason, Reason::Off);

    let client = alone(|builder| builder.bootstrap(b"{}"));
    assert_eq!(client.decide("f", &[]).reason, Reason::NotReady);
    assert!(client.health().snapshot_file.unwrap().starts_with("the bootstrap is ignored"));
    let client = alone(|builder| builder.bootstrap(Path::new("/nowhere.json")));
    assert!(client.health().snapshot_file.unwrap().contains("No such file"));
}

#[tokio::test]
async fn the_override_file_switches_off_with_and_without_a_server() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("overrides.json");
    let bootstrap = snapshot("v1", json!([flag("f", true), flag("g", true)])).to_string().into_bytes();
    let client = alone(|builder| builder.bootstrap(bootstrap).override_file(&file));
    let mut rings = client.subscribe();
    assert!(client.is_enabled("f", &[]) && client.is_enabled_or("unknown", &[], true));
    fs::write(&file, r#"{"overrides": [{"flag": "f"}, {"flag": "unknown"}]}"#).unwrap();
    rings.changed().await.unwrap();
    let decision = client.decide_or("f", &[], true);
    assert_eq!(
        (decision.enabled, decision.reason, decision.source),
        (false, Reason::Override, Source::OverrideFile)
    );
    assert_eq!(client.explain("f", &[]), "off because an override switches it off (override_file)");
    assert!(!client.is_enabled_or("unknown", &[], true) && client.is_enabled("g", &[]));
    fs::write(&file, "g\n").unwrap();
    rings.changed().await.unwrap();
    assert!(client.is_enabled("f", &[]) && !client.is_enabled("g", &[]));
    fs::remove_file(&file).unwrap();
    rings.changed().await.unwrap();
    assert!(client.is_enabled("f", &[]) && client.is_enabled("g", &[]));
}

#[tokio::test]
async fn an_override_holds_from_the_first_decision_on_and_over_news_from_the_server() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("overrides.json");
    fs::write(&file, "f # see incident 12\n").unwrap();
    let mut server = Scripted::start().await;
    let client = server.client(|builder| builder.override_file(&file));
    assert_eq!(client.decide_or("f", &[], true).reason, Reason::Override);
    let feed = server.stream().await.accept();
    feed.snapshot("v1", json!([flag("f", true), flag("g", true)]));
    until(&client, is_live).await;
    assert_eq!(client.decide("f", &[]).source, Source::OverrideFile);
    feed.event("change", "v2", &json!({ "since": "v1", "version": "v2", "overrides": ["g"] }));
    until_version(&client, "v2").await;
    assert_eq!(
        (client.decide("f", &[]).source, client.decide("g", &[]).source),
        (Source::OverrideFile, Source::Live)
    );
    assert_eq!(client.health().overridden, ["f"]);
}
