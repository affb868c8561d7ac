//! Requests to the server: one on a connection of its own with a time limit, as a person in a hurry does with curl, or many
//! on a connection that is kept.

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// How many rows a listing has on all its pages.
    pub(crate) total: Option<u64>,
}

/// Sends JSON (nothing, if it is null) with a token and reads the whole answer.
///
/// # Errors
/// No answer within `within`.
pub(crate) async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
    within: Duration,
) -> Result<Answer> {
    let asked = async {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Host", address.to_string())
            .header("PRIVATE-TOKEN", token)
            .header("Content-Type", "application/json")
            .body(Full::new(bytes))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let total = answer.headers().get("x-total").and_then(|total| total.to_str().ok()?.parse().ok());
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), total })
    };
    tokio::time::timeout(within, asked)
        .await
        .with_context(|| format!("{method} {path}: no answer in time"))?
}

/// One keep-alive connection to the server.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Posts JSON and reads the whole answer.
    pub(crate) async fn post(&mut self, path: &str, token: &str, body: Bytes) -> Result<(u16, Bytes)> {
        self.post_as("application/json", path, token, body).await
    }

    /// Posts a body of some type and reads the whole answer.
    pub(crate) async fn post_as(
        &mut self,
        content_type: &str,
        path: &str,
        token: &str,
        body: Bytes,
    ) -> Result<(u16, Bytes)> {
        self.sender.ready().await?;
        let request = Request::post(path)
            .header("Host", &self.host)
            .header("PRIVATE-TOKEN", token)
            .header("Content-Type", content_type)
            .body(Full::new(body))?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}
