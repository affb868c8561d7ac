//! A receiver of the proof's own: reads HTTP/1.1 off the wire by hand, so that it can answer as nobody should.

use socket2::SockRef;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request, as it came.
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    /// The whole head.
    pub(crate) head: String,
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A header's value; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let is_it = |line: &&str| {
            line.split_once(':').is_some_and(|(found, _)| found.trim().eq_ignore_ascii_case(name))
        };
        self.head
            .lines()
            .skip(1)
            .find(is_it)
            .and_then(|line| line.split_once(':'))
            .map_or("", |(_, v)| v.trim())
    }
}

/// What becomes of a request.
pub(crate) enum Reply {
    /// A whole answer; the connection stays.
    Answer {
        /// The status.
        status: u16,
        /// Further headers, each line with its end.
        headers: String,
        /// The body.
        body: Vec<u8>,
        /// How long the answer takes.
        after: Duration,
    },
    /// Nothing, until the other side goes.
    Silence,
    /// The connection is reset.
    Reset,
    /// A head of 200 that promises more than comes; then the connection is reset.
    Broken,
}

impl Reply {
    /// A short answer at once.
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer { status, headers: String::new(), body: b"{}".to_vec(), after: Duration::ZERO }
    }
}

/// What decides on each request.
pub(crate) trait Receive: Send + Sync + 'static {
    /// What becomes of this one.
    fn receive(&self, request: &Request) -> Reply;
    /// The answer to a request is about to be written: from here on the sender may know that it has ended, and begin the next.
    fn answering(&self, _request: &Request) {}
    /// The reply to a request has been written, or broken off.
    fn replied(&self, _request: &Request) {}
}

/// Serves every connection until the proof ends.
pub(crate) fn serve(listener: TcpListener, receive: Arc<impl Receive>) {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let receive = receive.clone();
            tokio::spawn(async move {
                // The other side is killed now and then: that is the point.
                let _ = converse(stream, receive.as_ref()).await;
            });
        }
    });
}

async fn converse(mut stream: TcpStream, receive: &impl Receive) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut rest = Vec::new();
    while let Some(request) = read(&mut stream, &mut rest).await? {
        let goes_on = reply(&mut stream, receive.receive(&request), || receive.answering(&request)).await;
        receive.replied(&request);
        if !goes_on? {
            return Ok(());
        }
    }
    Ok(())
}

async fn reply(stream: &mut TcpStream, reply: Reply, answering: impl FnOnce()) -> io::Result<bool> {
    match reply {
        Reply::Answer { status, headers, body, after } => {
            if !after.is_zero() {
                tokio::time::sleep(after).await;
            }
            let head = format!("HTTP/1.1 {status} Proof\r\n{headers}Content-Length: {}\r\n\r\n", body.len())
                .into_bytes();
            answering();
            stream.write_all(&[head, body].concat()).await?;
            return Ok(true);
        }
        Reply::Silence => while stream.read(&mut [0; 64]).await? > 0 {},
        Reply::Reset => reset(stream)?,
        Reply::Broken => {
            stream.write_all(b"HTTP/1.1 200 Proof\r\nContent-Length: 1000\r\n\r\nnot all").await?;
            reset(stream)?;
        }
    }
    Ok(false)
}

/// Dropped, the connection is reset instead of ended.
pub(crate) fn reset(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))
}

/// Reads one request; `rest` is what was read beyond the one before. None when the other side has ended.
pub(crate) async fn read(stream: &mut TcpStream, rest: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let end = loop {
        if let Some(at) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut request = Request { path, head, body: Vec::new() };
    let length: usize = request.header("content-length").parse().unwrap_or(0);
    while rest.len() < end + length {
        if stream.read_buf(rest).await? == 0 {
            return Ok(None);
        }
    }
    request.body = rest[end..end + length].to_vec();
    rest.drain(..end + length);
    Ok(Some(request))
}
