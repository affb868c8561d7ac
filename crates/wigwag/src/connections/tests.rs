use super::{Bounds, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

/// So long that no test reaches it.
const NEVER: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_millis(100);
/// A test that hangs fails.
const WITHIN: Duration = Duration::from_secs(20);

const WHOLE: &str = "GET /quick HTTP/1.1\r\nhost: x\r\n\r\n";

struct Listening {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
    /// Rings when a request of `/slow` is under way.
    begun: Arc<Notify>,
    /// Lets it be answered.
    go_on: Arc<Notify>,
    /// Rings when an answer of `/endless` was cut off.
    ended: Arc<Notify>,
}

/// Rings when it is dropped.
struct RingsAtItsEnd(Arc<Notify>);

impl Drop for RingsAtItsEnd {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// An answer that never ends.
fn endless(ended: Arc<Notify>) -> Body {
    let held = RingsAtItsEnd(ended);
    let more = std::iter::repeat_with(move || {
        let _held = &held;
        Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 16 << 10]))
    });
    Body::from_stream(tokio_stream::iter(more))
}

impl Listening {
    async fn start(head_within: Duration, answer_within: Duration, connections_max: usize) -> Self {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (rung, waited) = (begun.clone(), go_on.clone());
        let ended = Arc::new(Notify::new());
        let rings_at_end = ended.clone();
        let slow = move || async move {
            rung.notify_one();
            waited.notified().await;
            "slow"
        };
        let router = Router::new()
            .route("/quick", get(|| async { "quick" }))
            .route("/body", post(|body: Bytes| async move { body }))
            .route("/slow", get(slow))
            .route("/endless", get(move || async move { endless(rings_at_end) }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let bounds = Bounds { head_within, answer_within, unread_within: SOON, connections_max };
        let served = tokio::spawn(serve(listener, router, bounds, stopped));
        Self { address, stop: Some(stop), served, begun, go_on, ended }
    }

    async fn sends(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }
}

/// Everything until the server closes the connection.
async fn all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = tokio::time::timeout(WITHIN, stream.read_to_string(&mut text)).await;
    read.expect("the server should have closed the connection").unwrap();
    text
}

async fn first_line(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 1_024];
    let read = tokio::time::timeout(WITHIN, stream.read(&mut bytes)).await;
    let count = read.expect("the server should have answered").unwrap();
    String::from_utf8_lossy(&bytes[..count]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let server = Listening::start(SOON, NEVER, 10).await;
    let mut half = server.sends("GET /quick HTTP/1.1\r\nhost: ").await;
    assert_eq!(all(&mut half).await, "");
    let mut nothing = server.sends("").await;
    assert_eq!(all(&mut nothing).await, "");
    assert_eq!(first_line(&mut server.sends(WHOLE).await).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn half_a_body_is_answered_and_the_connection_closed() {
    let server = Listening::start(NEVER, SOON, 10).await;
    let mut half = server.sends("POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf").await;
    let answer = all(&mut half).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.ends_with("Send it again.\n"), "{answer}");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = Listening::start(NEVER, NEVER, 10).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let endless = "x".repeat(1 << 20);
    // The server may close before everything is sent.
    let _ = stream.write_all(format!("GET /quick HTTP/1.1\r\nx: {endless}").as_bytes()).await;
    assert_eq!(first_line(&mut stream).await, "HTTP/1.1 431 Request Header Fields Too Large");
}

#[tokio::test]
async fn one_more_connection_than_there_may_be_waits_for_its_turn() {
    let server = Listening::start(NEVER, NEVER, 2).await;
    let mut first = server.sends(WHOLE).await;
    assert_eq!(first_line(&mut first).await, "HTTP/1.1 200 OK");
    let mut second = server.sends(WHOLE).await;
    assert_eq!(first_line(&mut second).await, "HTTP/1.1 200 OK");
    let mut third = server.sends(WHOLE).await;
    let mut byte = [0];
    assert!(tokio::time::timeout(SOON, third.peek(&mut byte)).await.is_err(), "no room yet");
    drop(first);
    assert_eq!(first_line(&mut third).await, "HTTP/1.1 200 OK");
}

#[tokio::test]
async fn a_stop_answers_what_is_under_way_and_closes_what_is_idle() {
    let mut server = Listening::start(NEVER, NEVER, 10).await;
    let mut idle = server.sends(WHOLE).await;
    assert_eq!(first_line(&mut idle).await, "HTTP/1.1 200 OK");
    let mut slow = server.sends("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
    server.begun.notified().await;
    server.stop.take().unwrap().send(()).unwrap();
    assert_eq!(all(&mut idle).await, "");
    assert!(!server.served.is_finished());
    server.go_on.notify_one();
    let answer = all(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("slow"), "{answer}");
    tokio::time::timeout(WITHIN, server.served).await.expect("it should have ended").unwrap();
}

#[tokio::test]
async fn a_client_that_leaves_unread_what_is_sent_to_it_is_cut_off() {
    let server = Listening::start(NEVER, NEVER, 10).await;
    let mut silent = server.sends("GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(first_line(&mut silent).await, "HTTP/1.1 200 OK");
    let ended = tokio::time::timeout(WITHIN, server.ended.notified()).await;
    ended.expect("the connection should have been cut");
}
