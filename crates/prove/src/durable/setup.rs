use crate::http::Connection;
use crate::server::{ROOT_TOKEN, Server};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Projects that events are published in, each with one hook.
const PROJECTS: usize = 4;

/// Makes the projects and their hooks through the API; gives the projects' ids.
pub(super) async fn make(server: &Server, sink: SocketAddr) -> Result<Vec<i64>> {
    let mut connection = Connection::open(server.address).await?;
    let mut projects = Vec::new();
    for number in 0..PROJECTS {
        let name = format!("proof-{number}");
        let project =
            post(&mut connection, "/api/v4/projects", &json!({ "name": name, "path": name })).await?;
        let id = project["id"].as_i64().context("a project has an id")?;
        // No pause may hide a loss: the hook is tried again soon and never paused.
        let hook = json!({
            "url": format!("http://{sink}/hook"),
            "event_types": ["*"],
            "push_events": false,
            "failure_policy": "off",
            "retry_policy": { "delays_s": vec![1; 8] },
        });
        post(&mut connection, &format!("/api/v4/projects/{id}/hooks"), &hook).await?;
        projects.push(id);
    }
    Ok(projects)
}

async fn post(connection: &mut Connection, path: &str, body: &Value) -> Result<Value> {
    let (status, answer) = connection.post(path, ROOT_TOKEN, body.to_string().into()).await?;
    if !(200..300).contains(&status) {
        bail!("{path} answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(serde_json::from_slice(&answer)?)
}
