use super::ledger::Ledger;
use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Starts the receiver: every request is written down before it is answered with 200.
pub(super) async fn start(ledger: Arc<Ledger>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(ledger.clone(), request));
                // The server is killed in the middle of requests: that is the point.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

async fn answer(
    ledger: Arc<Ledger>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let id =
        request.headers().get("idempotency-key").and_then(|id| id.to_str().ok()).unwrap_or("none").to_owned();
    if let Ok(body) = request.into_body().collect().await {
        let body = body.to_bytes();
        let number =
            serde_json::from_slice::<serde_json::Value>(&body).ok().and_then(|body| body["number"].as_u64());
        ledger.note_arrived(number, &id, &body);
    }
    Ok(Response::new(Full::new(Bytes::from_static(b"ok"))))
}
