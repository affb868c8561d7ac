use super::token;
use crate::v1::broken_world;
use wigwag_testkit::Server;

#[tokio::test]
async fn the_fragment_is_escaped_html_or_nothing() {
    let (world, hook, _receiver) = broken_world().await;
    let anyone = world.root.anonymous();
    let embed = token(&world, "mia").await;
    let html = anyone.get(&format!("/embed/callout?token={embed}")).await;
    let text = html.text();
    assert_eq!((html.status.as_u16(), html.header("cache-control")), (200, "no-store"));
    assert!(text.contains("Builds &#60;b&#62;") && !text.contains("<b>"), "{text}");
    assert!(text.contains(&format!("name=\"hook_id\" value=\"{hook}\"")), "{text}");
    assert!(text.contains("role=\"alert\""), "{text}");
    let reporter = token(&world, "rob").await;
    assert_eq!(anyone.get(&format!("/embed/callout?token={reporter}")).await.text(), "");
    let quiet = format!("/embed/callout?token={embed}&page=/acme/shop/-/hooks");
    assert_eq!(anyone.get(&quiet).await.text(), "");
    let form = format!("token={embed}&feature_name=web_hook_disabled");
    anyone.request("POST", "/embed/dismiss").form(&form).send().await.done();
    assert_eq!(anyone.get(&format!("/embed/callout?token={embed}")).await.text(), "");
}

#[tokio::test]
async fn only_a_bad_token_is_an_error() {
    let server = Server::start().await;
    let anyone = server.root().anonymous();
    for bad in ["", "?token=", "?token=a.b.c", &format!("?token={}", "x".repeat(5_000))] {
        assert_eq!(
            anyone.get(&format!("/embed/callout{bad}")).await.problem(401),
            "unauthorized",
            "{bad:.40}"
        );
    }
    let dismiss = anyone.request("POST", "/embed/dismiss").form("token=a.b.c&feature_name=web_hook_disabled");
    assert_eq!(dismiss.send().await.problem(401), "unauthorized");
}
