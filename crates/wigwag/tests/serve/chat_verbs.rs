//! `wigwag chat` and `wigwag deployments` against a running server.

use crate::slack::{FLAG, SECRET, TEAM};
use crate::world::{Ended, Server, World};
use serde_json::{Value, json};
use wigwag_testkit::ROOT_TOKEN;

async fn run(server: &Server, words: &[&str]) -> Ended {
    with_token(server, ROOT_TOKEN, words).await
}

async fn with_token(server: &Server, token: &str, words: &[&str]) -> Ended {
    let mut command = World::new().wigwag(words);
    command.current_dir("/").env("WIGWAG_URL", &server.url).env("WIGWAG_TOKEN", token);
    Ended::of(command).await
}

/// The cells of a table, line by line.
fn cells(table: &str) -> Vec<Vec<&str>> {
    table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect()
}

#[tokio::test]
async fn a_link_is_made_shown_and_ended() {
    let world = World::new();
    let mut command = world.serve(&[]);
    command.env("WIGWAG_SLACK_SIGNING_SECRET", SECRET);
    let server = Server::start(command).await;
    let token = server.mara("developer").await;
    let none = with_token(&server, &token, &["chat", "links"]).await;
    assert_eq!(none.printed(), "Nobody is linked. `wigwag chat link` begins.");
    server.link_mara(&token).await;

    let links = with_token(&server, &token, &["chat", "links"]).await;
    let links = cells(links.printed());
    assert_eq!(links[0], ["username", "platform", "team", "id", "name", "linked_at"]);
    assert_eq!(links[1][..5], ["mara", "slack", TEAM, "U0MARA", "mara"]);
    with_token(&server, &token, &["chat", "links", "--all"]).await.refused(1, &["wigwag: "]);
    let all = run(&server, &["chat", "links", "--all", "--json"]).await;
    let all: Value = serde_json::from_str(all.printed()).unwrap();
    assert_eq!(all["links"][0]["username"], "mara");

    let set = server.mara_says("general", &format!("feature set {FLAG} true --dev")).await;
    assert_eq!(server.state("dev").await, "on", "{set}");
    assert_eq!(
        run(&server, &["chat", "unlink", "slack", TEAM, "U0MARA"]).await.printed(),
        "No longer linked."
    );
    run(&server, &["chat", "unlink", "slack", TEAM, "U0MARA"]).await.refused(1, &["wigwag: "]);
    server.mara_says("general", &format!("feature set {FLAG} false --dev")).await;
    assert_eq!(server.state("dev").await, "on", "a link that was ended changes nothing");
    let code = with_token(&server, &token, &["chat", "link", "--json"]).await;
    let code: Value = serde_json::from_str(code.printed()).unwrap();
    assert!(code["code"].is_string() && code["expires_at"].is_string(), "{code}");
    server.stop().await;
}

#[tokio::test]
async fn roles_are_given_and_listed() {
    let server = World::new().start().await;
    let token = server.mara("viewer").await;
    assert_eq!(
        run(&server, &["chat", "roles"]).await.printed(),
        "Everybody is a viewer, but administrators."
    );
    let refused =
        with_token(&server, &token, &["chatops", "run", "feature", "set", FLAG, "true", "--dev"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    let given = run(&server, &["chat", "role", "mara", "developer"]).await;
    assert_eq!(given.printed(), "mara has the role developer.");
    let set = with_token(&server, &token, &["chatops", "run", "feature", "set", FLAG, "true", "--dev"]).await;
    assert_eq!(set.code, Some(0), "{}", set.stdout);
    let roles = run(&server, &["chat", "roles"]).await;
    assert_eq!(cells(roles.printed()), [vec!["username", "role"], vec!["mara", "developer"]]);
    run(&server, &["chat", "role", "mara", "boss"])
        .await
        .refused(1, &["viewer", "developer", "release", "admin"]);
    run(&server, &["chat", "role", "nobody", "release"]).await.refused(1, &["wigwag: "]);
    with_token(&server, &token, &["chat", "role", "mara", "admin"]).await.refused(1, &["wigwag: "]);
    with_token(&server, &token, &["chat", "roles"]).await.refused(1, &["wigwag: "]);
    server.stop().await;
}

#[tokio::test]
async fn the_outbox_shows_what_waits_and_why() {
    let world = World::new();
    world.write("webhook", "http://127.0.0.1:9/services/1");
    world.write(
        "wigwag.toml",
        "[[chat.slack.channels]]\nname = \"#production\"\nwebhook_file = \"webhook\"\n",
    );
    let mut command = world.serve(&[]);
    command.env("WIGWAG_SLACK_SIGNING_SECRET", SECRET);
    let server = Server::start(command).await;
    assert_eq!(run(&server, &["chat", "outbox"]).await.printed(), "Nothing waits.");
    server.root.post(&format!("/api/v4/features/{FLAG}"), json!({ "value": true })).await.created();
    let tried = async {
        loop {
            let outbox = run(&server, &["chat", "outbox"]).await;
            if outbox.printed().contains("refused by 127.0.0.1:9") {
                return outbox;
            }
        }
    };
    let outbox = tokio::time::timeout(crate::world::WITHIN, tried).await.expect("it was tried by now");
    assert!(outbox.stdout.contains("channel:#production"), "{}", outbox.stdout);
    server.stop().await;
}

#[tokio::test]
async fn deployments_are_reported_and_shown_in_their_order() {
    let server = World::new().start().await;
    let report = async |environment: &str, more: &[&str]| {
        let words = ["deployments", "report", "--environment", environment, "--ref", "main", "--sha"];
        run(&server, &[&words, more].concat()).await
    };
    let (old, new) = ("a".repeat(40), "b".repeat(40));
    assert!(report("production", &[&old]).await.printed().contains("aaaaaaaaaaa in production: success"));
    let json = report("staging", &[&new, "--status", "running", "--json"]).await;
    let json: Value = serde_json::from_str(json.printed()).unwrap();
    assert_eq!((&json["status"], &json["sha"]), (&json!("running"), &json!(new)));
    let shown = run(&server, &["deployments"]).await;
    let rows = cells(shown.printed());
    assert_eq!(rows[0], ["environment", "commit", "ref", "since", "commits behind", "coming"]);
    let names: Vec<&str> = rows[1..].iter().map(|row| row[0]).collect();
    assert_eq!(names, ["dev", "staging-canary", "staging", "production-canary", "production"]);
    assert_eq!(rows[1][1], "nothing yet");
    assert_eq!(rows[3][1..], ["nothing yet", "bbbbbbbbbbb (running)"]);
    assert_eq!(rows[5][1..3], ["aaaaaaaaaaa", "main"]);

    report("staging", &["main"]).await.refused(1, &["sha"]);
    report("stagign", &[&old]).await.refused(1, &["environment"]);
    report("staging", &[&old, "--status", "done"]).await.refused(1, &["success"]);
    run(&server, &["deployments", "report", "--sha", &old]).await.refused(2, &["--environment"]);
    server.stop().await;
}
