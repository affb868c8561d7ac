mod current;

use crate::world::World;
use serde_json::{Value, json};

const DEPLOYMENTS: &str = "/v1/deployments";
pub(crate) const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// A report of what runs in an environment.
pub(crate) fn report(environment: &str, status: &str) -> Value {
    json!({ "environment": environment, "sha": SHA, "ref": "main", "status": status })
}

#[tokio::test]
async fn a_deployment_is_reported_read_moved_and_listed() {
    let world = World::new().await;
    let made = world.root.post(DEPLOYMENTS, report("staging", "running")).await.created();
    let expected = json!({
        "id": made["id"], "environment": "staging", "sha": SHA, "ref": "main", "tag": false, "status": "running",
        "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z", "by": "root",
    });
    assert_eq!(made, expected);
    let one = format!("{DEPLOYMENTS}/{}", made["id"]);
    assert_eq!(world.stranger.get(&one).await.ok(), made);
    world.server.advance(std::time::Duration::from_secs(60));
    let moved = world.root.put(&one, json!({ "status": "success" })).await.ok();
    assert_eq!((&moved["status"], &moved["created_at"]), (&json!("success"), &made["created_at"]));
    assert_eq!(moved["updated_at"], "2026-01-01T00:01:00.000Z");
    let mut tagged = report("production", "failed");
    tagged["tag"] = json!(true);
    tagged["sha"] = json!("A".repeat(64));
    tagged["unknown"] = json!({ "ignored": true });
    let newest = world.root.post(DEPLOYMENTS, tagged).await.created();
    assert_eq!((&newest["tag"], &newest["sha"]), (&json!(true), &json!("a".repeat(64))));
    let list = world.reporter.get("/v1/deployments?per_page=1").await;
    assert_eq!((list.ok(), list.header("x-total"), list.header("x-next-page")), (json!([newest]), "2", "2"));
    let narrowed = async |query: &str| {
        let listed = world.reporter.get(&format!("{DEPLOYMENTS}?{query}")).await.ok();
        listed.as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
    };
    let check = async |query: &str, expected: &[&str]| {
        let found: Vec<String> = narrowed(query).await;
        assert_eq!(found, expected, "{query}");
    };
    check("environment=staging", &["success"]).await;
    check("status=failed&environment=", &["failed"]).await;
    check("status=failed&environment=staging", &[]).await;
    check("environment=nowhere", &[]).await;
    check("page=2", &[]).await;
}

