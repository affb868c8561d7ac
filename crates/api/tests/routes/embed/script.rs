use wigwag_testkit::Server;

#[tokio::test]
async fn the_component_is_served_to_every_origin() {
    let server = Server::start().await;
    let anyone = server.root().anonymous();
    let script = anyone.get("/embed/callout.js").await;
    assert_eq!(script.header("access-control-allow-origin"), "*");
    assert!(script.text().contains("wigwag-callout"));
    let again = anyone
        .request("GET", "/embed/callout.js")
        .header("if-none-match", script.header("etag"))
        .send()
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}
