use crate::world::World;
use serde_json::{Value, json};

/// The texts that could stand there.
fn texts(answer: &Value) -> Vec<&str> {
    answer["completions"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_command_is_completed_where_the_cursor_is() {
    let world = World::new().await;
    let ask = async |query: &str| world.root.get(&format!("/v1/chatops/complete?{query}")).await.ok();
    let commands = ask("text=feature+s&cursor=9").await;
    let set = commands["completions"].as_array().unwrap().iter().find(|one| one["text"] == "set").unwrap();
    assert_eq!((&set["start"], &set["end"]), (&json!(8), &json!(9)), "{set}");
    assert!(set["help"].is_string());
    assert_eq!(ask("text=feature+s").await, commands, "the end is meant");
    assert_eq!(ask("text=feature+s&cursor=4000").await, commands, "behind the end");
    let flags = ask("text=feature+get+webhooks_f").await;
    assert_eq!(texts(&flags), ["webhooks_failed_callout"]);
    assert!(!texts(&ask("").await).is_empty(), "every command");
    assert!(!texts(&ask("text=feature+s&cursor=0").await).is_empty());
    ask("text=feature+%C3%A9&cursor=9").await;
}

#[tokio::test]
async fn names_are_told_to_those_alone_who_may_see_them() {
    let world = World::new().await;
    let query = "/v1/chatops/complete?text=feature+set+webhooks_failed_callout+true+--project%3Dac";
    assert_eq!(texts(&world.maintainer.get(query).await.ok()), ["acme/shop"]);
    assert_eq!(world.stranger.get(query).await.ok(), json!({ "completions": [] }));
}

#[tokio::test]
async fn odd_questions_are_refused() {
    let world = World::new().await;
    for odd in ["cursor=-1", "cursor=x", "cursor=1.5", "cursor=99999999999999999999", "text[a]=b"] {
        let answer = world.root.get(&format!("/v1/chatops/complete?{odd}")).await;
        assert_eq!(answer.problem(422), "invalid_field", "{odd}");
    }
    let long = "x".repeat(4_001);
    let answer = world.root.get(&format!("/v1/chatops/complete?text={long}")).await;
    assert_eq!(answer.problem(413), "too_large");
    world.root.get(&format!("/v1/chatops/complete?text={}", &long[1..])).await.ok();
    let ask = "/v1/chatops/complete?text=f";
    assert_eq!(world.root.anonymous().get(ask).await.problem(401), "unauthorized");
    for scope in ["read_api", "deployments:write"] {
        let token = world.server.token_of("mia", &[scope]).await;
        assert_eq!(token.get(ask).await.problem(403), "forbidden", "{scope}");
    }
}
