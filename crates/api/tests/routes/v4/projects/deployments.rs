use crate::v1::{SHA, report};
use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::Client;

/// A report as GitLab's clients send it: they always say whether it is a tag.
fn gitlab_report(environment: &str, status: &str) -> Value {
    let mut input = report(environment, status);
    input["tag"] = json!(false);
    input
}

#[tokio::test]
async fn a_deployment_has_gitlabs_shape() {
    let world = World::new().await;
    let path = world.v4("/deployments");
    let made = world.root.post(&path, gitlab_report("staging", "running")).await.created();
    assert_eq!(made["iid"], made["id"]);
    assert_eq!((&made["ref"], &made["sha"]), (&json!("main"), &json!(SHA)));
    assert_eq!(made["status"], "running");
    assert_eq!(
        (&made["created_at"], &made["updated_at"]),
        (&json!("2026-01-01T00:00:00.000Z"), &made["created_at"])
    );
    assert_eq!(made["environment"], json!({ "id": 3, "name": "staging", "external_url": null }));
    assert_eq!(made["deployable"], Value::Null);
    let user = &made["user"];
    assert_eq!((&user["username"], &user["state"]), (&json!("root"), &json!("active")));
    assert!(user["id"].is_i64() && user["name"].is_string() && user["web_url"].is_string(), "{user}");
    assert_eq!((&user["email"], &user["is_admin"]), (&Value::Null, &Value::Null));
    let one = format!("{path}/{}", made["id"]);
    assert_eq!(world.reporter.get(&one).await.ok(), made);
    let by_path = format!("/api/v4/projects/acme%2Fshop/deployments/{}", made["id"]);
    assert_eq!(world.reporter.get(&by_path).await.ok(), made);
    let moved = world.root.request("PUT", &one).form("status=success&unknown=1").send().await.ok();
    assert_eq!(moved["status"], "success");
    assert_eq!(world.root.get(&format!("/v1/deployments/{}", made["id"])).await.ok()["status"], "success");
}

#[tokio::test]
async fn lists_are_narrowed_and_come_in_pages() {
    let world = World::new().await;
    let path = world.v4("/deployments");
    for (environment, status) in [("dev", "success"), ("dev", "failed"), ("production", "success")] {
        let form = format!("environment={environment}&status={status}&sha={SHA}&ref=v1&tag=1");
        world.root.request("POST", &path).form(&form).send().await.created();
    }
    world.root.post("/v1/deployments", report("dev", "success")).await.created();
    let check = async |query: &str, total: &str, rows: usize| {
        let list = world.reporter.get(&format!("{path}?{query}")).await;
        assert_eq!((list.ok().as_array().unwrap().len(), list.header("x-total")), (rows, total), "{query}");
    };
    check("", "3", 3).await;
    check("environment=dev", "2", 2).await;
    check("status=success", "2", 2).await;
    check("environment=dev&status=success", "1", 1).await;
    check("environment=&status=&order_by=id&sort=asc", "3", 3).await;
    check("environment=nowhere", "0", 0).await;
    check("per_page=2&page=2", "3", 1).await;
    let page = world.reporter.get(&format!("{path}?per_page=2&environment=dev&status=success")).await;
    assert!(page.header("link").contains("environment=dev&status=success&page=1"), "{}", page.header("link"));
}

