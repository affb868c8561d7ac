//! Receivers on loopback, each with its own way to behave, and the requests sent to them.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use bytes::Bytes;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::{TcpListener, TcpStream};
use wigwag_egress::{Client, Config};
use wigwag_ports::egress::{Answer, CertificateCheck, Egress as _, EgressError, Keep, Method, Outgoing};

/// Long enough never to be reached on a busy machine.
pub const PATIENT: Duration = Duration::from_secs(30);

/// Short, for receivers that must run into it.
pub const SHORT: Duration = Duration::from_millis(300);

/// A receiver and the number of connections it has accepted.
pub struct Receiver {
    pub address: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Receiver {
    /// Serves each connection (the stream, and how many came before it) with `serve`.
    pub async fn start<F, Fut>(serve: F) -> Self
    where
        F: Fn(TcpStream, usize) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counter.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, accepted }
    }

    /// Answers every request on every connection with the same bytes.
    pub async fn answering(answer: impl Into<Bytes>) -> Self {
        let answer = answer.into();
        Self::start(move |mut stream, _| {
            let answer = answer.clone();
            async move {
                while read_request(&mut stream).await.is_some() {
                    if tokio::io::AsyncWriteExt::write_all(&mut stream, &answer).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await
    }

    pub fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }
}

/// Reads one request with its body; `None` when the connection ends first.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if bytes.len() >= head + 4 + length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

/// A client that may reach loopback.
pub fn client() -> Client {
    Client::new(&loopback()).unwrap()
}

pub fn loopback() -> Config {
    Config { allow: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()], ..Config::default() }
}

/// One POST of a small JSON body.
pub async fn post(client: &Client, url: &str, deadline: Duration) -> Result<Answer, EgressError> {
    post_with(client, url, deadline, CertificateCheck::Verify).await
}

pub async fn post_with(
    client: &Client,
    url: &str,
    deadline: Duration,
    certificate: CertificateCheck,
) -> Result<Answer, EgressError> {
    let request = Outgoing {
        method: Method::Post,
        target: client.target(url)?,
        headers: vec![("content-type", "application/json".to_owned())],
        custom_headers: vec![("X-Custom".to_owned(), "1".to_owned())],
        body: Bytes::from_static(br#"{"n":1}"#),
        keep: Keep::Beginning,
        certificate,
        identity: None,
        deadline,
    };
    client.send(request).await
}

/// The outcome in a few words.
pub fn shown(result: &Result<Answer, EgressError>) -> String {
    match result {
        Ok(answer) => {
            format!("{} stored {} read {}", answer.status, answer.body.len(), answer.body_bytes_read)
        }
        Err(EgressError::TimedOut { phase, .. }) => format!("timed out {phase}"),
        Err(EgressError::Protocol(_)) => "protocol".to_owned(),
        Err(EgressError::Tls(_)) => "tls".to_owned(),
        Err(EgressError::NoTls) => "no tls".to_owned(),
        Err(EgressError::Forbidden { network, .. }) => format!("forbidden {network}"),
        Err(other) => format!("{other:?}"),
    }
}
