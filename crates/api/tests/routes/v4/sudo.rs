//! Acting as another user: header `Sudo`, or parameter `sudo` of the query or the body.

use serde_json::json;
use wigwag_testkit::Server;

#[tokio::test]
async fn an_admin_acts_as_another_with_that_ones_rights_only() {
    let server = Server::start().await;
    let (root, ada) = (server.root(), server.user("ada").await);
    let as_ada = root.request("GET", "/api/v4/user").header("sudo", "ada").send().await.ok();
    assert_eq!(as_ada["username"], "ada");
    assert_eq!(root.get(&format!("/api/v4/user?sudo={}", as_ada["id"])).await.ok()["username"], "ada");
    let made = root.post("/api/v4/projects", json!({ "name": "hers", "sudo": "ada" })).await.created();
    assert_eq!(made["path_with_namespace"], "ada/hers");
    let form = root.request("POST", "/api/v4/projects").form("name=too&sudo=ada").send().await.created();
    assert_eq!(form["path_with_namespace"], "ada/too");
    let user = json!({ "username": "x", "name": "x", "email": "x@example.com" });
    let refused = root.request("POST", "/api/v4/users").header("sudo", "ada").json(&user).send().await;
    assert_eq!(refused.expect(403)["message"], "403 Forbidden");

    let unknown = root.request("GET", "/api/v4/user").header("sudo", "nobody").send().await;
    assert_eq!(unknown.expect(404)["message"], "404 User Not Found");
    for who in ["root", "nobody"] {
        ada.request("GET", "/api/v4/user").header("sudo", who).send().await.expect(403);
    }
    let problem = ada.request("GET", "/v1/audit?sudo=root").send().await.problem(403);
    assert_eq!(problem, "forbidden");
    assert_eq!(root.get("/v1/audit?sudo=nobody").await.problem(404), "not_found");
    assert_eq!(root.get("/v1/audit?sudo=ada").await.problem(403), "forbidden");
}

#[tokio::test]
async fn whoever_asks_to_act_as_another_never_acts_as_oneself() {
    let server = Server::start().await;
    let (root, ada) = (server.root(), server.user("ada").await);
    for query in ["sudo=", "sudo[]=ada", "sudo[name]=ada", "s%75do=nobody"] {
        let user = format!("/api/v4/user?{query}");
        assert_eq!(root.get(&user).await.expect(404)["message"], "404 User Not Found", "{query}");
        ada.get(&user).await.expect(403);
        assert_eq!(root.get(&format!("/v1/audit?{query}")).await.problem(404), "not_found", "{query}");
    }
    for who in [json!(["ada"]), json!({ "name": "ada" }), json!(true), json!(""), json!(1.5)] {
        let input = json!({ "name": "whose", "sudo": who });
        root.post("/api/v4/projects", input).await.expect(404);
    }
    let not_asked = json!({ "name": "own", "sudo": null });
    let made = root.post("/api/v4/projects", not_asked).await.created();
    assert_eq!(made["path_with_namespace"], "root/own");
}
