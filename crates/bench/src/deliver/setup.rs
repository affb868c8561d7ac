use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::net::TcpStream;

/// The token of root that the benchmark gives the server.
pub(super) const ROOT_TOKEN: &str = "benchmark-root-token-0123456789abcdef";

/// Makes one project with so many signed hooks that point to the sink; gives its id.
pub(super) async fn make(server: SocketAddr, sink: SocketAddr, hooks: u32) -> Result<i64> {
    let project = post(server, "/api/v4/projects", &json!({ "name": "bench", "path": "bench" })).await?;
    let id = project["id"].as_i64().context("a project has an id")?;
    for number in 0..hooks {
        let hook = json!({
            "url": format!("http://{sink}/hook/{number}"),
            "event_types": ["*"],
            "push_events": false,
            "signing_token": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
        });
        post(server, &format!("/api/v4/projects/{id}/hooks"), &hook).await?;
    }
    Ok(id)
}

/// What the sink has seen.
pub(super) async fn get(sink: SocketAddr, path: &str) -> Result<Value> {
    ask(sink, Method::GET, path, String::new()).await
}

async fn post(server: SocketAddr, path: &str, body: &Value) -> Result<Value> {
    ask(server, Method::POST, path, body.to_string()).await
}

async fn ask(target: SocketAddr, method: Method, path: &str, body: String) -> Result<Value> {
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
    Ok(serde_json::from_slice(&body)?)
}
