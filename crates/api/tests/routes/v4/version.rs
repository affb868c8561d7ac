use wigwag_testkit::Server;

#[tokio::test]
async fn the_version_is_open_to_all() {
    let server = Server::start().await;
    let version = server.root().anonymous().get("/api/v4/version").await.ok();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}
