//! A server-sent event stream, read event by event.

use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wigwag_testkit::Client;

/// How long an event may take to arrive.
const WITHIN: Duration = Duration::from_secs(10);

/// One open stream.
pub(crate) struct Streamed {
    stream: TcpStream,
    /// The answer's head.
    pub(crate) head: String,
    /// What has arrived, without the framing of chunks, and was not read as an event yet.
    text: String,
    raw: Vec<u8>,
}

/// One event.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {}", self.data))
    }
}

impl Streamed {
    /// Opens the stream with the client's token, after the event `last`.
    pub(crate) async fn open(client: &Client, path: &str, last: Option<&str>) -> Self {
        let headers = format!("PRIVATE-TOKEN: {}\r\n", client.token());
        Self::open_with(client, path, last, &headers).await
    }

    /// Opens it with these headers.
    pub(crate) async fn open_with(client: &Client, path: &str, last: Option<&str>, headers: &str) -> Self {
        let mut stream = TcpStream::connect(client.address()).await.unwrap();
        let last = last.map_or_else(String::new, |last| format!("Last-Event-ID: {last}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}{last}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut streamed = Self { stream, head: String::new(), text: String::new(), raw: Vec::new() };
        while !streamed.raw.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            streamed.receive().await;
        }
        let raw = String::from_utf8_lossy(&streamed.raw).into_owned();
        let (head, _) = raw.split_once("\r\n\r\n").unwrap();
        streamed.head = head.to_ascii_lowercase();
        assert!(streamed.head.starts_with("http/1.1 200"), "{head}");
        assert!(streamed.head.contains("content-type: text/event-stream"), "{head}");
        streamed.raw.drain(..head.len() + 4);
        streamed
    }

    /// The next event that has data.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            self.unchunk();
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = event(&block) {
                    return event;
                }
            }
            self.receive().await;
        }
    }

    async fn receive(&mut self) {
        let mut buffer = [0; 16 << 10];
        let read = timeout(WITHIN, self.stream.read(&mut buffer)).await;
        let count = read.unwrap_or_else(|_| panic!("nothing more came after {:?}", self.text)).unwrap();
        assert_ne!(count, 0, "the stream ended after {:?}", self.text);
        self.raw.extend_from_slice(&buffer[..count]);
    }

    /// Takes whole chunks out of what has arrived.
    fn unchunk(&mut self) {
        while let Some(line) = self.raw.windows(2).position(|bytes| bytes == b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..line]).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let (begin, end) = (line + 2, line + 2 + size);
            if self.raw.len() < end + 2 {
                return;
            }
            self.text.push_str(std::str::from_utf8(&self.raw[begin..end]).unwrap());
            self.raw.drain(..end + 2);
        }
    }
}

/// An event with data; comments and settings have none.
fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
    };
    let data = field("data")?;
    Some(Event { name: field("event").unwrap_or_default(), id: field("id").unwrap_or_default(), data })
}
