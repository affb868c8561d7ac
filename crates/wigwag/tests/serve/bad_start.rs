//! Every start that cannot be: the exit code, what is said, and that a start without the fault then works.

use crate::world::{Ended, Server, World, database, names};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::FileExt;

/// Where SQLite keeps `user_version` in a file.
const USER_VERSION_AT: u64 = 60;

/// A folder with a stopped server's data.
async fn used() -> World {
    let world = World::new();
    world.start().await.stop().await;
    world
}

async fn check(world: &World, words: &[&str], code: i32, told: &[&str]) {
    Ended::of(world.serve(words)).await.refused(code, told);
}

#[tokio::test]
async fn port_in_use() {
    let world = World::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = ["cannot listen on", &address, "choose another with --listen"];
    check(&world, &["--listen", &address], 1, &told).await;
    assert_eq!(names(&world.path("")), [""; 0], "nothing was made");
    drop(taken);
    Server::start(world.serve(&["--listen", &address])).await.stop().await;
}

#[tokio::test]
async fn a_port_that_needs_rights_or_an_address_that_is_not_here() {
    check(&World::new(), &["--listen", "192.0.2.1:8080"], 1, &["cannot listen on 192.0.2.1:8080"]).await;
}

#[tokio::test]
async fn data_folder_in_use_by_another_process() {
    let world = World::new();
    let first = world.start().await;
    check(&world, &[], 1, &["wigwag.sqlite is in use by another process; stop that one first"]).await;
    assert_eq!(first.root.get("/readyz").await.ok()["status"], "ok");
    first.stop().await;
    world.start().await.stop().await;
}

#[tokio::test]
async fn unwritable_data_folder() {
    let world = World::new();
    world.write("file", "");
    let told = ["the data folder", "choose another with --data"];
    check(&world, &["--data", "file/below"], 1, &told).await;
    check(&world, &["--data", "file"], 1, &told).await;
    check(&world, &["--data", "/proc/wigwag"], 1, &told).await;
    check(&world, &["--data", "/proc"], 1, &["cannot write into the data folder /proc"]).await;
}

#[tokio::test]
async fn database_that_is_none() {
    let world = used().await;
    let good = fs::read(database(&world)).unwrap();
    let told = ["wigwag.sqlite is not a Wigwag store; name another file, or move this one away"];
    for garbage in [b"what is this?".repeat(1_000), [b"SQLite format 3\0".as_slice(), &[7; 9_000]].concat()] {
        fs::write(database(&world), &garbage).unwrap();
        check(&world, &[], 1, &told).await;
        assert_eq!(fs::read(database(&world)).unwrap(), garbage, "left as it was");
    }
    fs::write(database(&world), good).unwrap();
    world.start().await.stop().await;
}

#[tokio::test]
async fn database_of_another_version() {
    let world = used().await;
    let version = |bytes: [u8; 4]| {
        let file = fs::OpenOptions::new().write(true).open(database(&world)).unwrap();
        file.write_all_at(&bytes, USER_VERSION_AT).unwrap();
    };
    version([0, 0, 0, 99]);
    let told = ["tables of version 99, this program knows version 4", "start the version that wrote it"];
    check(&world, &[], 1, &told).await;
    version([0, 0, 0, 4]);
    world.start().await.stop().await;
}

#[tokio::test]
async fn data_key_missing_damaged_or_another() {
    let world = used().await;
    let key = world.path("wigwag-data/data.key");
    let good = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    check(&world, &[], 1, &["data.key is missing", "Restore it"]).await;
    assert!(!key.exists(), "no new key is made for an old database");
    fs::write(&key, &good[1..]).unwrap();
    check(&world, &[], 1, &["data.key is damaged: it must hold exactly 32 bytes", "Restore it"]).await;
    fs::write(&key, [7; 32]).unwrap();
    check(&world, &[], 1, &["the data key is not the one", "start with that key"]).await;
    fs::write(&key, good).unwrap();
    world.start().await.stop().await;
}

