//! A server that answers nonsense, in the place of the one that the client knows.

use anyhow::Result;
use fastrand::Rng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

/// What is answered, one after the other.
const SCRIPTS: [&str; 16] = [
    "",
    "garbage\r\n\r\n",
    "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>captive portal</html>",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\n\r\n",
    "@event: snapshot\nid: 1-1\ndata: {\"environment\":\"production\"",
    "@event: snapshot\nid: 1-1\ndata: {\"environment\":\"production\"}\n\n",
    "@event: snapshot\nid: 1-1\ndata: {\"environment\":\"production\",\"version\":\"1-1\",\"flags\":7}\n\n",
    "@event: snapshot\nid: 1-1\ndata: {\"environment\":\"production\",\"version\":\"1-1\",\"flags\":[{\"name\":\"a b\"}]}\n\n",
    "@event: snapshot\nid: 1-1\ndata: [1,2,3]\n\n",
    "@event: change\nid: 1-2\ndata: {\"since\":\"9-9\",\"version\":\"1-2\",\"flags\":[],\"removed\":[\"everything\"]}\n\n",
    "@event: change\nid: 1-2\ndata: \u{0}\n\n",
    "@data: {}\n\n: nothing but comments\n\n: \n\n",
    "@\u{feff}event: snapshot\ndata: {\"flags\":{\"x\":1e999}}\n\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
];

/// Answers until dropped.
pub(super) struct Hostile {
    script: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

/// Kinds of nonsense: every script, and as many times noise.
pub(super) const KINDS: usize = 2 * SCRIPTS.len();

impl Hostile {
    /// Takes the place of the server that listened at `address`.
    pub(super) async fn at(address: SocketAddr, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let (script, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (wanted, count) = (script.clone(), answered.clone());
        let accepting = tokio::spawn(async move {
            let mut random = Rng::with_seed(seed);
            while let Ok((stream, _)) = listener.accept().await {
                let noise: Vec<u8> = (0..random.usize(..256)).map(|_| random.u8(..)).collect();
                let script = SCRIPTS.get(wanted.load(Ordering::Relaxed)).copied();
                let _ = answer(stream, script, &noise).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self { script, answered, accepting })
    }

    /// From now on this kind of nonsense is answered; requests are counted anew.
    pub(super) fn answer(&self, kind: usize) {
        self.script.store(kind, Ordering::Relaxed);
        self.answered.store(0, Ordering::Relaxed);
    }

    /// Requests that were answered with nonsense.
    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(mut stream: TcpStream, script: Option<&str>, noise: &[u8]) -> std::io::Result<()> {
    let mut request = [0; 4_096];
    let _ = stream.read(&mut request).await?;
    match script.map(|script| (script, script.strip_prefix('@'))) {
        Some((_, Some(events))) => {
            stream.write_all(HEAD.as_bytes()).await?;
            stream.write_all(events.as_bytes()).await?;
        }
        Some((whole, None)) => stream.write_all(whole.as_bytes()).await?,
        None => {
            stream.write_all(HEAD.as_bytes()).await?;
            stream.write_all(noise).await?;
        }
    }
    stream.shutdown().await
}
