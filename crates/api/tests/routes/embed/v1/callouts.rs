use crate::embed::token;
use crate::v1::broken_world;
use serde_json::json;
use std::time::Duration;
use wigwag_engine::Settings;
use wigwag_testkit::{Server, Setup};

#[tokio::test]
async fn the_component_reads_and_dismisses_with_its_token() {
    let (world, _, _receiver) = broken_world().await;
    let embed = token(&world, "mia").await;
    let bearer = |method: &str, path: &str| {
        let request = world.root.anonymous().request(method, path);
        request.header("authorization", &format!("Bearer {embed}")).send()
    };
    let list = "/embed/v1/callouts";
    assert_eq!(bearer("GET", list).await.ok()["callouts"][0]["feature_name"], "web_hook_disabled");
    assert_eq!(bearer("GET", &world.v1("/callouts")).await.ok()["callouts"].as_array().unwrap().len(), 1);
    let other = bearer("GET", &world.v1("/callouts?user=rob")).await;
    assert_eq!(other.problem(403), "forbidden");
    let sudo = bearer("GET", &world.v1("/callouts?sudo=rob")).await;
    assert_eq!(sudo.problem(403), "forbidden");
    let unknown = bearer("POST", "/embed/v1/callouts/nonsense/dismiss").await;
    assert_eq!(unknown.problem(404), "not_found");
    bearer("POST", "/embed/v1/callouts/web_hook_disabled/dismiss").await.done();
    assert_eq!(bearer("GET", list).await.ok()["callouts"], json!([]));
    world.server.advance(Duration::from_secs(15 * 60 + 31));
    assert_eq!(bearer("GET", list).await.problem(401), "unauthorized");
    let api_token = world.maintainer.get(list).await;
    assert_eq!(api_token.problem(401), "unauthorized");
}

#[tokio::test]
async fn pages_of_configured_origins_may_ask_and_no_others() {
    let embed_origins = vec!["https://platform.example".to_owned(), "https://two.example/".to_owned()];
    let settings = Settings { embed_origins, ..Settings::default() };
    let server = Server::with(Setup { settings, ..Setup::default() }).await;
    let check = async |origin: &str, allowed: &str| {
        let asked = server.root().anonymous().request("OPTIONS", "/embed/v1/callouts").outside_of_document();
        let asked = asked.header("origin", origin).header("access-control-request-method", "GET");
        let answer = asked.header("access-control-request-headers", "authorization").send().await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(answer.header("access-control-max-age"), "600", "a browser asks once in a while");
        let read = server.root().anonymous().request("GET", "/embed/v1/callouts").header("origin", origin);
        let answer = read.send().await;
        assert_eq!(
            (answer.problem(401), answer.header("access-control-allow-origin")),
            ("unauthorized".into(), allowed)
        );
    };
    check("https://platform.example", "https://platform.example").await;
    check("https://two.example", "https://two.example").await;
    check("https://evil.example", "").await;
    check("null", "").await;
}
