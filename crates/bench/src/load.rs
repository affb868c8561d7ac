//! The load: posts from so many connections, as fast as answers come or at a steady rate.

use crate::process::Process;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How the load runs.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// Where to
    #[arg(long)]
    target: SocketAddr,
    /// The path
    #[arg(long, default_value = "/")]
    path: String,
    /// The token, for the server
    #[arg(long, default_value = "")]
    token: String,
    /// Connections that post at the same time
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// How long
    #[arg(long)]
    seconds: u64,
    /// Posts a second altogether; as fast as possible without it
    #[arg(long)]
    rate: Option<f64>,
    /// Wraps the payload as an event
    #[arg(long)]
    event: bool,
    /// Bytes of the payload
    #[arg(long, default_value_t = 1_024)]
    bytes: usize,
    /// Posts this instead of a payload
    #[arg(long)]
    json: Option<String>,
}

/// Runs the load in a process of its own: how many posts were answered, and in how many seconds.
pub(crate) async fn measure(arguments: &[&str], connections: u32, rate: Option<f64>) -> Result<(f64, f64)> {
    let connections = connections.to_string();
    let rate = rate.map(|rate| rate.to_string());
    let mut all = vec!["load", "--connections", &connections];
    all.extend(arguments);
    if let Some(rate) = &rate {
        all.extend(["--rate", rate.as_str()]);
    }
    let mut process = Process::start_self(&all)?;
    let answer: Value = process.line(|line| serde_json::from_str(line).ok()).await?;
    let number = |key: &str| answer[key].as_f64().context("the load prints its figures");
    Ok((number("posted")?, number("seconds")?))
}

/// Posts and prints `{"posted": n, "seconds": s}`.
pub(crate) async fn run(options: Options) -> Result<()> {
    let begun = Instant::now();
    let end = begun + Duration::from_secs(options.seconds);
    let mut posters = JoinSet::new();
    for _ in 0..options.connections {
        posters.spawn(post(options.clone(), end));
    }
    let mut posted = 0_u64;
    while let Some(count) = posters.join_next().await {
        posted += count??;
    }
    println!("{}", serde_json::json!({ "posted": posted, "seconds": begun.elapsed().as_secs_f64() }));
    Ok(())
}

/// One connection; the server's 202 (or the sink's 200) is waited for before the next post.
pub(crate) async fn post(options: Options, end: Instant) -> Result<u64> {
    let mut sender = connect(options.target).await?;
    let host = options.target.to_string();
    let fixed = options.json.clone().map(Bytes::from);
    let pace = options.rate.map(|rate| Duration::from_secs_f64(f64::from(options.connections) / rate));
    let mut next = tokio::time::Instant::now();
    let mut count = 0;
    while Instant::now() < end {
        if let Some(pace) = pace {
            tokio::time::sleep_until(next).await;
            next += pace;
        }
        sender.ready().await?;
        let request = Request::post(&options.path)
            .header("Host", &host)
            .header("PRIVATE-TOKEN", &options.token)
            .header("Content-Type", "application/json")
            .body(Full::new(fixed.clone().unwrap_or_else(|| payload(&options))))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(status.is_success(), "answered {status}: {}", String::from_utf8_lossy(&body));
        count += 1;
    }
    Ok(count)
}

async fn connect(target: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(target).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn payload(options: &Options) -> Bytes {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let head = format!("{{\"at\":{at},\"filler\":\"");
    let filler = "x".repeat(options.bytes.saturating_sub(head.len() + 2));
    let (before, after) = if options.event { ("{\"type\":\"bench\",\"payload\":", "}") } else { ("", "") };
    format!("{before}{head}{filler}\"}}{after}").into()
}
