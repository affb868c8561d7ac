//! Flags in GitLab's shapes, in the server's own environment and in named ones.

use crate::world::World;
use serde_json::{Value, json};

const FLAG: &str = "/api/v4/features/webhooks_failed_callout";

#[tokio::test]
async fn a_flag_is_set_read_listed_and_deleted() {
    let world = World::new().await;
    let root = &world.root;
    assert_eq!(root.get("/api/v4/features").await.ok(), json!([]));
    let set = root.post(FLAG, json!({ "value": true })).await.created();
    assert_eq!((&set["state"], &set["gates"]), (&json!("on"), &json!([{ "key": "boolean", "value": true }])));
    assert_eq!(set["definition"]["depends_on"], json!(["auto_disabling_web_hooks"]));
    assert_eq!(root.get("/api/v4/features").await.ok(), json!([set]));
    assert_eq!(root.get(FLAG).await.ok(), set);
    root.delete(FLAG).await.done();
    root.delete(FLAG).await.done();
    assert_eq!(root.get("/api/v4/features").await.ok(), json!([]));
    assert_eq!(root.get(FLAG).await.ok()["state"], "off");
    let names: Vec<Value> = root.get("/api/v4/features/definitions").await.ok().as_array().unwrap().clone();
    assert!(
        names.iter().any(|one| one["name"] == "auto_disabling_web_hooks" && one["default_enabled"] == true)
    );
}

#[tokio::test]
async fn values_keys_and_targets_are_read_as_gitlab_does() {
    let world = World::new().await;
    let check = async |form: &str, state: &str, gates: Value| {
        let set = world.root.request("POST", FLAG).form(form).send().await.created();
        assert_eq!((&set["state"], &set["gates"]), (&json!(state), &gates), "{form}");
    };
    let gates = |more: Value| {
        let mut gates = vec![json!({ "key": "boolean", "value": false })];
        gates.extend(more.as_array().unwrap().clone());
        Value::Array(gates)
    };
    let project = format!("Project:{}", world.project);
    let actors = |ids: Value| gates(json!([{ "key": "actors", "value": ids }]));
    check("value=true&project=acme/shop", "conditional", actors(json!([project]))).await;
    let both = json!(["Group:1", project]);
    check("value=true&group=acme", "conditional", actors(both)).await;
    check(&format!("value=false&project={}", world.project), "conditional", actors(json!(["Group:1"]))).await;
    check("value=false", "off", gates(json!([]))).await;
    let share = |key: &str, value: Value| gates(json!([{ "key": key, "value": value }]));
    check("value=25&key=percentage_of_actors", "conditional", share("percentage_of_actors", json!(25))).await;
    check("value=0.0&key=percentage_of_actors", "off", gates(json!([]))).await;
    check("value=12.5", "conditional", share("percentage_of_time", json!(12.5))).await;
    check("value=100.0&key=percentage_of_actors", "on", json!([{ "key": "boolean", "value": true }])).await;
    let odd = world.root.request("POST", "/api/v4/features//webhooks_failed_callout/?value=false");
    odd.outside_of_document().send().await.created();
    assert_eq!(
        world.root.post(FLAG, json!({ "value": 30, "key": "percentage_of_actors" })).await.created()["state"],
        "conditional"
    );
}

#[tokio::test]
async fn wrong_changes_are_bad_requests() {
    let world = World::new().await;
    let check = async |input: Value, told: &str| {
        let answer = world.root.post(FLAG, input.clone()).await.expect(400);
        let message = answer["message"].as_str().unwrap();
        assert!(message.starts_with("400 Bad request - ") && message.contains(told), "{input}: {message}");
    };
    check(json!({}), "value is missing").await;
    check(json!({ "value": 101 }), "value is not between 0 and 100").await;
    check(json!({ "value": "maybe" }), "value is none of true, false, opt_out, remove_opt_out and 0 to 100")
        .await;
    check(json!({ "value": "1e1" }), "value is not a number").await;
    check(json!({ "value": "12.3456" }), "value has more than 3 decimals").await;
    check(json!({ "value": 50, "key": "boolean" }), "key does not have a valid value").await;
    check(json!({ "value": 50, "key": "" }), "key does not have a valid value").await;
    check(json!({ "value": 50, "project": "acme/shop" }), "a percentage takes no project").await;
    check(json!({ "value": true, "key": "percentage_of_actors", "user": "mia" }), "mutually exclusive").await;
    check(json!({ "value": true, "project": "acme/shpo" }), "did you mean \"acme/shop\"?").await;
    check(json!({ "value": "opt_out" }), "opt_out and remove_opt_out take").await;
    check(json!({ "value": true, "feature_group": "nobody" }), "there is no feature group").await;
    check(json!({ "value": "remove_opt_out", "user": "mia" }), "none of them opted out").await;
    let unknown = world.root.post("/api/v4/features/no_such", json!({ "value": true })).await.expect(400);
    assert!(
        unknown["message"].as_str().unwrap().starts_with("400 Bad request - name \"no_such\" does not exist")
    );
    world.root.post("/api/v4/features/no_such", json!({ "value": true, "force": true })).await.created();
    world.root.post("/api/v4/features/a%20b", json!({ "value": true, "force": true })).await.expect(400);
    world.root.get("/api/v4/features/other").await.expect(404);
}

