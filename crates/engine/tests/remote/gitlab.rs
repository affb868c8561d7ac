//! A server that answers as a test tells it to, by default like a GitLab, and remembers what it was asked.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

pub(crate) const FEATURES: &str = include_str!("../assumed/features.json");
pub(crate) const DEFINITIONS: &str = include_str!("../assumed/definitions.json");
pub(crate) const SET_PROJECT: &str = include_str!("../assumed/set-project.json");
pub(crate) const NOT_FOUND: &str = include_str!("../assumed/not-found.json");
pub(crate) const UNAUTHORIZED: &str = include_str!("../assumed/unauthorized.json");
pub(crate) const BAD_REQUEST: &str = include_str!("../assumed/bad-request.json");

pub(crate) struct Gitlab {
    pub(crate) address: SocketAddr,
    pub(crate) script: Arc<Script>,
    serving: Option<JoinHandle<()>>,
}

/// What it answers, and what it was asked.
#[derive(Default)]
pub(crate) struct Script {
    lines: Mutex<Lines>,
    /// Rings when a held request may go on.
    go_on: Notify,
    /// Rings when a request is held.
    pub(crate) held: Notify,
    /// Rings with every request.
    heard: Notify,
}

#[derive(Default)]
struct Lines {
    features: Option<Reply>,
    definitions: Option<Reply>,
    changes: VecDeque<Reply>,
    asked: Vec<String>,
    hold: Option<&'static str>,
}

/// One answer.
#[derive(Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    ends: Ends,
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Well,
    /// Never.
    Hangs,
    /// The connection breaks instead of it.
    Breaks,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), ends: Ends::Well }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    pub(crate) fn hangs() -> Self {
        Self { ends: Ends::Hangs, ..Self::new(200, "") }
    }

    pub(crate) fn breaks() -> Self {
        Self { ends: Ends::Breaks, ..Self::new(200, "") }
    }
}

impl Lines {
    /// The answer to a change; what it makes of the flag is listed from then on.
    fn change(&mut self, flag: &str) -> Option<Reply> {
        let reply = self.changes.pop_front()?;
        let listed = self.features.as_mut().and_then(|list| {
            let all: Vec<Value> = serde_json::from_slice(&list.body).ok()?;
            Some((list, all))
        });
        let made: Option<Value> =
            serde_json::from_slice(&reply.body).ok().filter(|made: &Value| made["name"] == flag);
        if let Some((list, mut all)) = listed.filter(|_| reply.status == 204 || made.is_some()) {
            all.retain(|one| one["name"] != flag);
            all.extend(made);
            list.body = Value::from(all).to_string().into();
        }
        Some(reply)
    }
}

impl Gitlab {
    /// One that has the assumed features and definitions.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Script::default());
        let mut gitlab = Self { address, script, serving: None };
        gitlab.features(Reply::new(200, FEATURES));
        gitlab.definitions(Reply::new(200, DEFINITIONS));
        gitlab.serving = Some(tokio::spawn(serve(listener, gitlab.script.clone())));
        gitlab
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn features(&self, reply: Reply) {
        self.script.lines.lock().unwrap().features = Some(reply);
    }

    pub(crate) fn definitions(&self, reply: Reply) {
        self.script.lines.lock().unwrap().definitions = Some(reply);
    }

    /// What the next change is answered with.
    pub(crate) fn change(&self, reply: Reply) {
        self.script.lines.lock().unwrap().changes.push_back(reply);
    }

    /// What it was asked since the last time this was asked: method, path, whether a token came along, and the body.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.script.lines.lock().unwrap().asked)
    }

    /// Returns once it was asked so often.
    pub(crate) async fn was_asked(&self, times: usize) {
        while self.script.lines.lock().unwrap().asked.len() < times {
            self.script.heard.notified().await;
        }
    }

    /// The changes among them.
    pub(crate) fn changes(&self) -> Vec<String> {
        self.asked().into_iter().filter(|line| !line.starts_with("GET")).collect()
    }

    /// Holds the next request of this method until [`Gitlab::go_on`].
    pub(crate) fn hold(&self, method: &'static str) {
        self.script.lines.lock().unwrap().hold = Some(method);
    }

    pub(crate) fn go_on(&self) {
        self.script.go_on.notify_one();
    }

    /// Nothing listens any more, and every connection is cut.
    pub(crate) async fn stop(&mut self) {
        let serving = self.serving.take().unwrap();
        serving.abort();
        let _ = serving.await;
    }

    pub(crate) async fn start_again(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.serving = Some(tokio::spawn(serve(listener, self.script.clone())));
    }
}

impl Drop for Gitlab {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

async fn serve(listener: TcpListener, script: Arc<Script>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let script = script.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, script.clone()));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Breaks the connection: hyper closes it when a service fails.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken by the test")
    }
}

impl std::error::Error for Broken {}

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

async fn answer(request: Request<Incoming>, script: Arc<Script>) -> Result<Response<Full<Bytes>>, Broken> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let reply = {
        let mut lines = script.lines.lock().unwrap();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let token = header("private-token").unwrap_or("no token");
        let etag = header("if-none-match").map(|etag| format!(" unless {etag}")).unwrap_or_default();
        let text = String::from_utf8_lossy(&body).into_owned();
        let line = format!("{} {} {token}{etag} {text}", parts.method, parts.uri);
        lines.asked.push(line.trim_end().to_owned());
        script.heard.notify_one();
        let found = match (parts.method.as_str(), parts.uri.path()) {
            ("GET", "/api/v4/features") => {
                page(lines.features.as_ref(), parts.uri.query().unwrap_or_default())
            }
            ("GET", "/api/v4/features/definitions") => lines.definitions.clone(),
            ("POST" | "DELETE", path) => {
                path.strip_prefix("/api/v4/features/").and_then(|flag| lines.change(flag))
            }
            _ => None,
        };
        let found = found.unwrap_or_else(|| Reply::new(404, NOT_FOUND));
        // What the client has already is not sent again.
        let has = found
            .headers
            .iter()
            .any(|(name, value)| *name == "etag" && header("if-none-match") == Some(value));
        let hold = lines.hold.take_if(|method| *method == parts.method.as_str()).is_some();
        (if has { Reply::new(304, "") } else { found }, hold)
    };
    let (reply, hold) = reply;
    if hold {
        script.held.notify_one();
        script.go_on.notified().await;
    }
    match reply.ends {
        Ends::Well => {}
        Ends::Hangs => std::future::pending().await,
        Ends::Breaks => return Err(Broken),
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    Ok(response.body(Full::new(reply.body)).unwrap())
}

/// A list is given in pages if the reply says so: `x-pages`, the number of items on each.
fn page(reply: Option<&Reply>, query: &str) -> Option<Reply> {
    let reply = reply?;
    let Some(size) = reply.headers.iter().find(|(name, _)| *name == "x-pages") else {
        return Some(reply.clone());
    };
    let size: usize = size.1.parse().unwrap();
    let number: usize = query.split("page=").last().unwrap().parse().unwrap();
    let all: Vec<Value> = serde_json::from_slice(&reply.body).unwrap();
    let items: Vec<&Value> = all.iter().skip((number - 1) * size).take(size).collect();
    let next = if all.len() > number * size { (number + 1).to_string() } else { String::new() };
    let body = serde_json::to_string(&items).unwrap();
    Some(Reply::new(reply.status, body).with("x-next-page", &next))
}
