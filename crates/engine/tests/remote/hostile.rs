//! Answers that make no sense: what was known before stays, and it is told what is wrong.

use crate::gitlab::{FEATURES, NOT_FOUND, Reply, UNAUTHORIZED};
use crate::world::World;

/// After this answer to the list of features, everything known before stays; the reason begins so.
async fn check(reply: Reply, reason: &str) {
    let world = World::new().await;
    let (before, read_at) = (world.stored(), world.status().read_at);
    assert_eq!(before.len(), 5);
    world.house.clock.advance(std::time::Duration::from_secs(60));
    world.gitlab.features(reply);
    world.look().await;
    assert!(world.trouble().starts_with(reason), "{} does not begin with {reason}", world.trouble());
    assert_eq!((world.stored(), world.status().read_at), (before.clone(), read_at));
    assert_eq!(world.status().trouble.unwrap().since, world.engine().now());
    let flag = world.engine().flag(&world.house.root, "canary", "old_editor").unwrap();
    assert_eq!(flag.stale_since, read_at);
    let told = world.engine().explain_flag(&world.house.root, "production", "old_editor", &[]).unwrap();
    let as_of = format!("(as of {}: production cannot be asked now)", read_at.unwrap());
    assert!(told.enabled && told.text.ends_with(&as_of), "{}", told.text);
    world.gitlab.features(Reply::new(200, FEATURES));
    world.look().await;
    assert_eq!((world.trouble().as_str(), world.stored()), ("none", before));
}

#[tokio::test]
async fn what_is_no_list_of_features_is_refused() {
    check(Reply::new(200, "<html><body>Sign in</body></html>"), "its answer is not JSON").await;
    check(Reply::new(200, ""), "its answer is not JSON").await;
    check(Reply::new(200, "{\"features\":[]}"), "its answer is JSON, but not a list").await;
    check(Reply::new(200, "[1,2,3]"), "its answer is JSON, but not a list of features").await;
    check(Reply::new(200, "[".repeat(100_000)), "its answer is not JSON").await;
    check(Reply::new(204, ""), "it answers 204 where it should list its features").await;
    check(Reply::new(304, ""), "it answers 304 where it should list its features").await;
}

#[tokio::test]
async fn other_statuses_are_told_with_what_they_mean() {
    let token = "it answers 401: it does not take the token that this server has for it";
    check(Reply::new(401, UNAUTHORIZED), token).await;
    check(
        Reply::new(403, "{\"message\":\"403 Forbidden\"}"),
        "it answers 403: the token that this server has",
    )
    .await;
    check(Reply::new(404, NOT_FOUND), "it answers 404: it has no features API at this URL").await;
    check(Reply::new(500, "oops"), "it answers 500: it says no more").await;
    check(Reply::new(503, "{\"error\":\"down\\nfor\\u0000repair\"}"), "it answers 503: down for repair")
        .await;
    let moved = Reply::new(301, "").with("location", "https://gitlab.example/api");
    check(moved, "it answers 301: it redirects to https://gitlab.example/api; give the URL").await;
    let endless = format!("{{\"message\":\"{}\"}}", "x".repeat(100_000));
    check(Reply::new(400, endless), "it answers 400: xxx").await;
}

#[tokio::test]
async fn more_than_can_be_meant_is_not_read() {
    check(Reply::new(200, " ".repeat(10 << 20)), "its answer is longer than 4 MiB").await;
    let page = |next: &str| Reply::new(200, "[]").with("x-next-page", next);
    check(page("1"), "it says that page 1 of its features follows page 1").await;
    check(page("3"), "it says that page 3 of its features follows page 1").await;
    check(page("-1"), "it says that page \"-1\" of its features follows").await;
    let many: Vec<_> =
        (0..201).map(|n| serde_json::json!({ "name": format!("f{n}"), "gates": [] })).collect();
    let many = serde_json::Value::from(many).to_string();
    check(Reply::new(200, many).with("x-pages", "1"), "it lists more than 200 pages of features").await;
}

#[tokio::test]
async fn a_server_that_breaks_off_or_never_answers_is_given_up() {
    check(Reply::breaks(), "the connection was closed before the answer was complete").await;
    check(Reply::hangs(), "it did not answer within 5 s").await;
}

#[tokio::test]
async fn nonsense_among_definitions_leaves_everything_as_it_was() {
    let world = World::new().await;
    world.gitlab.features(Reply::new(200, "[]"));
    world.gitlab.definitions(Reply::new(200, "<html>"));
    world.look().await;
    assert!(world.trouble().starts_with("its answer is not JSON"), "{}", world.trouble());
    assert_eq!(world.stored().len(), 5);
}

#[tokio::test]
async fn a_wrong_flag_keeps_its_last_good_state_and_the_others_go_on() {
    let world = World::new().await;
    let features = r#"[
        {"name":"old_editor","gates":[{"key":"percentage_of_actors","value":101}]},
        {"name":"quick_search","gates":[{"key":"percentage_of_actors","value":35}]},
        {"name":"unheard_of","gates":[{"key":"actors","value":["nobody"]}]},
        {"name":"no name\nat all","gates":[]}]"#;
    world.gitlab.features(Reply::new(200, features));
    world.look().await;
    assert_eq!(world.trouble(), "none");
    assert_eq!(world.stored(), ["old_editor: on for everyone", "quick_search: 35 % of actors"]);
    let told: Vec<String> =
        world.status().findings.iter().skip(1).map(|f| format!("{}: {}", f.file, f.rule)).collect();
    assert_eq!(
        told,
        [
            "old_editor: is not between 0 and 100",
            "unheard_of: holds an entry that is not of the form Type:id, such as Project:1",
            "no name at all: may hold only letters, digits, '_', '-' and ':'",
        ]
    );
}

#[tokio::test]
async fn findings_are_kept_up_to_a_limit() {
    let world = World::new().await;
    let wrong: Vec<_> =
        (0..200).map(|n| serde_json::json!({ "name": format!("f{n}"), "gates": 1 })).collect();
    world.gitlab.features(Reply::new(200, serde_json::Value::from(wrong).to_string()));
    world.look().await;
    assert_eq!((world.status().findings.len(), world.trouble().as_str()), (100, "none"));
}
