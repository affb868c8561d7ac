//! `wigwag flags` and `--flags`: what a server has stored and defined.

use crate::world::{Ended, Server, WITHIN, World};
use serde_json::{Value, json};
use std::fs;
use wigwag_testkit::ROOT_TOKEN;

async fn flags(server: &Server, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(&[&["flags"], words].concat());
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

fn definition(name: &str, default: &str) -> String {
    format!(
        "name: {name}\nintroduced_by_url: https://a.example/1\nmilestone: '15.10'\ntype: beta\ngroup: group::a\n\
         default_enabled: {default}\n"
    )
}

#[tokio::test]
async fn get_set_delete_are_the_chat_commands() {
    let home = World::new();
    let server = home.start().await;
    let flag = "webhooks_failed_callout";
    assert!(flags(&server, &["get", flag]).await.printed().contains("off"));
    let set = flags(&server, &["set", flag, "25", "--actors", "--staging", "--reason=a first step"]).await;
    assert!(set.printed().contains("25 %"), "{set:?}");
    let json = flags(&server, &["get", flag, "--staging", "--json"]).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    assert!(json["ok"] == true && json["text"].as_str().unwrap().contains("25 %"), "{json}");
    assert_eq!(server.root.get("/v1/audit").await.ok()[0]["reason"], "a first step");
    let refused = flags(&server, &["set", flag, "maybe"]).await;
    assert_eq!((refused.code, refused.stderr.as_str()), (Some(1), ""), "{refused:?}");
    assert!(refused.stdout.contains("maybe"), "{refused:?}");
    assert!(!flags(&server, &["delete", flag, "--staging"]).await.printed().is_empty());
    assert!(!flags(&server, &["get", flag, "--staging"]).await.printed().contains("25 %"));
    flags(&server, &["set"]).await.refused(2, &["<NAME>"]);
    server.stop().await;
}

#[tokio::test]
async fn a_token_for_flags_is_enough_for_its_commands() {
    let home = World::new();
    let server = home.start().await;
    let flag = "webhooks_failed_callout";
    let with = async |scope: &str, words: &[&str]| {
        let made = json!({ "name": scope, "scopes": [scope] });
        let token = server.root.post("/api/v4/users/root/personal_access_tokens", made).await.created();
        let mut command = World::new().wigwag(&[&["flags"], words].concat());
        command.current_dir("/").env("WIGWAG_URL", &server.url);
        command.env("WIGWAG_TOKEN", token["token"].as_str().unwrap());
        Ended::of(command).await.code
    };
    assert_eq!(with("flags:read", &["get", flag]).await, Some(0));
    assert_eq!(with("flags:read", &["set", flag, "true"]).await, Some(1));
    assert_eq!(with("flags:off", &["set", flag, "true"]).await, Some(1));
    assert_eq!(with("flags:rw", &["set", flag, "true"]).await, Some(1), "staging comes first");
    assert_eq!(with("flags:rw", &["set", flag, "true", "--staging", "--production"]).await, Some(0));
    assert_eq!(with("flags:off", &["set", flag, "false"]).await, Some(0));
    assert_eq!(with("flags:rw", &["delete", flag]).await, Some(0));
    assert_eq!(with("metrics", &["get", flag]).await, Some(1));
    server.stop().await;
}

#[tokio::test]
async fn list_shows_environments_side_by_side() {
    let home = World::new();
    let server = home.start().await;
    server
        .root
        .post("/environments/staging/api/v4/features/webhooks_failed_callout", json!({ "value": true }))
        .await
        .created();
    server
        .root
        .post("/api/v4/features/stray", json!({ "value": 5, "key": "percentage_of_actors", "force": true }))
        .await
        .created();
    let all = flags(&server, &["list"]).await;
    let lines: Vec<Vec<&str>> = all
        .printed()
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(
        lines[0],
        ["FLAG", "TYPE", "dev", "staging-canary", "staging", "production-canary", "production"]
    );
    assert_eq!(lines[5], ["stray", "not defined", "-", "-", "-", "conditional", "conditional"]);
    assert_eq!(
        lines[6],
        ["webhooks_failed_callout", "beta", "off by default", "on", "on", "off by default", "off by default"]
    );
    assert_eq!(lines[7], ["6 flags"]);
    let names = async |words: &[&str]| {
        let json = flags(&server, &[&["list", "--json"], words].concat()).await;
        let rows: Vec<Value> = serde_json::from_str(json.printed()).unwrap();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&["--state", "conditional"]).await, ["stray"]);
    assert_eq!(
        names(&["--environment", "staging", "--state", "on"]).await,
        ["auto_disabling_web_hooks", "webhooks_failed_callout"]
    );
    assert_eq!(names(&["--match", "callout"]).await, ["webhooks_failed_callout"]);
    flags(&server, &["list", "--environment", "stagin"]).await.refused(1, &["did you mean staging?"]);
    flags(&server, &["list", "--state", "broken"]).await.refused(2, &["conditional"]);
    server.stop().await;
}

#[tokio::test]
async fn explain_says_why() {
    let home = World::new();
    let server = home.start().await;
    let flag = "webhooks_failed_callout";
    server
        .root
        .post("/v1/chatops", json!({ "text": format!("feature set {flag} 40 --actors --staging") }))
        .await
        .ok();
    let words = ["explain", flag, "--actor", "User:1", "--environment", "staging"];
    let told = flags(&server, &words).await;
    assert_eq!(
        told.printed(),
        "on because the bucket lies within the percentage of actors; bucket 39149 of 100000"
    );
    let json = flags(&server, &[&words[..], &["--json"]].concat()).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    assert_eq!((&json["enabled"], &json["bucket"]), (&json!(true), &json!(39149)));
    flags(&server, &["explain", flag, "--environment", "moon"]).await.refused(1, &["environment"]);
    server.stop().await;
}

#[tokio::test]
async fn definitions_of_a_folder_are_served_and_followed() {
    let world = World::new();
    fs::create_dir_all(world.path("flags/beta")).unwrap();
    world.write("flags/beta/new_nav.yml", definition("new_nav", "true"));
    let server = Server::start(world.serve(&["--flags", "flags"])).await;
    let on = async |name: &str| {
        let answer = server.root.get(&format!("/v1/flags/{name}/explain")).await.ok();
        (answer["enabled"] == true, answer["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(on("new_nav").await, (true, "default".into()), "from the first request on");
    let until = async |name: &str, is: (bool, &str)| {
        let settled = async {
            while on(name).await != (is.0, is.1.into()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(WITHIN, settled).await.expect("it should be taken up by now");
    };
    world.write("flags/beta/new_nav.yml", definition("new_nav", "false"));
    until("new_nav", (false, "default")).await;
    world.write("flags/beta/second.yml", definition("second", "true"));
    until("second", (true, "default")).await;
    world.write("flags/beta/new_nav.yml", "name: [");
    world.write("flags/beta/third.yml", definition("third", "true"));
    until("third", (true, "default")).await;
    assert_eq!(on("new_nav").await, (false, "default".into()), "the last good version stays");
    fs::remove_file(world.path("flags/beta/new_nav.yml")).unwrap();
    until("new_nav", (false, "unknown")).await;
    server.stop().await;
    let mut command = world.serve(&["--flags", "nowhere"]);
    command.env("WIGWAG_DATA", world.path("other"));
    Ended::of(command).await.refused(2, &["flags: nowhere is no folder"]);
}
