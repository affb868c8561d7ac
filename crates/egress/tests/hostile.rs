//! Receivers that do what no receiver should: the client keeps its caps and its deadline, and says what happened.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;
use support::{PATIENT, Receiver, SHORT, client, post, read_request, shown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// The receiver answers with `answer` and closes.
async fn check(answer: &str, expected: &str) {
    check_bytes(answer.as_bytes().to_vec(), expected).await;
}

async fn check_bytes(answer: Vec<u8>, expected: &str) {
    let label = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
    let receiver = Receiver::start(move |mut stream, _| {
        let answer = answer.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            // Unread bytes would turn the close into a reset.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    })
    .await;
    assert_eq!(shown(&post(&client(), &receiver.url(), PATIENT).await), expected, "{label}");
}

#[tokio::test]
async fn broken_answers_are_told_apart() {
    check("HTTP/1.1 204 No Content\r\n\r\n", "204 stored 0 read 0").await;
    check("HTTP/1.0 200 OK\r\n\r\nuntil the end", "200 stored 13 read 13").await;
    check("", "ConnectionLost").await;
    check("HTTP/1.1 200 OK\r\nContent-Le", "ConnectionLost").await;
    check("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "ConnectionLost").await;
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "ConnectionLost").await;
    check("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", "protocol").await;
    check("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol").await;
    check("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "protocol").await;
    check("HTTP/9.9 200 OK\r\n\r\n", "protocol").await;
    check("SSH-2.0-OpenSSH_9.2\r\n", "protocol").await;
    check("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "protocol").await;
    check_bytes(vec![0x16, 0x03, 0x01, 0, 5, 0, 0, 0, 0, 0], "protocol").await;
}

#[tokio::test]
async fn headers_are_capped() {
    let answer = |headers: String| format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{headers}\r\n");
    let lines = |count: usize| (0..count).map(|n| format!("X-{n}: {n}\r\n")).collect::<String>();
    check(&answer(lines(99)), "200 stored 0 read 0").await;
    check(&answer(lines(100)), "protocol").await;
    check(&answer(format!("X-Long: {}\r\n", "a".repeat(60 * 1024))), "200 stored 0 read 0").await;
    check(&answer(format!("X-Long: {}\r\n", "a".repeat(64 * 1024))), "protocol").await;
}

#[tokio::test]
async fn of_the_headers_fifty_are_kept_and_of_each_one_kibibyte() {
    let lines: String = (0..60).map(|n| format!("X-{n}: {}\r\n", "v".repeat(1020 + n))).collect();
    let receiver = Receiver::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{lines}\r\n")).await;
    let answer = post(&client(), &receiver.url(), PATIENT).await.unwrap();
    assert_eq!(answer.headers.len(), 50);
    let lengths: Vec<usize> = answer.headers[1..8].iter().map(|(_, value)| value.len()).collect();
    assert_eq!(lengths, [1020, 1021, 1022, 1023, 1024, 1024, 1024]);
}

#[tokio::test]
async fn a_body_is_stored_up_to_eight_kibibytes_and_read_up_to_one_mebibyte() {
    for (length, expected) in [
        (8191, "200 stored 8191 read 8191"),
        (8192, "200 stored 8192 read 8192"),
        (8193, "200 stored 8192 read 8193"),
        (1_048_575, "200 stored 8192 read 1048575"),
        (1_048_576, "200 stored 8192 read 1048576"),
        (1_048_577, "200 stored 8192 read 1048576"),
        (9_999_999, "200 stored 8192 read 1048576"),
    ] {
        check(
            &format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", "b".repeat(length)),
            expected,
        )
        .await;
    }
}

#[tokio::test]
async fn an_endless_body_is_cut_and_the_connection_closed() {
    let (closed, mut was_closed) = mpsc::channel(1);
    let receiver = Receiver::start(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
            let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
            while stream.write_all(&chunk).await.is_ok() {}
            let _ = closed.send(()).await;
        }
    })
    .await;
    let answer = post(&client(), &receiver.url(), PATIENT).await;
    assert_eq!(shown(&answer), "200 stored 8192 read 1048576");
    was_closed.recv().await.unwrap();
}

#[tokio::test]
async fn interim_answers_are_read_up_to_the_cap_of_bytes() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\n";
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let most = (1024 * 1024 + 256 * 1024 - 1 - last.len()) / interim.len();
    check(&format!("{}{last}", interim.repeat(most)), "200 stored 0 read 0").await;
    check(&format!("{}{last}", interim.repeat(most + 1)), "protocol").await;
}

#[tokio::test]
async fn a_flood_is_cut_by_what_comes_off_the_wire_and_the_connection_closed() {
    for (first, wave, expected) in [
        ("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "protocol"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "10\r\nsixteen at once.\r\n",
            "200 stored 8192 read ",
        ),
    ] {
        let (closed, mut was_closed) = mpsc::channel(1);
        let receiver = Receiver::start(move |mut stream, _| {
            let closed = closed.clone();
            async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(first.as_bytes()).await;
                let waves = wave.repeat(1_000);
                while stream.write_all(waves.as_bytes()).await.is_ok() {}
                let _ = closed.send(()).await;
            }
        })
        .await;
        let answer = shown(&post(&client(), &receiver.url(), PATIENT).await);
        assert!(answer.starts_with(expected), "{answer}");
        assert_ne!(answer, "200 stored 8192 read 1048576", "what stands between chunks counts too");
        was_closed.recv().await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_head_is_refused_and_the_connection_closed() {
    let (closed, mut was_closed) = mpsc::channel(1);
    let receiver = Receiver::start(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Bomb: ").await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
            let _ = closed.send(()).await;
        }
    })
    .await;
    assert_eq!(shown(&post(&client(), &receiver.url(), PATIENT).await), "protocol");
    was_closed.recv().await.unwrap();
}

/// The receiver sends `start`, then `drip` for ever, a piece every 2 ms.
async fn check_drip(start: &'static str, drip: &'static str, expected: &str) {
    let (closed, mut was_closed) = mpsc::channel(1);
    let receiver = Receiver::start(move |mut stream, _| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await;
            let _ = stream.write_all(start.as_bytes()).await;
            let mut ticks = tokio::time::interval(Duration::from_millis(2));
            while stream.write_all(drip.as_bytes()).await.is_ok() {
                ticks.tick().await;
            }
            let _ = closed.send(()).await;
        }
    })
    .await;
    let result = post(&client(), &receiver.url(), SHORT).await;
    assert_eq!(shown(&result), expected, "{start}");
    was_closed.recv().await.unwrap();
}

