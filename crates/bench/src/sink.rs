//! The receiver: answers 200 at once, counts, and takes the time from the post to the arrival out of the payload.

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;

/// How the sink runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Takes the latency of one request in this many
    #[arg(long, default_value_t = 1)]
    sample: u64,
}

#[derive(Default)]
struct Seen {
    count: AtomicU64,
    latencies_us: Mutex<Vec<u32>>,
}

/// Prints its address in one line and answers until it is ended.
pub(crate) async fn run(options: Options) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let seen = Arc::new(Seen::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let seen = seen.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(seen.clone(), options.sample, request));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    seen: Arc<Seen>,
    sample: u64,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        let reset = request.uri().path() == "/reset";
        return Ok(Response::new(Full::new(stats(&seen, reset).into())));
    }
    if let Ok(body) = request.into_body().collect().await {
        let number = seen.count.fetch_add(1, Ordering::Relaxed);
        if number.is_multiple_of(sample)
            && let Some(us) = latency_us(&body.to_bytes())
        {
            seen.latencies_us.lock().push(us);
        }
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"ok"))))
}

/// The payload begins with `{"at":NANOSECONDS,`.
fn latency_us(body: &[u8]) -> Option<u32> {
    let digits = body.strip_prefix(b"{\"at\":")?.split(|byte| *byte == b',').next()?;
    let at: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64;
    u32::try_from(now.saturating_sub(at) / 1_000).ok()
}

fn stats(seen: &Seen, reset: bool) -> String {
    let count = seen.count.load(Ordering::Relaxed);
    let mut latencies = seen.latencies_us.lock();
    latencies.sort_unstable();
    let at = |share: f64| {
        latencies.get(((latencies.len() as f64 * share) as usize).min(latencies.len().saturating_sub(1)))
    };
    let text = serde_json::json!({ "count": count, "p50_us": at(0.5), "p99_us": at(0.99) }).to_string();
    if reset {
        latencies.clear();
        seen.count.store(0, Ordering::Relaxed);
    }
    text
}
