use crate::server::ask;
use anyhow::{Context, Result};
use hyper::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;

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