#[tokio::test]
async fn wrong_reports_are_told_by_field_and_keep_nothing() {
    let world = World::new().await;
    let check = async |field: &str, value: Value, told: &str| {
        let mut input = report("staging", "success");
        input[field] = value.clone();
        let answer = world.root.post(DEPLOYMENTS, input).await;
        assert_eq!(answer.problem(422), "invalid_field", "{field} {value}");
        assert_eq!(answer.json()["field"], field, "{value}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(told), "{value}: {}", answer.text());
    };
    for field in ["environment", "sha", "ref", "status"] {
        check(field, Value::Null, "is missing").await;
        check(field, json!({}), "must be a text").await;
        check(field, json!(""), "must").await;
    }
    check("environment", json!("stagin"), "did you mean \"staging\"?").await;
    check("status", json!("done"), "created, running, success, failed, canceled").await;
    check("sha", json!("abc123"), "40 or 64 hex digits").await;
    check("sha", json!("g".repeat(40)), "40 or 64 hex digits").await;
    check("sha", json!("é".repeat(20)), "40 or 64 hex digits").await;
    check("ref", json!("x".repeat(256)), "1 to 255 characters").await;
    check("ref", json!("a\u{1b}[31m"), "control characters").await;
    check("tag", json!("perhaps"), "must be true or false").await;
    let longest =
        json!({ "environment": "staging", "sha": SHA, "ref": "x".repeat(255), "status": "created" });
    world.root.post(DEPLOYMENTS, longest).await.created();
    assert_eq!(world.root.post(DEPLOYMENTS, json!([])).await.problem(422), "invalid_field");
    let send = async |body: Vec<u8>| {
        world.root.request("POST", DEPLOYMENTS).body("application/json", body).send().await
    };
    assert_eq!(send(b"{\"sha\":".to_vec()).await.problem(400), "malformed_json");
    assert_eq!(send(vec![b' '; (256 << 10) + 1]).await.problem(413), "too_large");
    assert_eq!(world.root.get("/v1/deployments?status=done").await.problem(422), "invalid_field");
    assert_eq!(world.root.get(DEPLOYMENTS).await.header("x-total"), "1");
}

#[tokio::test]
async fn what_was_not_reported_is_not_found() {
    let world = World::new().await;
    let move_to = || json!({ "status": "success" });
    for id in ["1", "0", "-1", "9223372036854775807"] {
        let one = format!("{DEPLOYMENTS}/{id}");
        assert_eq!(world.root.get(&one).await.problem(404), "not_found", "{id}");
        assert_eq!(world.root.put(&one, move_to()).await.problem(404), "not_found", "{id}");
    }
    for id in ["9223372036854775808", "x", "1.0", "%FF"] {
        assert_eq!(
            world.root.get(&format!("{DEPLOYMENTS}/{id}")).await.problem(404),
            "no_such_route",
            "{id}"
        );
    }
    let made = world.root.post(DEPLOYMENTS, report("dev", "created")).await.created();
    let one = format!("{DEPLOYMENTS}/{}", made["id"]);
    for input in [json!({}), json!({ "status": "" }), json!({ "status": "gone" }), json!({ "status": [] })] {
        assert_eq!(world.root.put(&one, input.clone()).await.problem(422), "invalid_field", "{input}");
    }
    assert_eq!(world.root.get(&one).await.ok(), made);
}

#[tokio::test]
async fn pipelines_report_and_everybody_reads() {
    let world = World::new().await;
    let made = world.root.post(DEPLOYMENTS, report("dev", "created")).await.created();
    let one = format!("{DEPLOYMENTS}/{}", made["id"]);
    let check = async |client: wigwag_testkit::Client, name: &str, reads: u16, reports: u16, moves: u16| {
        for path in [DEPLOYMENTS, "/v1/deployments/current", &one] {
            assert_eq!(client.get(path).await.status, reads, "{name} reads {path}");
        }
        assert_eq!(client.post(DEPLOYMENTS, report("dev", "running")).await.status, reports, "{name}");
        assert_eq!(client.put(&one, json!({ "status": "running" })).await.status, moves, "{name}");
    };
    let of_mia = async |scope: &str| world.server.token_of("mia", &[scope]).await;
    check(world.root.clone(), "admin", 200, 201, 200).await;
    check(of_mia("deployments:write").await, "deployments:write", 200, 201, 200).await;
    check(world.maintainer.clone(), "api", 200, 403, 403).await;
    check(of_mia("read_api").await, "read_api", 200, 403, 403).await;
    check(of_mia("chat").await, "chat", 200, 403, 403).await;
    check(of_mia("flags:rw").await, "flags:rw", 403, 403, 403).await;
    check(world.bound(&["dev"], &["flags:rw"]).await, "bound to dev", 403, 403, 403).await;
    check(world.root.anonymous(), "anonymous", 401, 401, 401).await;
    let bound = json!({ "name": "bound", "scopes": ["api"], "project": world.project });
    let bound = world.root.post("/api/v4/users/mia/personal_access_tokens", bound).await.created();
    let bound = world.root.with_token(bound["token"].as_str().unwrap());
    check(bound, "bound to a project", 403, 403, 403).await;
    let admins = world.server.token_of("root", &["read_api"]).await;
    check(admins, "an admin's read_api", 200, 403, 403).await;
}

#[tokio::test]
async fn a_token_for_deployments_opens_nothing_else() {
    let world = World::new().await;
    let pipeline = world.server.token_of("mia", &["deployments:write"]).await;
    let flag = "/api/v4/features/webhooks_failed_callout";
    assert_eq!(pipeline.post("/v1/chatops", json!({ "text": "help" })).await.status, 403);
    assert_eq!(pipeline.post(flag, json!({ "value": false })).await.status, 403);
    assert_eq!(
        pipeline.post(&world.v1("/events"), json!({ "type": "push", "payload": {} })).await.status,
        403
    );
    for path in ["/v1/audit", "/v1/chat/roles", "/v1/chat/links", "/v1/chat/outbox", "/api/v4/users"] {
        assert_eq!(pipeline.get(path).await.status, 403, "{path}");
    }
    assert_eq!(pipeline.get(&world.v4("/hooks")).await.status, 403);
    assert_eq!(pipeline.get(&world.v4("")).await.status, 403);
}
