//! A server that answers as a test says, and the real client.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, reason = "what several suites share")]

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use wigwag_base::Secret;
use wigwag_monitors::{SourceConfig, SourceKind, build};
use wigwag_ports::monitors::{SourceAnswer, WhenSilent};
use wigwag_ports::{Egress, ProductionCheck};

/// What came in: method and path, the headers, the body.
pub type Seen = (String, Vec<(String, String)>, String);

pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    body: Arc<Mutex<(u16, String)>>,
}

impl Server {
    pub async fn answering(status: u16, body: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let says = Arc::new(Mutex::new((status, body.into())));
        let (log, answer) = (seen.clone(), says.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (log.clone(), answer.clone());
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (log, answer) = (log.clone(), answer.clone());
                    async move {
                        let (parts, content) = request.into_parts();
                        let content = content.collect().await.unwrap().to_bytes();
                        let header =
                            |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
                                (name.to_string(), value.to_str().unwrap().to_owned())
                            };
                        let headers = parts.headers.iter().map(header).collect();
                        let asked = format!("{} {}", parts.method, parts.uri);
                        log.lock().unwrap().push((
                            asked,
                            headers,
                            String::from_utf8(content.to_vec()).unwrap(),
                        ));
                        let (status, body) = answer.lock().unwrap().clone();
                        let body = Full::new(Bytes::from(body));
                        let answer = Response::builder().status(status).header("retry-after", "7");
                        Ok::<_, Infallible>(answer.body(body).unwrap())
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, seen, body: says }
    }

    pub fn says(&self, status: u16, body: impl Into<String>) {
        *self.body.lock().unwrap() = (status, body.into());
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().cloned().expect("something was asked")
    }
}

pub fn egress() -> Arc<dyn Egress> {
    let config = wigwag_egress::Config {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        ..wigwag_egress::Config::default()
    };
    Arc::new(wigwag_egress::Client::new(&config).unwrap())
}

pub fn source(url: &str, kind: SourceKind) -> SourceConfig {
    SourceConfig {
        name: "the source".into(),
        url: url.to_owned(),
        token: Some(Secret::new("a-token".into())),
        when_silent: WhenSilent::Refuse,
        deadline: Duration::from_secs(5),
        kind,
    }
}

pub fn prometheus(query: &str, red_when: &str) -> SourceKind {
    SourceKind::Prometheus { query: query.into(), red_when: red_when.into(), service: "web".into() }
}

pub async fn look(url: &str, kind: SourceKind) -> SourceAnswer {
    let sources = build(vec![source(url, kind)], &*egress()).unwrap();
    let one: &Arc<dyn ProductionCheck> = &sources[0];
    one.look().await
}

/// `clear`, `blocked: ...`, `silent: ...`.
pub fn said(answer: &SourceAnswer) -> String {
    match answer {
        SourceAnswer::Clear => "clear".into(),
        SourceAnswer::Blocked(blockers) => {
            let one = |blocker: &wigwag_ports::monitors::Blocker| match &blocker.url {
                Some(url) => format!("{} <{url}>", blocker.what),
                None => blocker.what.clone(),
            };
            format!("blocked: {}", blockers.iter().map(one).collect::<Vec<_>>().join("; "))
        }
        SourceAnswer::Silent(why) => format!("silent: {why}"),
    }
}

/// Asks until the answer is as it should be; servers need a moment until they have seen what they are to tell.
pub async fn comes_to(url: &str, kind: SourceKind, is: &str) {
    let mut last = String::new();
    for _ in 0..600 {
        last = said(&look(url, kind.clone()).await);
        if last.contains(is) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it should say {is:?} and says {last:?}");
}
