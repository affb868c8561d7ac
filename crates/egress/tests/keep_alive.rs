//! Connections are kept, reused only for the same host and check, and replaced when the receiver has closed them.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Arc;
use std::time::Duration;
use support::{PATIENT, Receiver, client, post, read_request, shown};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Barrier, mpsc};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Sends `requests` one after the other; the receiver answers with `answer`.
async fn check(answer: &'static str, requests: usize, expected_connections: std::ops::RangeInclusive<usize>) {
    let receiver = Receiver::answering(answer).await;
    let client = client();
    for _ in 0..requests {
        assert!(post(&client, &receiver.url(), PATIENT).await.is_ok(), "{answer}");
    }
    assert!(expected_connections.contains(&receiver.connections()), "{answer}: {}", receiver.connections());
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    // A second one may be opened while the first one's driver has not come round yet.
    check(OK, 50, 1..=2).await;
    check("HTTP/1.1 204 No Content\r\n\r\n", 50, 1..=2).await;
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 50, 1..=2).await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_reused() {
    check("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 5, 5..=5).await;
    check("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 5, 5..=5).await;
    // Bytes that nobody asked for may be the answer to the next request: never believed.
    check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\n\r\n", 5, 5..=5).await;
}

#[tokio::test]
async fn another_name_of_the_same_address_gets_its_own_connection() {
    let receiver = Receiver::answering(OK).await;
    let client = client();
    let port = receiver.address.port();
    for host in ["127.0.0.1", "localhost", "a.localhost"] {
        let answer = post(&client, &format!("http://{host}:{port}/"), PATIENT).await;
        assert_eq!(shown(&answer), "200 stored 2 read 2", "{host}");
    }
    assert_eq!(receiver.connections(), 3);
}

/// The first connection answers once, then does `last` when a second request comes in.
async fn closing_receiver(last: &'static str) -> Receiver {
    Receiver::start(move |mut stream, before| async move {
        let mut served = 0;
        while read_request(&mut stream).await.is_some() {
            if before == 0 && served == 1 {
                let _ = stream.write_all(last.as_bytes()).await;
                return;
            }
            if stream.write_all(OK.as_bytes()).await.is_err() {
                return;
            }
            served += 1;
        }
    })
    .await
}

#[tokio::test]
async fn a_kept_connection_that_turns_out_closed_is_replaced_once() {
    let receiver = closing_receiver("").await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(shown(&post(&client, &receiver.url(), PATIENT).await), "200 stored 2 read 2");
        // The driver comes round before the next request, so that it takes the kept connection.
        tokio::task::yield_now().await;
    }
    assert_eq!(receiver.connections(), 2);
}

#[tokio::test]
async fn half_an_answer_on_a_kept_connection_is_no_reason_to_send_again() {
    let receiver = closing_receiver("HTTP/1.1 20").await;
    let client = client();
    assert_eq!(shown(&post(&client, &receiver.url(), PATIENT).await), "200 stored 2 read 2");
    tokio::task::yield_now().await;
    assert_eq!(shown(&post(&client, &receiver.url(), PATIENT).await), "ConnectionLost");
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_new_connection_that_closes_at_once_is_a_failure_and_not_tried_again() {
    let receiver = Receiver::start(|mut stream, _| async move {
        read_request(&mut stream).await;
    })
    .await;
    assert_eq!(shown(&post(&client(), &receiver.url(), PATIENT).await), "ConnectionLost");
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_lay_idle_for_30_s_is_not_reused() {
    for (idle, expected) in [(Duration::from_secs(29), 1), (Duration::from_secs(30), 2)] {
        let receiver = Receiver::answering(OK).await;
        let client = client();
        assert!(post(&client, &receiver.url(), PATIENT).await.is_ok());
        tokio::task::yield_now().await;
        tokio::time::pause();
        tokio::time::advance(idle).await;
        tokio::time::resume();
        assert!(post(&client, &receiver.url(), PATIENT).await.is_ok());
        assert_eq!(receiver.connections(), expected, "{idle:?}");
    }
}

#[tokio::test]
async fn of_129_connections_to_one_address_128_are_kept() {
    let all_here = Arc::new(Barrier::new(129));
    let (closed, mut was_closed) = mpsc::unbounded_channel();
    let receiver = Receiver::start(move |mut stream, _| {
        let (all_here, closed) = (Arc::clone(&all_here), closed.clone());
        async move {
            read_request(&mut stream).await;
            all_here.wait().await;
            let _ = stream.write_all(OK.as_bytes()).await;
            assert_eq!(read_request(&mut stream).await, None);
            closed.send(()).unwrap();
        }
    })
    .await;
    let client = Arc::new(client());
    let requests: Vec<_> = (0..129)
        .map(|_| {
            let (client, url) = (Arc::clone(&client), receiver.url());
            tokio::spawn(async move { post(&client, &url, PATIENT).await })
        })
        .collect();
    for request in requests {
        assert_eq!(shown(&request.await.unwrap()), "200 stored 2 read 2");
    }
    // One is closed at once, the others when the client goes.
    was_closed.recv().await.unwrap();
    assert!(was_closed.try_recv().is_err());
    drop(client);
    for _ in 0..128 {
        was_closed.recv().await.unwrap();
    }
}
