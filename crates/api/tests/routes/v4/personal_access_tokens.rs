use serde_json::json;
use std::time::Duration;
use wigwag_testkit::Server;

#[tokio::test]
async fn a_token_lives_from_its_making_to_its_revocation() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let path = "/api/v4/users/ada/personal_access_tokens";
    let form = "name=ci&scopes[]=read_api&scopes[]=events:write&expires_at=2026-01-03";
    let made = ada.request("POST", path).form(form).send().await.created();
    assert_eq!(made["scopes"], json!(["read_api", "events:write"]));
    assert_eq!((&made["expires_at"], &made["active"]), (&json!("2026-01-03"), &json!(true)));
    let text = made["token"].as_str().unwrap();
    assert!(text.starts_with("wig_p"));

    let ci = ada.with_token(text);
    let own = ci.get("/api/v4/personal_access_tokens/self").await.ok();
    assert_eq!((&own["id"], own.get("token")), (&made["id"], None));
    let bearer = ada.anonymous().request("GET", "/api/v4/user");
    let bearer = bearer.header("authorization", &format!("Bearer {text}")).send().await;
    assert_eq!(bearer.ok()["username"], "ada");
    let listed = ada.get("/api/v4/personal_access_tokens").await;
    assert_eq!(listed.header("x-total"), "2");
    assert!(!listed.text().contains(text));
    let one = format!("/api/v4/personal_access_tokens/{}", made["id"]);
    assert_eq!(ada.get(&one).await.ok()["name"], "ci");
    server.user("eve").await.get(&one).await.expect(404);
    ci.delete("/api/v4/personal_access_tokens/self").await.done();
    assert_eq!(ci.get("/api/v4/user").await.expect(401)["message"], "401 Unauthorized");
    assert_eq!(ada.get(&one).await.ok()["revoked"], true);

    let short = ada.post(path, json!({ "name": "x", "scopes": ["api"], "expires_at": "2026-01-02" })).await;
    let short = ada.with_token(short.created()["token"].as_str().unwrap());
    short.get("/api/v4/user").await.ok();
    server.advance(Duration::from_secs(86_400));
    short.get("/api/v4/user").await.expect(401);
}

#[tokio::test]
async fn wrong_tokens_and_wishes_are_refused() {
    let server = Server::start().await;
    let (root, ada) = (server.root(), server.user("ada").await);
    let check = async |input: serde_json::Value, status: u16, told: &str| {
        let answer = ada.post("/api/v4/users/ada/personal_access_tokens", input.clone()).await;
        assert!(answer.expect(status).to_string().contains(told), "{input}: {}", answer.text());
    };
    check(json!({ "scopes": ["api"] }), 400, "name is missing").await;
    check(json!({ "name": "x" }), 400, "scopes is missing").await;
    check(json!({ "name": "x", "scopes": [] }), 400, "can't be blank").await;
    check(json!({ "name": "x", "scopes": ["sudo"] }), 400, "scopes does not have a valid value").await;
    check(json!({ "name": "x", "scopes": ["admin"] }), 403, "403 Forbidden").await;
    check(json!({ "name": "x", "scopes": ["api"], "expires_at": "soon" }), 400, "expires_at is invalid")
        .await;
    check(json!({ "name": "x", "scopes": ["api"], "expires_at": "2025-12-31" }), 400, "in the future").await;
    let others =
        ada.post("/api/v4/users/root/personal_access_tokens", json!({ "name": "x", "scopes": ["api"] }));
    others.await.expect(404);
    for wrong in ["", "wig_", "nonsense", &"x".repeat(4_096), "wig_pAAAA"] {
        let answer = root.with_token(wrong).get("/api/v4/user").await;
        assert_eq!(answer.expect(401)["message"], "401 Unauthorized", "{wrong}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}
