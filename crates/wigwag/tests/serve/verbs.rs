//! The verbs that talk to a running server.

use crate::world::{Ended, Server, WITHIN, World};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use wigwag_testkit::{ROOT_TOKEN, Receiver};

async fn run(server: &Server, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(words);
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", ROOT_TOKEN);
    Ended::of(command).await
}

#[tokio::test]
async fn chatops_run_sets_gets_and_deletes() {
    let server = World::new().start().await;
    server.root.post("/api/v4/projects", json!({ "name": "shop" })).await.created();
    let flag = "webhooks_failed_callout";
    let feature = |words: &[&'static str]| [&["chatops", "run", "feature"], words].concat();
    let get = run(&server, &feature(&["get", flag])).await;
    assert!(get.printed().contains(flag), "{}", get.stdout);
    let set = run(&server, &feature(&["set", flag, "true", "--project=root/shop"])).await;
    assert_eq!((set.code, set.stderr.as_str()), (Some(1), ""), "staging comes first");
    assert!(set.stdout.contains("off in staging"), "{}", set.stdout);
    let both = feature(&["set", flag, "true", "--project=root/shop", "--staging", "--production"]);
    let set = run(&server, &both).await;
    assert!(set.printed().contains("root/shop"), "{}", set.stdout);
    let json = run(&server, &["chatops", "run", "--json", "feature", "get", flag]).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    assert_eq!(json["ok"], true);
    assert!(json["text"].as_str().unwrap().contains("Project:1"), "{json}");
    assert!(!run(&server, &feature(&["delete", flag])).await.printed().is_empty());
    let gone = run(&server, &feature(&["get", flag])).await;
    assert!(!gone.printed().contains("Project:1"), "{}", gone.stdout);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_chat_command_tells_why_and_ends_with_1() {
    let server = World::new().start().await;
    for (words, told) in [
        (["feature", "set", "webhooks_failed_callout", "maybe"], "maybe"),
        (["feature", "set", "no such flag", "true"], "no such flag"),
        (["feature", "set", "webhooks_failed_callout", "--project=no/such"], "VALUE is missing"),
        (["feature", "sett", "x", "true"], "set"),
    ] {
        let ended = run(&server, &[&["chatops", "run"], words.as_slice()].concat()).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{}", ended.stdout);
        assert!(ended.stdout.contains(told), "{told:?} is missing in {}", ended.stdout);
    }
    server.stop().await;
}

#[tokio::test]
async fn token_login_prints_a_link_that_signs_in() {
    let server = World::new().start().await;
    let link = run(&server, &["token", "login", "root"]).await;
    let path = link.printed().strip_prefix(&server.url).expect("a link to this server").to_owned();
    let anonymous = server.root.anonymous();
    let shown = anonymous.request("GET", &path).outside_of_document().send().await;
    assert_eq!((shown.status.as_u16(), shown.media_type()), (200, "text/html".into()));
    assert_eq!(shown.header("set-cookie"), "", "looking at it does not use it up");
    let sign_in = || anonymous.request("POST", &path).header("origin", &server.url).form("");
    let signed_in = sign_in().outside_of_document().send().await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text());
    let cookie = signed_in.header("set-cookie");
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let overview = anonymous.request("GET", "/").header("cookie", &cookie).outside_of_document().send().await;
    assert_eq!(overview.status, 200);
    let again = sign_in().outside_of_document().send().await;
    assert_eq!(again.header("set-cookie"), "", "it works once");
    run(&server, &["token", "login", "nobody"]).await.refused(1, &["wigwag: "]);
    server.stop().await;
}

#[tokio::test]
async fn token_create_and_embed_key_print_what_works() {
    let server = World::new().start().await;
    let user = json!({ "username": "ann", "name": "Ann", "email": "ann@example.com" });
    server.root.post("/api/v4/users", user).await.created();
    let words = ["token", "create", "ann", "--name", "ci", "--scope", "read_api"];
    let token = run(&server, &words).await.printed().to_owned();
    let ann = server.root.with_token(&token);
    let own = ann.get("/api/v4/personal_access_tokens/self").await.ok();
    assert_eq!((own["name"].as_str(), &own["scopes"]), (Some("ci"), &json!(["read_api"])));
    run(&server, &["token", "create", "ann", "--scope", "everything"]).await.refused(1, &["everything"]);
    run(&server, &["token", "create", "../ann"]).await.refused(1, &["wigwag: "]);

    let key = run(&server, &["token", "embed-key"]).await;
    assert!(key.printed().starts_with("kid: "), "{}", key.stdout);
    assert!(key.printed().contains("-----BEGIN PRIVATE KEY-----"), "{}", key.stdout);
    let json = run(&server, &["token", "embed-key", "--json"]).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    assert!(json["kid"].is_string() && json["private_key"].is_string());
    server.stop().await;
}

#[tokio::test]
async fn events_publish_sends_the_payload_as_it_was_typed() {
    let server = World::new().start().await;
    let mut receiver = Receiver::start().await;
    server.hook(&receiver).await;
    let payload = "{ \"b\":1,  \"a\": 12345678901234567890123.50, \"b\":2 }";
    let sent = run(&server, &["events", "publish", "root/shop", "push", payload]).await;
    assert_eq!(sent.printed(), "accepted as event 1");
    assert_eq!(receiver.next().await.body, payload);

    let words = ["events", "publish", "--json", "1", "push", "-", "--idempotency-key", "once"];
    for _ in 0..2 {
        let mut command = World::new().wigwag(&words);
        command.current_dir("/").args(["--url", &server.url, "--token", ROOT_TOKEN]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"{\"of\":\"stdin\"}\n").await.unwrap();
        let output = tokio::time::timeout(WITHIN, child.wait_with_output()).await.unwrap().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &answer["id"]), (Some(0), &json!(2)));
    }
    assert_eq!(receiver.next().await.body, "{\"of\":\"stdin\"}");
    run(&server, &["events", "publish", "1", "push", "{\"a\":"])
        .await
        .refused(2, &["the payload is no JSON"]);
    run(&server, &["events", "publish", "1", "no type", "{}"]).await.refused(1, &["type"]);
    run(&server, &["events", "publish", "no/such", "push", "{}"]).await.refused(1, &["project"]);
    server.stop().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn without_a_token_a_server_or_rights_it_says_what_to_do() {
    let world = World::new();
    for words in [
        ["events", "publish", "1", "push", "{}"].as_slice(),
        &["token", "login", "root"],
        &["chatops", "run", "feature", "get", "x"],
    ] {
        Ended::of(world.wigwag(words)).await.refused(2, &["no token: set WIGWAG_TOKEN or give --token"]);
        let mut command = world.wigwag(words);
        command.env("WIGWAG_TOKEN", ROOT_TOKEN).env("WIGWAG_URL", "http://127.0.0.1:9");
        let told = ["no answer from http://127.0.0.1:9; is the server running? WIGWAG_URL says where"];
        Ended::of(command).await.refused(1, &told);
    }
    let server = world.start().await;
    let mut command = world.wigwag(&["token", "login", "root"]);
    command.env("WIGWAG_TOKEN", "nonsense").env("WIGWAG_URL", &server.url);
    Ended::of(command).await.refused(1, &["token"]);
    server.stop().await;
}
