//! What the tests share: a server that is told what to answer, a clock that stands, and a client between the two.

use std::convert::Infallible;
use std::sync::mpsc as blocking;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::{Builder, Client, Connection, Health};

/// Waits for every request until the test answers it.
pub(super) struct Scripted {
    pub(super) url: String,
    streams: mpsc::UnboundedReceiver<Asked>,
    reports: mpsc::UnboundedReceiver<Asked>,
}

/// A request that waits for its answer.
pub(super) struct Asked {
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    answer: oneshot::Sender<Response>,
}

/// A stream under way; it ends when this is dropped.
pub(super) struct Feed(mpsc::UnboundedSender<Result<Frame<Bytes>, std::io::Error>>);

type Tell = mpsc::UnboundedSender<Asked>;

impl Scripted {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell_streams, streams) = mpsc::unbounded_channel();
        let (tell_reports, reports) = mpsc::unbounded_channel();
        let routes = Router::new()
            .route("/v1/flags/stream", get(ask).with_state(tell_streams))
            .route("/v1/flags/exposures", post(ask).with_state(tell_reports));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, streams, reports }
    }

    /// The next request for a stream.
    pub(super) async fn stream(&mut self) -> Asked {
        self.streams.recv().await.unwrap()
    }

    /// The next report.
    pub(super) async fn report(&mut self) -> Asked {
        self.reports.recv().await.unwrap()
    }

    /// Whether nothing was reported so far.
    pub(super) fn no_report(&mut self) -> bool {
        self.reports.try_recv().is_err()
    }

    /// A client of it with a token, and what the builder is told besides.
    pub(super) fn client(&self, build: impl FnOnce(Builder) -> Builder) -> Client {
        let (client, work) = build(Client::builder(&self.url).token("secret")).prepare();
        tokio::spawn(work.run());
        client
    }

    /// A client whose stream has begun with `flags`.
    pub(super) async fn live(&mut self, flags: Value) -> (Client, Feed) {
        let client = self.client(|builder| builder);
        let feed = self.stream().await.accept();
        feed.snapshot("v1", flags);
        until(&client, is_live).await;
        (client, feed)
    }
}

async fn ask(
    State(tell): State<Tell>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (answer, answered) = oneshot::channel();
    tell.send(Asked { query, headers, body, answer }).unwrap();
    answered.await.unwrap_or_else(|_| StatusCode::IM_A_TEAPOT.into_response())
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn answer(self, response: impl IntoResponse) {
        // The client may have gone away.
        let _ = self.answer.send(response.into_response());
    }

    /// Begins the stream.
    pub(super) fn accept(self) -> Feed {
        let (tell, told) = mpsc::unbounded_channel();
        let body = Body::new(StreamBody::new(UnboundedReceiverStream::new(told)));
        self.answer(([("content-type", "text/event-stream; charset=utf-8")], body));
        Feed(tell)
    }
}

impl Asked {
    /// Begins the stream with this snapshot. Hold it: it ends when it is dropped.
    pub(super) fn accept_with_snapshot(self, version: &str, flags: Value) -> Feed {
        let feed = self.accept();
        feed.snapshot(version, flags);
        feed
    }
}

impl Feed {
    pub(super) fn send(&self, text: impl AsRef<[u8]>) {
        let _ = self.0.send(Ok(Frame::data(Bytes::copy_from_slice(text.as_ref()))));
    }

    pub(super) fn event(&self, name: &str, id: &str, data: &Value) {
        self.send(format!("event: {name}\nid: {id}\ndata: {data}\n\n"));
    }

    pub(super) fn snapshot(&self, version: &str, flags: Value) {
        self.event("snapshot", version, &snapshot(version, flags));
    }

    pub(super) fn change(&self, since: &str, version: &str, flags: Value) {
        self.event("change", version, &json!({ "since": since, "version": version, "flags": flags }));
    }

    /// Breaks the connection in the middle of the answer.
    pub(super) fn cut(self) {
        let _ = self.0.send(Err(std::io::Error::other("cut")));
    }
}

pub(super) fn snapshot(version: &str, flags: Value) -> Value {
    json!({ "environment": "production", "version": version, "flags": flags })
}

/// One flag, on or off for everyone.
pub(super) fn flag(name: &str, on: bool) -> Value {
    json!({ "name": name, "state": { "boolean": on } })
}

/// Waits until the client's health is as `is` says.
pub(super) async fn until(client: &Client, is: impl FnMut(&Health) -> bool) -> Health {
    client.health_changes().wait_for(is).await.unwrap().clone()
}

pub(super) fn is_live(health: &Health) -> bool {
    health.connection == Connection::Live
}

/// Waits until the stream is lost; why.
pub(super) async fn until_lost(client: &Client) -> String {
    let lost = |health: &Health| matches!(health.connection, Connection::Lost { .. });
    match until(client, lost).await.connection {
        Connection::Lost { why } => why,
        other => unreachable!("{other:?}"),
    }
}

/// Waits until the snapshot has this version.
pub(super) async fn until_version(client: &Client, version: &str) {
    until(client, |health| health.version.as_deref() == Some(version)).await;
}

/// A clock that stands until it is advanced, in the runtime of the test alone; dropped, it runs by itself.
pub(super) struct Clock(#[allow(dead_code, reason = "held for its end")] blocking::Sender<Infallible>);

impl Clock {
    pub(super) fn by_hand() -> Self {
        // A paused clock leaps ahead whenever all tasks wait, unless a blocking task is under way.
        let (held, holds) = blocking::channel();
        tokio::task::spawn_blocking(move || holds.recv());
        tokio::time::pause();
        Self(held)
    }

    /// By so much, and the little by which timers are rounded up.
    pub(super) async fn advance(&self, by: Duration) {
        tokio::time::advance(by + Duration::from_millis(5)).await;
    }
}