#[tokio::test]
async fn wrong_parameters_are_told_in_gitlabs_shapes() {
    let world = World::new().await;
    let path = world.v4("/deployments");
    let check = async |field: &str, value: Value, told: &str| {
        let mut input = gitlab_report("staging", "success");
        input[field] = value.clone();
        let told_so = world.root.post(&path, input).await.expect(400).to_string();
        assert!(told_so.contains(told), "{field} {value}: {told_so}");
    };
    for field in ["environment", "sha", "ref", "tag", "status"] {
        check(field, Value::Null, &format!(r#""error":"{field} is missing""#)).await;
        check(field, json!([]), &format!("{field} is invalid")).await;
    }
    check("environment", json!("nowhere"), r#""message":{"environment":["must be one of dev"#).await;
    check("sha", json!("abc"), r#""sha":["#).await;
    check("ref", json!("a\nb"), "control characters").await;
    check("status", json!("done"), "created, running, success, failed, canceled").await;
    world.root.get(&format!("{path}?status=done")).await.expect(400);
    let send = async |media_type: &str, body: Vec<u8>| {
        world.root.request("POST", &path).body(media_type, body).send().await.status.as_u16()
    };
    assert_eq!(send("application/json", b"{".to_vec()).await, 400);
    assert_eq!(send("application/json", b"[]".to_vec()).await, 400);
    assert_eq!(send("text/plain", b"x".to_vec()).await, 415);
    assert_eq!(send("application/json", vec![b' '; (256 << 10) + 1]).await, 413);
    assert_eq!(world.root.get(&path).await.header("x-total"), "0");
}

#[tokio::test]
async fn a_project_shows_its_own_deployments_alone() {
    let world = World::new().await;
    let other = json!({ "name": "Other", "path": "other", "namespace_id": world.group });
    let other = world.root.post("/api/v4/projects", other).await.created()["id"].clone();
    let path = world.v4("/deployments");
    let made = world.root.post(&path, gitlab_report("dev", "created")).await.created();
    let loose = world.root.post("/v1/deployments", report("dev", "created")).await.created();
    let elsewhere = format!("/api/v4/projects/{other}/deployments");
    assert_eq!(world.root.get(&elsewhere).await.ok(), json!([]));
    let move_to = || json!({ "status": "success" });
    for one in [
        format!("{elsewhere}/{}", made["id"]),
        format!("{path}/{}", loose["id"]),
        format!("{path}/0"),
        format!("{path}/-1"),
        format!("{path}/9223372036854775807"),
    ] {
        let hidden = world.root.get(&one).await.expect(404);
        assert_eq!(hidden["message"], "404 Deployment Not Found", "{one}");
        world.root.put(&one, move_to()).await.expect(404);
    }
    for id in ["9223372036854775808", "x"] {
        world.root.get(&format!("{path}/{id}")).await.expect(404);
    }
    assert_eq!(world.root.get(&format!("{path}/{}", made["id"])).await.ok()["status"], "created");
    for project in ["99", "acme%2Fnone"] {
        let path = format!("/api/v4/projects/{project}/deployments");
        let refused = world.root.post(&path, gitlab_report("dev", "created")).await.expect(404);
        assert_eq!(refused["message"], "404 Project Not Found", "{project}");
    }
}

#[tokio::test]
async fn who_sees_the_project_reads_and_a_pipeline_reports() {
    let world = World::new().await;
    let path = world.v4("/deployments");
    let made = world.root.post(&path, gitlab_report("dev", "created")).await.created();
    let one = format!("{path}/{}", made["id"]);
    let check = async |client: Client, name: &str, reads: u16, reports: u16, moves: u16| {
        assert_eq!(client.get(&path).await.status, reads, "{name} lists");
        assert_eq!(client.get(&one).await.status, reads, "{name} reads");
        assert_eq!(client.post(&path, gitlab_report("dev", "created")).await.status, reports, "{name}");
        assert_eq!(client.put(&one, json!({ "status": "running" })).await.status, moves, "{name}");
    };
    let of = async |user: &str, scope: &str| world.server.token_of(user, &[scope]).await;
    check(of("rob", "deployments:write").await, "a member's pipeline", 200, 201, 200).await;
    check(of("sam", "deployments:write").await, "a stranger's pipeline", 404, 404, 404).await;
    check(world.reporter.clone(), "reporter", 200, 403, 403).await;
    check(of("rob", "read_api").await, "read_api", 200, 403, 403).await;
    check(of("rob", "hooks:rw").await, "hooks:rw", 403, 403, 403).await;
    check(world.stranger.clone(), "stranger", 404, 404, 404).await;
    check(world.bound(&["dev"], &["flags:rw"]).await, "bound to dev", 404, 404, 404).await;
    check(world.root.anonymous(), "anonymous", 401, 401, 401).await;
    let bound = json!({ "name": "bound", "scopes": ["api"], "project": world.project });
    let bound = world.root.post("/api/v4/users/mia/personal_access_tokens", bound).await.created();
    check(world.root.with_token(bound["token"].as_str().unwrap()), "bound to the project", 403, 403, 403)
        .await;
}
