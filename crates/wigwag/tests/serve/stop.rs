//! Graceful stops and hard ones, with deliveries under way.

use crate::world::{Server, WITHIN, World};
use serde_json::json;
use std::collections::BTreeSet;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use wigwag_testkit::{Receiver, Reply};

/// More than one hook may have under way.
const MANY: usize = 80;

/// Returns when the server has begun to stop: it then closes what is idle.
async fn begins_to_stop(server: &Server, mut idle: TcpStream) {
    server.terminate();
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(WITHIN, idle.read_to_end(&mut rest)).await;
    closed.expect("idle connections are closed").unwrap();
}

async fn idle(server: &Server) -> TcpStream {
    let idle = TcpStream::connect(server.address()).await.unwrap();
    // Connections are taken in order: once this is answered, the idle one was taken too.
    server.root.get("/readyz").await.ok();
    idle
}

fn key(received: &wigwag_testkit::Received) -> String {
    received.header("idempotency-key").to_owned()
}

#[tokio::test]
async fn a_stop_waits_for_the_delivery_under_way_and_never_repeats_it() {
    let world = World::new();
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Wait);
    let mut server = world.start().await;
    server.hook(&receiver).await;
    server.publish(json!({ "n": 1 })).await;
    let first = receiver.next().await;
    let idle = idle(&server).await;
    begins_to_stop(&server, idle).await;
    assert!(server.runs(), "it waits for the receiver");
    receiver.release();
    assert_eq!(server.ended().await, Some(0));

    let server = world.start().await;
    server.publish(json!({ "n": 2 })).await;
    let second = receiver.next().await;
    assert_eq!((&first.body[..], &second.body[..]), (&b"{\"n\":1}"[..], &b"{\"n\":2}"[..]));
    server.stop().await;
    assert!(receiver.is_quiet(), "each arrived once");
}

#[tokio::test]
async fn what_was_accepted_and_not_begun_is_sent_after_the_next_start() {
    let world = World::new();
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Wait);
    let server = world.start().await;
    server.hook(&receiver).await;
    for n in 0..MANY {
        server.publish(json!({ "n": n })).await;
    }
    let mut keys = vec![key(&receiver.next().await)];
    let idle = idle(&server).await;
    begins_to_stop(&server, idle).await;
    receiver.release();
    assert_eq!(server.ended().await, Some(0));
    while let Some(received) = receiver.lies_here() {
        keys.push(key(&received));
    }
    assert!(keys.len() < MANY, "some were not begun");

    let server = world.start().await;
    while keys.len() < MANY {
        keys.push(key(&receiver.next().await));
    }
    server.stop().await;
    assert!(receiver.is_quiet());
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), MANY, "each arrived once");
}

#[tokio::test]
async fn after_a_kill_it_is_sent_again_with_the_same_key_and_bytes() {
    let world = World::new();
    let mut receiver = Receiver::start().await;
    receiver.replies(Reply::Hang);
    let server = world.start().await;
    server.hook(&receiver).await;
    server.publish(json!({ "n": 1, "text": "é" })).await;
    let first = receiver.next().await;
    server.kill().await;

    receiver.replies(Reply::Status(200));
    let server = world.start().await;
    let again = receiver.next().await;
    assert_eq!((key(&first), &first.body), (key(&again), &again.body));
    assert!(!key(&first).is_empty());
    server.stop().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_holds_up_no_stop() {
    let world = World::new();
    let server = world.start().await;
    let mut half = TcpStream::connect(server.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut half, b"POST /v1/projects HTTP/1.1\r\nhost: x\r\n")
        .await
        .unwrap();
    server.root.get("/readyz").await.ok();
    server.stop().await;
}
