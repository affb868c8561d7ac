use crate::embed::token;
use crate::v1::broken_world;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wigwag_testkit::Server;

/// Reads the stream until it has said `word`.
async fn hears(stream: &mut TcpStream, word: &str) {
    let mut heard = String::new();
    let mut buffer = [0; 4_096];
    while !heard.contains(word) {
        let read = timeout(Duration::from_secs(10), stream.read(&mut buffer)).await;
        let count = read.unwrap_or_else(|_| panic!("the stream said only {heard:?}")).unwrap();
        assert_ne!(count, 0, "the stream ended after {heard:?}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
}

#[tokio::test]
async fn the_stream_rings_when_the_projects_banners_may_have_changed() {
    let (world, hook, _receiver) = broken_world().await;
    let embed = token(&world, "mia").await;
    let mut stream = TcpStream::connect(world.server.address).await.unwrap();
    let request = format!("GET /embed/v1/events?token={embed} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    hears(&mut stream, "event: ready").await;
    world.maintainer.post(&world.v1(&format!("/hooks/{hook}/enable")), json!({})).await.done();
    hears(&mut stream, "event: changed").await;
    let flag = "/api/v4/features/webhooks_failed_callout";
    world.root.post(flag, json!({ "value": false })).await.created();
    hears(&mut stream, "event: changed").await;
}

#[tokio::test]
async fn a_bad_token_gets_no_stream() {
    let server = Server::start().await;
    let anyone = server.root().anonymous();
    assert_eq!(anyone.get("/embed/v1/events").await.problem(401), "unauthorized");
    assert_eq!(anyone.get("/embed/v1/events?token=a.b.c").await.problem(401), "unauthorized");
}
