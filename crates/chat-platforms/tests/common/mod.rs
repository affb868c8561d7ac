//! A server that stands where a chat's API would be, and requests signed as Slack signs them.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, reason = "what several suites share")]

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use wigwag_base::Timestamp;
use wigwag_chat::{ButtonStyle, Reply};
use wigwag_ports::Egress;

pub const SECRET: &str = "secret-of-the-vector";
pub const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// What came in: method, path, authorization, body.
pub type Seen = (String, String, String, String);

pub struct Chat {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Chat {
    /// A server that gives the same answer to everything.
    pub async fn answering(
        status: u16,
        headers: &'static [(&'static str, &'static str)],
        body: &'static str,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let log = log.clone();
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let log = log.clone();
                    async move {
                        let (parts, content) = request.into_parts();
                        let content = content.collect().await.unwrap().to_bytes();
                        let header = parts
                            .headers
                            .get("authorization")
                            .map(|value| value.to_str().unwrap().to_owned());
                        let text = String::from_utf8(content.to_vec()).unwrap();
                        let path = parts.uri.to_string();
                        log.lock().unwrap().push((
                            parts.method.to_string(),
                            path,
                            header.unwrap_or_default(),
                            text,
                        ));
                        let mut answer = Response::builder().status(status);
                        for (name, value) in headers {
                            answer = answer.header(*name, *value);
                        }
                        Ok::<_, Infallible>(
                            answer.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap(),
                        )
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn last(&self) -> Seen {
        self.seen.lock().unwrap().last().cloned().expect("something was asked")
    }
}

/// The real client, which may reach this machine.
pub fn egress() -> Arc<dyn Egress> {
    let config = wigwag_egress::Config {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        ..wigwag_egress::Config::default()
    };
    Arc::new(wigwag_egress::Client::new(&config).unwrap())
}

pub fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

pub fn signed(secret: &str, at: i64, body: &[u8]) -> Vec<(String, String)> {
    let timestamp = at.to_string();
    let signature = signature(secret, &timestamp, body);
    vec![("x-slack-signature".into(), signature), ("x-slack-request-timestamp".into(), timestamp)]
}

pub fn replies() -> Vec<(&'static str, Reply)> {
    let done = Reply::done()
        .text("webhooks_failed_callout in production: off -> conditional.")
        .fields(vec![("actors".into(), "not set -> Project:1".into()), ("by".into(), "mara".into())])
        .text("To undo:")
        .code("feature delete webhooks_failed_callout --env=production")
        .button("Undo", ButtonStyle::Danger, r#"{"do":"undo"}"#);
    let refused = Reply::refused()
        .text("production is refused. Staging is behind.")
        .code("feature set f true --env=staging");
    let table = Reply::done().text("dev: 1 on.").table(
        &["flag", "state"],
        vec![vec!["a".into(), "on".into()], vec!["a_longer_one".into(), "off".into()]],
    );
    let hostile = Reply::refused()
        .text("<!channel> @all @here <@U1> *b* `c` [x](javascript:y) \u{1b}[2J \u{202e}")
        .fields(vec![("<!here>".into(), "a & b | c".into())])
        .code("a\n```\n<!channel>")
        .table(&["```"], vec![vec!["<!everyone>".into()]]);
    let long = Reply::done().text("x".repeat(5_000)).code("never shown");
    let asked =
        format!("feature set f true --project={}", vec!["group/project-of-many-words"; 100].join(","));
    let asked = Reply { asked: Some(asked), ..Reply::done() }.text("y".repeat(5_000));
    let linked = Reply { asked: Some("feature get f --dev".into()), ..Reply::done() }.text("z".repeat(5_000));
    let many = Reply::done().fields((0..40).map(|n| (format!("label {n}"), format!("value {n}"))).collect());
    vec![
        ("done", done),
        ("refused", refused),
        ("table", table),
        ("hostile", hostile),
        ("long", long),
        ("many", many),
        ("asked", asked),
        ("linked", linked),
    ]
}