#[tokio::test]
async fn a_drip_does_not_stretch_the_deadline() {
    check_drip("HTTP/1.1 200 OK\r\nX-A: ", "a", "timed out waiting for the answer").await;
    check_drip("", "HTTP/1.1 100 Continue\r\n\r\n", "timed out waiting for the answer").await;
    check_drip("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "b", "timed out reading the answer").await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    check_drip(chunked, "1\r\nb\r\n", "timed out reading the answer").await;
}

#[tokio::test]
async fn a_receiver_that_reads_and_says_nothing_runs_into_the_deadline() {
    let receiver = Receiver::start(|mut stream, _| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let result = post(&client(), &receiver.url(), SHORT).await;
    assert_eq!(shown(&result), "timed out waiting for the answer");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let beyond = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    for status in [301, 302, 303, 307, 308] {
        let location = beyond.url();
        let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let receiver = Receiver::answering(head).await;
        let answer = post(&client(), &receiver.url(), PATIENT).await.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers[0], ("location".to_owned(), location));
    }
    assert_eq!(beyond.connections(), 0);
}

#[tokio::test]
async fn nothing_is_inflated_and_no_encoding_is_asked_for() {
    let (seen, mut requests) = mpsc::channel(1);
    let receiver = Receiver::start(move |mut stream, _| {
        let seen = seen.clone();
        async move {
            let request = read_request(&mut stream).await.unwrap();
            let _ = stream
                .write_all(
                    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
                )
                .await;
            seen.send(request).await.unwrap();
        }
    })
    .await;
    let answer = post(&client(), &receiver.url(), PATIENT).await.unwrap();
    assert_eq!(&answer.body[..], b"\x1f\x8b\x08\x00");
    let request = requests.recv().await.unwrap();
    assert_eq!(
        request,
        format!(
            "POST /hook HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\
             x-custom: 1\r\n\r\n{{\"n\":1}}",
            receiver.address
        )
    );
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let result = post(&client(), &format!("http://{address}/"), PATIENT).await;
    assert_eq!(shown(&result), format!("Refused(\"{address}\")"));
}