#[tokio::test]
async fn wrong_settings_are_refused_before_anything_is_made() {
    let world = World::new();
    for (file, told) in [
        ("listen = ", ["wigwag.toml is no TOML", "line 1"]),
        (
            "data = \"d\"\nlissten = \"x\"",
            ["wigwag.toml: there is no setting \"lissten\"", "there are listen, data"],
        ),
        ("listen = 8080", ["listen: must be a text", ""]),
        ("listen = \"8080\"", ["listen: \"8080\" is no address", "such as 127.0.0.1:8080"]),
        ("retention_s = \"7 days\"", ["retention_s: must be a whole number from 1", ""]),
        ("delivery_deadline_s = 315360001", ["delivery_deadline_s: 315360001 is more than 315360000", ""]),
        ("retention_s = -1", ["retention_s: must be a whole number from 1", ""]),
        ("waiting_per_hook_max = 0", ["waiting_per_hook_max: must be a whole number from 1", ""]),
        ("event_bytes_max = 26214401", ["event_bytes_max: 26214401 is more than 26214400", "25 MiB"]),
        ("redirects = \"follow\"", ["redirects: \"follow\" must be refuse or accept", ""]),
        ("retry_delays_s = 5", ["retry_delays_s: must be a list of seconds such as [5, 30, 120]", ""]),
        ("retry_delays_s = [1.5]", ["retry_delays_s: every delay must be a whole number", ""]),
        ("failure_policy = 4", ["failure_policy: must be a table such as {", ""]),
        ("failure_policy = { treshold = 4 }", ["failure_policy: there is no \"treshold\"", "threshold"]),
        ("failure_policy = { factor = 0.5 }", ["failure_policy: ", "factor"]),
        ("failure_policy = { factor = 1000 }", ["failure_policy: ", "factor"]),
        ("failure_policy = { factor = \"2\" }", ["failure_policy.factor: must be a number", ""]),
        ("failure_policy = { threshold = 0 }", ["failure_policy: ", "threshold"]),
        ("failure_policy = { threshold = 5000000000 }", ["failure_policy.threshold", ""]),
        ("header_prefix = \"X Y\"", ["header_prefix", ""]),
        ("user_agent = \"a\\nb\"", ["user_agent", ""]),
        ("quiet_paths = 5", ["quiet_paths: must be a text or a list of texts", ""]),
        ("quiet_paths = [\"a**b\", \"\"]", ["quiet_paths: ", ""]),
        ("groups = { staff = 5 }", ["groups, \"staff\": must be { group =", ""]),
        ("environments = []", ["environments: there must be 1 to 50", ""]),
        (
            "[[environments]]\nname = \"a\"\nurl = \"https://x\"",
            ["environments, \"a\": url: needs a token", "token_file"],
        ),
        ("[[environments]]\nname = \"pre\"", ["environment: there is no \"production\"; there are pre", ""]),
        ("embed_origin = [\"https://a.example\", 7]", ["embed_origin: must be a list of texts", ""]),
    ] {
        world.write("wigwag.toml", file);
        let mut command = world.serve(&[]);
        command.env_remove("WIGWAG_LISTEN");
        let ended = Ended::of(command).await;
        ended.refused(2, &told);
        assert_eq!(names(&world.path("")), ["wigwag.toml"], "{file}: nothing was made");
    }
    world.write("wigwag.toml", "delivery_deadline_s = 315360000\nfailure_policy = { factor = 3 }");
    world.start().await.stop().await;
}

#[tokio::test]
async fn wrong_options_are_wrong_use() {
    let world = World::new();
    for (words, told) in [
        (["--listen", "here"], "listen: \"here\" is no address"),
        (["--allow-network", "10.0.0.0/99"], "allow_network: "),
        (["--name-server", "8.8.8.8"], "name_server: \"8.8.8.8\" is no address; write ADDRESS:PORT"),
        (
            ["--external-url", "wigwag.example"],
            "external_url: \"wigwag.example\" must be http:// or https://",
        ),
        (["--external-url", "https://u@h"], "external_url: \"https://u@h\" must be"),
        (["--environment", "prod"], "environment: there is no \"prod\"; there are dev, staging-canary"),
        (["--embed-origin", "*"], "embed_origin: \"*\" must be an origin such as https://platform.example"),
        (["--config", "missing.toml"], "cannot read missing.toml"),
        (["--port", "8080"], "unexpected argument '--port'"),
    ] {
        check(&world, &words, 2, &[told]).await;
    }
    assert_eq!(names(&world.path("")), [""; 0], "nothing was made");
}

#[tokio::test]
async fn a_root_token_that_can_be_guessed() {
    let world = World::new();
    for (token, told) in
        [("x".repeat(31), "32"), (format!("{} {}", "x".repeat(20), "y".repeat(20)), "characters")]
    {
        let mut command = world.serve(&[]);
        command.env("WIGWAG_ROOT_TOKEN", &token);
        let ended = Ended::of(command).await;
        ended.refused(2, &["WIGWAG_ROOT_TOKEN", told]);
        assert!(!ended.stderr.contains(&token), "a secret is not repeated");
    }
    assert_eq!(names(&world.path("")), [""; 0], "nothing was made");
    let mut command = world.serve(&[]);
    command.env("WIGWAG_ROOT_TOKEN", "x".repeat(32));
    Server::start(command).await.stop().await;
}
