//! `/healthz`, `/readyz`, `/metrics`, and what holds for every request.

use wigwag_testkit::{Server, Setup};

#[tokio::test]
async fn the_server_says_how_it_does() {
    let server = Server::start().await;
    let root = server.root();
    let anyone = root.anonymous();
    assert_eq!(anyone.get("/healthz").await.text(), "ok\n");
    assert_eq!(anyone.get("/readyz").await.ok()["status"], "ok");
    assert_eq!(anyone.get("/metrics").await.problem(401), "unauthorized");
    let user = server.user("ada").await;
    assert_eq!(user.get("/metrics").await.problem(403), "forbidden");
    let scraper = server.token_of("ada", &["metrics"]).await;
    let figures = scraper.get("/metrics").await.text();
    assert!(figures.contains("wigwag_http_requests_total"), "{figures}");
    assert!(figures.contains(r#"route="/readyz",status="200""#), "{figures}");
    assert!(figures.contains("wigwag_hooks_failing 0"), "{figures}");
    assert!(figures.ends_with("# EOF\n") && figures.matches("# EOF").count() == 1, "{figures}");
}

#[tokio::test]
async fn unknown_routes_and_methods_answer_in_their_familys_shape() {
    let server = Server::start().await;
    let root = server.root();
    let raw = |method: &str, path: &str| root.request(method, path).outside_of_document().send();
    assert_eq!(raw("GET", "/api/v4/nonsense").await.expect(404)["error"], "404 Not Found");
    assert_eq!(raw("GET", "/v1/nonsense").await.problem(404), "no_such_route");
    assert_eq!(raw("PATCH", "/api/v4/users").await.expect(405)["error"], "405 Not Allowed");
    let refused = raw("DELETE", "/v1/audit").await;
    assert_eq!(refused.problem(405), "method_not_allowed");
    assert_eq!(refused.header("allow"), "GET,HEAD");
    assert_eq!(root.get("/api/v4/projects/%ff").await.expect(404)["error"], "404 Not Found");
    let head = raw("HEAD", "/healthz").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_is_what_it_says() {
    let server = Server::start().await;
    let root = server.root();
    let check = async |sent: &str, kept: bool| {
        let answer = root.request("GET", "/healthz").header("x-request-id", sent).send().await;
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
        assert!(!answer.header("x-request-id").is_empty());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    };
    check("abc-123_x.y", true).await;
    check("a b", false).await;
    check(&"x".repeat(65), false).await;
}

#[tokio::test]
async fn a_panic_ends_one_request_alone() {
    let pages = |_| axum::Router::new().route("/panic", axum::routing::get(panics));
    let server = Server::with(Setup { pages: Some(pages), ..Setup::default() }).await;
    let root = server.root();
    let answer = root.request("GET", "/panic").outside_of_document().send().await;
    assert_eq!(answer.problem(500), "internal");
    assert!(!answer.text().contains("secret") && !answer.header("x-request-id").is_empty());
    root.get("/healthz").await;
}

async fn panics() {
    panic!("a secret of the server's own");
}
