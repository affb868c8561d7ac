use crate::world::World;
use serde_json::{Value, json};

const ROLES: &str = "/v1/chat/roles";

#[tokio::test]
async fn a_role_is_given_counts_at_once_and_is_listed() {
    let world = World::new().await;
    let set = json!({ "text": "feature set webhooks_failed_callout true --staging" });
    assert_eq!(world.maintainer.post("/v1/chatops", set.clone()).await.ok()["ok"], false);
    let given = world.root.put("/v1/chat/roles/mia", json!({ "role": "developer" })).await.ok();
    assert_eq!(given, json!({ "username": "mia", "role": "developer" }));
    assert_eq!(world.maintainer.post("/v1/chatops", set).await.ok()["ok"], true);
    assert_eq!(world.root.get(ROLES).await.ok(), json!({ "roles": [given] }));
    world.root.put("/v1/chat/roles/mia", json!({ "role": "viewer" })).await.ok();
    assert_eq!(world.root.get(ROLES).await.ok(), json!({ "roles": [] }));
    let row = world.root.get("/v1/audit").await.ok()[0].clone();
    assert_eq!((&row["via"], &row["after"]), (&json!("api"), &json!("it has the role viewer")));
}

#[tokio::test]
async fn what_is_no_role_is_refused_with_the_four_that_are() {
    let world = World::new().await;
    let check = async |input: Value, told: &str| {
        let answer = world.root.put("/v1/chat/roles/mia", input.clone()).await;
        assert_eq!(answer.problem(422), "invalid_field", "{input}");
        assert_eq!(answer.json()["field"], "role", "{input}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(told), "{input}: {}", answer.text());
    };
    for odd in ["owner", "", "Admin", "admin\n"] {
        check(json!({ "role": odd }), "must be one of viewer, developer, release, admin").await;
    }
    check(json!({}), "is missing").await;
    check(json!({ "role": 3 }), "is wrong").await;
    check(json!({ "role": ["admin"] }), "is wrong").await;
    let body = world.root.request("PUT", "/v1/chat/roles/mia").body("application/json", "{");
    assert_eq!(body.send().await.problem(400), "malformed_json");
    assert_eq!(world.root.get(ROLES).await.ok(), json!({ "roles": [] }));
}

#[tokio::test]
async fn roles_are_given_by_those_who_may() {
    let world = World::new().await;
    let role = || json!({ "role": "admin" });
    assert_eq!(world.maintainer.put("/v1/chat/roles/mia", role()).await.problem(403), "forbidden");
    assert_eq!(world.maintainer.get(ROLES).await.problem(403), "forbidden");
    assert_eq!(world.root.anonymous().get(ROLES).await.problem(401), "unauthorized");
    assert_eq!(world.root.put("/v1/chat/roles/nobody", role()).await.problem(404), "not_found");
    world.root.put("/v1/chat/roles/mia", role()).await.ok();
    world.maintainer.put("/v1/chat/roles/rob", json!({ "role": "release" })).await.ok();
    // The role is the user's; a token that is for something else still opens no more than it says.
    for scope in ["chat", "read_api", "deployments:write"] {
        let narrow = world.server.token_of("mia", &[scope]).await;
        assert_eq!(narrow.put("/v1/chat/roles/mia", role()).await.problem(403), "forbidden", "{scope}");
    }
}
