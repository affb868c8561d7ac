//! The data key: from a file or the environment, and changed for another one.

use crate::world::{Ended, Server, World, database};
use serde_json::json;
use std::fs;
use tokio::process::Command;

/// A server with a hook that has a secret; the hook's route.
async fn with_secret(server: &Server) -> String {
    let hook = json!({ "url": "http://127.0.0.1:9/", "token": "s3cret-token" });
    let made = server.root.post("/api/v4/hooks", hook).await.created();
    format!("/api/v4/hooks/{}", made["id"])
}

async fn holds(server: &Server, hook: &str) {
    assert_eq!(server.root.get(hook).await.ok()["token_present"], true);
}

async fn told(command: Command) -> String {
    let ended = Ended::of(command).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[tokio::test]
async fn a_stopped_server_gets_another_key_and_loses_nothing() {
    let world = World::new();
    let server = world.start().await;
    let hook = with_secret(&server).await;
    let rotate = || world.wigwag(&["data-key", "rotate"]);
    Ended::of(rotate())
        .await
        .refused(1, &["wigwag.sqlite is in use by another process; stop that one first"]);
    server.stop().await;
    let key = world.path("wigwag-data/data.key");
    let before = fs::read(&key).unwrap();
    let words = told(rotate()).await;
    assert!(words.starts_with("4 secret values are sealed under the new key\nCopies"), "{words}");
    assert_ne!(fs::read(&key).unwrap(), before);
    assert!(!world.path("wigwag-data/data.key.next").exists());
    let server = world.start().await;
    holds(&server, &hook).await;
    server.stop().await;
    let after = fs::read(&key).unwrap();
    fs::write(&key, &before).unwrap();
    Ended::of(world.serve(&[])).await.refused(1, &["the data key is not the one"]);
    Ended::of(rotate()).await.refused(1, &["the data key is not the one"]);
    // What the failed rotations drew is of no use and harms nobody.
    fs::write(&key, after).unwrap();
    assert!(world.path("wigwag-data/data.key.next").exists());
    let mut given = rotate();
    given.env("WIGWAG_NEW_DATA_KEY", "cd".repeat(32));
    told(given).await;
    assert_eq!(fs::read(&key).unwrap(), [0xcd; 32], "the key that was given, not the one that lay there");
    let server = world.start().await;
    holds(&server, &hook).await;
    server.stop().await;
}

#[tokio::test]
async fn a_rotation_that_was_cut_off_is_ended() {
    for ends_with_a_start in [true, false] {
        let world = World::new();
        let server = world.start().await;
        let hook = with_secret(&server).await;
        server.stop().await;
        let (key, next) = (world.path("wigwag-data/data.key"), world.path("wigwag-data/data.key.next"));
        let before = fs::read(&key).unwrap();
        told(world.wigwag(&["data-key", "rotate"])).await;
        // As a crash leaves it before its last step.
        fs::rename(&key, &next).unwrap();
        fs::write(&key, before).unwrap();
        if !ends_with_a_start {
            let words = told(world.wigwag(&["data-key", "rotate", "--json"])).await;
            assert_eq!(words, "{\"sealed\":0}\n");
        }
        let server = world.start().await;
        holds(&server, &hook).await;
        server.stop().await;
        assert!(!next.exists());
    }
}

#[tokio::test]
async fn the_key_may_come_from_the_environment_or_lie_elsewhere() {
    let world = World::new();
    let (one, other) = ("01".repeat(32), "ab".repeat(32));
    let with = |mut command: Command, variables: &[(&str, &str)]| {
        command.envs(variables.iter().copied());
        command
    };
    let start = |key: &str| Server::start(with(world.serve(&[]), &[("WIGWAG_DATA_KEY", key)]));
    let server = start(&one).await;
    let hook = with_secret(&server).await;
    server.stop().await;
    assert!(!world.path("wigwag-data/data.key").exists());
    let rotate = world.wigwag(&["data-key", "rotate"]);
    Ended::of(with(rotate, &[("WIGWAG_DATA_KEY", &one)])).await.refused(1, &["WIGWAG_NEW_DATA_KEY"]);
    let rotate = world.wigwag(&["data-key", "rotate"]);
    told(with(rotate, &[("WIGWAG_DATA_KEY", &one), ("WIGWAG_NEW_DATA_KEY", &other)])).await;
    let old = with(world.serve(&[]), &[("WIGWAG_DATA_KEY", one.as_str())]);
    Ended::of(old).await.refused(1, &["the data key is not the one"]);
    let server = start(&other).await;
    holds(&server, &hook).await;
    server.stop().await;
    for wrong in ["", "01", &"zz".repeat(32), &format!("{one}0")] {
        let told = ["WIGWAG_DATA_KEY must be 64 hexadecimal digits"];
        let ended = Ended::of(with(world.serve(&[]), &[("WIGWAG_DATA_KEY", wrong)])).await;
        ended.refused(2, &told);
        assert!(wrong.is_empty() || !ended.stderr.contains(wrong) || wrong == "01");
    }
    fs::write(world.path("elsewhere"), [0xab; 32]).unwrap();
    let server = Server::start(world.serve(&["--data-key-file", "elsewhere"])).await;
    holds(&server, &hook).await;
    server.stop().await;
    assert!(database(&world).exists());
}
