//! The product, started as a process of its own, and asked one thing at a time.

use crate::process::Process;
use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::net::TcpStream;

/// The token of root that a benchmark gives the server.
pub(crate) const ROOT_TOKEN: &str = "benchmark-root-token-0123456789abcdef";

/// A server with its data in `folder`, allowed to reach nothing but `sink`; its process, and where it listens.
pub(crate) async fn start(
    binary: Option<&PathBuf>,
    folder: &Path,
    sink: Option<SocketAddr>,
) -> Result<(Process, SocketAddr)> {
    start_with(binary, folder, sink, None).await
}

/// The same with a configuration file.
pub(crate) async fn start_with(
    binary: Option<&PathBuf>,
    folder: &Path,
    sink: Option<SocketAddr>,
    config: Option<&PathBuf>,
) -> Result<(Process, SocketAddr)> {
    let binary = match binary {
        Some(binary) => binary.clone(),
        None => std::env::current_exe()?.with_file_name("wigwag"),
    };
    let data = folder.join("data");
    let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--data"];
    arguments.push(data.to_str().context("a readable path")?);
    if let Some(config) = config {
        arguments.extend(["--config", config.to_str().context("a readable path")?]);
    }
    let allow = sink.map(|sink| format!("127.0.0.1/32:{}", sink.port()));
    arguments.extend(allow.iter().flat_map(|allow| ["--allow-network", allow.as_str()]));
    let mut process = Process::start(&binary, &arguments, &[("WIGWAG_ROOT_TOKEN", ROOT_TOKEN)])?;
    let address = process.line(|line| line.strip_prefix("listening on http://")?.parse().ok()).await?;
    Ok((process, address))
}

/// Asks with root's token over a connection of its own; the JSON of a success, null if it has none.
pub(crate) async fn ask(target: SocketAddr, method: Method, path: &str, body: String) -> Result<Value> {
    let stream = TcpStream::connect(target).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", target.to_string())
        .header("PRIVATE-TOKEN", ROOT_TOKEN)
        .header("Content-Type", "application/json")
        .body(Full::new(Bytes::from(body)))?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    ensure!(status.is_success(), "{path} answered {status}: {}", String::from_utf8_lossy(&body));
    Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
}
