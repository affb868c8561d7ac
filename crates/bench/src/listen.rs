//! Clients that stream flag changes: so many connections, each read as soon as something arrives.

use crate::server::ROOT_TOKEN;
use anyhow::{Result, bail, ensure};
use clap::Args;
use rustix::time::{ClockId, clock_gettime};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// How the clients run.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Where to
    #[arg(long)]
    target: SocketAddr,
    /// How many streams
    #[arg(long)]
    streams: usize,
}

/// Bytes read at once.
const READ_BYTES: usize = 4_096;

/// The clock that all processes of a machine share, in nanoseconds.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Prints `ready` when every stream has had its first event; then, for each change, the times at which it arrived at
/// each stream, once it arrived at all.
pub(crate) async fn run(options: Options) -> Result<()> {
    let (tell, mut told) = mpsc::unbounded_channel::<Result<u64>>();
    for _ in 0..options.streams {
        // One after the other, so that no connection waits in the kernel's queue for long.
        let (stream, begun) = open(options.target).await?;
        tokio::spawn(listen(stream, begun, tell.clone()));
    }
    println!("ready");
    loop {
        let mut arrivals = Vec::with_capacity(options.streams);
        while arrivals.len() < options.streams {
            match told.recv().await {
                Some(arrived) => arrivals.push(arrived?),
                None => bail!("every stream has ended"),
            }
        }
        println!("{}", serde_json::to_string(&arrivals)?);
    }
}

/// A stream that has had its first event.
async fn open(target: SocketAddr) -> Result<(TcpStream, Vec<u8>)> {
    let mut stream = TcpStream::connect(target).await?;
    let request =
        format!("GET /v1/flags/stream HTTP/1.1\r\nHost: {target}\r\nPRIVATE-TOKEN: {ROOT_TOKEN}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut begun = Vec::new();
    let mut buffer = [0; READ_BYTES];
    // The end of the first event, and of the chunk that it came in.
    while !begun.ends_with(b"\n\n\r\n") || !holds(&begun, b"event: snapshot") {
        let count = stream.read(&mut buffer).await?;
        ensure!(count > 0, "no stream: {}", String::from_utf8_lossy(&begun));
        begun.extend_from_slice(&buffer[..count]);
    }
    begun.clear();
    Ok((stream, begun))
}

async fn listen(mut stream: TcpStream, mut text: Vec<u8>, tell: mpsc::UnboundedSender<Result<u64>>) {
    let mut buffer = [0; READ_BYTES];
    loop {
        let told = match stream.read(&mut buffer).await {
            Ok(0) => Err(anyhow::anyhow!("a stream ended")),
            Err(error) => Err(error.into()),
            Ok(count) => {
                let now = now_ns();
                text.extend_from_slice(&buffer[..count]);
                if !text.ends_with(b"\n\n\r\n") {
                    continue;
                }
                let is_change = holds(&text, b"event: change");
                text.clear();
                if !is_change {
                    continue;
                }
                Ok(now)
            }
        };
        let ended = told.is_err();
        if tell.send(told).is_err() || ended {
            return;
        }
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