#[tokio::test]
async fn a_target_that_is_empty_changes_nothing_for_everyone() {
    let world = World::new().await;
    for target in ["project", "group", "namespace", "user", "repository", "feature_group"] {
        for empty in ["", ",", " , "] {
            let answer = world.root.post(FLAG, json!({ "value": true, target: empty })).await.expect(400);
            assert_eq!(answer["message"], format!("400 Bad request - {target} is empty"));
        }
    }
    assert_eq!(world.root.get("/api/v4/features").await.ok(), json!([]));
}

#[tokio::test]
async fn each_environment_keeps_its_own_and_canaries_read_their_base() {
    let world = World::new().await;
    let at = |environment: &str| format!("/environments/{environment}{FLAG}");
    world.root.post(&at("staging"), json!({ "value": true })).await.created();
    assert_eq!(world.root.get(&at("staging-canary")).await.ok()["state"], "on");
    assert_eq!(world.root.get(&at("dev")).await.ok()["state"], "off");
    assert_eq!(world.root.get(FLAG).await.ok()["state"], "off");
    assert_eq!(
        world.root.get("/environments/staging/api/v4/features").await.ok().as_array().unwrap().len(),
        1
    );
    world.root.get("/environments/dev/api/v4/features/definitions").await.ok();
    world.root.delete(&at("staging")).await.done();
    assert_eq!(world.root.get(&at("staging")).await.ok()["state"], "off");
    let unknown = world.root.get("/environments/moon/api/v4/features").await.expect(404);
    assert_eq!(unknown["message"], "404 Environment Not Found");
    world.root.post(&at("moon"), json!({ "value": true })).await.expect(404);
}

#[tokio::test]
async fn a_bound_token_reaches_its_environments_and_names_them_by_itself() {
    let world = World::new().await;
    let bound = async |environments: Value, scopes: Value| {
        let input = json!({ "name": "bound", "scopes": scopes, "environments": environments });
        let made = world.root.post("/api/v4/users/mia/personal_access_tokens", input).await.created();
        assert_eq!(made["environments"], environments);
        world.root.with_token(made["token"].as_str().unwrap())
    };
    let at = |environment: &str| format!("/environments/{environment}{FLAG}");
    let staging = bound(json!(["staging"]), json!(["flags:rw"])).await;
    staging.post(FLAG, json!({ "value": true })).await.created();
    assert_eq!(world.root.get(&at("staging")).await.ok()["state"], "on");
    assert_eq!(world.root.get(FLAG).await.ok()["state"], "off");
    assert_eq!(staging.get("/api/v4/features").await.ok().as_array().unwrap().len(), 1);
    assert_eq!(staging.get(&at("staging-canary")).await.ok()["state"], "on");
    staging.get("/api/v4/features/definitions").await.ok();
    assert_eq!(staging.get("/v1/flags/webhooks_failed_callout/explain").await.ok()["reason"], "boolean");
    staging.delete(&at("staging-canary")).await.done();
    staging.get(&at("moon")).await.expect(404);
    staging.post(&at("moon"), json!({ "value": false })).await.expect(404);
    for refused in ["production", "production-canary", "dev"] {
        staging.get(&at(refused)).await.expect(403);
        staging.post(&at(refused), json!({ "value": false })).await.expect(403);
        staging.get(&format!("/environments/{refused}/api/v4/features/definitions")).await.expect(403);
    }
    staging.get("/api/v4/users").await.expect(403);
    staging.get("/api/v4/projects/acme%2Fshop").await.expect(404);
    staging.post("/v1/chatops", json!({ "text": "feature get webhooks_failed_callout" })).await.expect(403);
    staging.get("/v1/audit").await.expect(403);

    let canary = bound(json!(["production-canary"]), json!(["flags:rw"])).await;
    assert_eq!(canary.get(FLAG).await.ok()["state"], "off");
    canary.get(&at("production")).await.expect(403);
    let refused = canary.post(FLAG, json!({ "value": false })).await.expect(403);
    let why = "This token is bound to an environment that only reads another's flags: a write would change that one. \
               Use a token that is bound to it.";
    assert_eq!((&refused["message"], &refused["reason"]), (&json!("403 Forbidden"), &json!(why)));

    let several = bound(json!(["dev", "staging"]), json!(["flags:read"])).await;
    let unnamed = several.get("/api/v4/features").await.expect(400);
    assert!(unnamed.to_string().contains("must be named: the token is bound to dev, staging"), "{unnamed}");
    several.get("/environments/dev/api/v4/features").await.ok();
    several.get("/api/v4/personal_access_tokens/self").await.ok();
    several.delete("/api/v4/personal_access_tokens/self").await.done();
    several.get("/environments/dev/api/v4/features").await.expect(401);
}

#[tokio::test]
async fn flags_are_for_admins_and_tokens_made_for_them() {
    let world = World::new().await;
    world.maintainer.get("/api/v4/features").await.expect(403);
    world.maintainer.post(FLAG, json!({ "value": true })).await.expect(403);
    let off = world.server.token_of("mia", &["flags:off"]).await;
    off.post(FLAG, json!({ "value": true })).await.expect(403);
    off.post(FLAG, json!({ "value": false })).await.created();
    let on = world.server.token_of("mia", &["flags:rw"]).await;
    on.post(FLAG, json!({ "value": true })).await.created();
    world.server.token_of("mia", &["flags:read"]).await.delete(FLAG).await.expect(403);
    let row = world.root.get("/v1/audit?author=mia").await.ok()[0].clone();
    assert_eq!((&row["flag"], &row["via"]), (&json!("webhooks_failed_callout"), &json!("api")));
}
