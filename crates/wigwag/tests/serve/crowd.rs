//! Clients that take connections and say nothing.

use crate::world::{Server, World};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wigwag_testkit::{Receiver, Reply};

/// Files that the server may open.
const FILES: u32 = 128;

#[tokio::test]
async fn half_requests_without_number_take_no_files_from_deliveries() {
    let world = World::new();
    world.write("wigwag.toml", "retry_delays_s = [1, 1, 1]");
    let serve = world.serve(&[]);
    let mut command = world.limited(&serve, &format!("ulimit -n {FILES}"));
    command.env("WIGWAG_LOG", "error");
    let server = Server::start(command).await;
    let mut receiver = Receiver::start().await;
    // Closed, so that the retry needs a connection of its own.
    receiver.replies(Reply::With(500, ("connection", "close".into()), String::new()));
    server.hook(&receiver).await;
    server.publish(json!({ "n": 1 })).await;
    let first = receiver.next().await;
    let mut crowd = Vec::new();
    for _ in 0..FILES {
        let mut half = TcpStream::connect(server.address()).await.unwrap();
        half.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
        crowd.push(half);
    }
    receiver.replies(Reply::Status(200));
    let retry = receiver.next().await;
    assert_eq!(
        (retry.header("idempotency-key"), &retry.body),
        (first.header("idempotency-key"), &first.body)
    );
    drop(crowd);
    assert_eq!(server.root.get("/readyz").await.ok()["status"], "ok");
    server.stop().await;
}
