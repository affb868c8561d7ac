//! Codes and the links that they make.

use crate::chat::{send, server_with_chat};
use crate::world::World;
use serde_json::json;
use std::time::Duration;
use wigwag_testkit::Client;

const CODES: &str = "/v1/chat/link_codes";
const LINKS: &str = "/v1/chat/links";
const LINK: &str = "/v1/chat/links/slack/T%2F1/U7";

/// A code for whoever this client is of.
async fn code(client: &Client) -> String {
    client.post(CODES, json!({})).await.created()["code"].as_str().unwrap().to_owned()
}

/// What the chat is told when its user U7 says a code.
async fn say(world: &World, code: &str) -> String {
    send(&world.root, format!("U7: link {code}")).await.text()
}

async fn count(client: &Client, path: &str) -> usize {
    client.get(path).await.ok()["links"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_code_that_is_said_in_a_chat_links_once() {
    let world = World::on(server_with_chat().await).await;
    let made = world.maintainer.post(CODES, json!({})).await.created();
    assert_eq!(made["expires_at"], "2026-01-01T00:10:00.000Z");
    let code = made["code"].as_str().unwrap();
    assert!(say(&world, code).await.contains("You are mia"));
    let link = json!({
        "platform": "slack", "team": "T/1", "id": "U7", "name": "u7", "username": "mia",
        "linked_at": "2026-01-01T00:00:00.000Z",
    });
    assert_eq!(world.maintainer.get(LINKS).await.ok(), json!({ "links": [link] }));
    assert!(say(&world, code).await.contains("no such code"));
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_with_the_next_one() {
    let world = World::on(server_with_chat().await).await;
    let (first, second) = (code(&world.maintainer).await, code(&world.maintainer).await);
    assert_ne!(first, second);
    assert!(say(&world, &first).await.contains("no such code"));
    world.server.advance(Duration::from_secs(600));
    assert!(say(&world, &second).await.contains("no such code"));
    assert_eq!(count(&world.root, "/v1/chat/links?all=true").await, 0);
}

#[tokio::test]
async fn links_are_ones_own_to_see_and_to_end() {
    let world = World::on(server_with_chat().await).await;
    let code = code(&world.maintainer).await;
    say(&world, &code).await;
    assert_eq!(count(&world.reporter, LINKS).await, 0);
    assert_eq!(count(&world.root, LINKS).await, 0);
    assert_eq!(count(&world.root, "/v1/chat/links?all=true").await, 1);
    assert_eq!(world.reporter.get("/v1/chat/links?all=1").await.problem(403), "forbidden");
    assert_eq!(world.reporter.get("/v1/chat/links?all=maybe").await.problem(422), "invalid_field");
    assert_eq!(world.reporter.delete(LINK).await.problem(404), "not_found");
    for other in ["/v1/chat/links/slack/T1/U7", "/v1/chat/links/mattermost/T%2F1/U7"] {
        assert_eq!(world.maintainer.delete(other).await.problem(404), "not_found", "{other}");
    }
    let not_text = "/v1/chat/links/slack/T%2F1/%FF";
    assert_eq!(world.maintainer.delete(not_text).await.problem(404), "no_such_route");
    world.maintainer.delete(LINK).await.done();
    assert_eq!(world.maintainer.delete(LINK).await.problem(404), "not_found");
    let row = world.root.get("/v1/audit").await.ok()[0].clone();
    assert_eq!((&row["author"], &row["after"]), (&json!("mia"), &json!("no longer linked")));
}

#[tokio::test]
async fn who_gives_roles_ends_links_of_others() {
    let world = World::on(server_with_chat().await).await;
    let code = code(&world.maintainer).await;
    say(&world, &code).await;
    world.root.put("/v1/chat/roles/rob", json!({ "role": "admin" })).await.ok();
    assert_eq!(count(&world.reporter, "/v1/chat/links?all=true").await, 1);
    world.reporter.delete(LINK).await.done();
    assert_eq!(count(&world.maintainer, LINKS).await, 0);
}

#[tokio::test]
async fn a_token_for_something_else_neither_links_nor_unlinks() {
    let world = World::on(server_with_chat().await).await;
    let code = code(&world.maintainer).await;
    say(&world, &code).await;
    let check = async |client: Client, name: &str, expected: [u16; 3]| {
        let seen = client.get(LINKS).await.status.as_u16();
        let made = client.post(CODES, json!({})).await.status.as_u16();
        let ended = client.delete(LINK).await.status.as_u16();
        assert_eq!([seen, made, ended], expected, "{name}");
    };
    let of_mia = async |scope: &str| world.server.token_of("mia", &[scope]).await;
    check(world.root.anonymous(), "anonymous", [401, 401, 401]).await;
    for scope in ["deployments:write", "metrics", "flags:rw", "hooks:rw", "chat:gateway"] {
        check(of_mia(scope).await, scope, [403, 403, 403]).await;
    }
    check(of_mia("read_api").await, "read_api", [200, 403, 403]).await;
    check(world.bound(&["staging"], &["flags:rw"]).await, "bound to staging", [403, 404, 404]).await;
    check(of_mia("chat").await, "chat", [200, 201, 204]).await;
}
