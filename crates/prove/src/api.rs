//! The server's API as root: what the proofs set up and ask by it.

use crate::http::{Answer, Connection, ask};
use crate::server::ROOT_TOKEN;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

/// Whoever waits longer has no answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The API of one server.
#[derive(Clone, Copy)]
pub(crate) struct Api {
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Api {
    /// Whatever is answered.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Answer> {
        ask(self.address, method, path, ROOT_TOKEN, body, ANSWER_WITHIN).await
    }

    /// Only a 2xx will do.
    pub(crate) async fn must(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let Answer { status, body, .. } = self.ask(method, path, body).await?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} answered {status}: {body}");
        }
        Ok(body)
    }

    /// Reads; only a 2xx will do.
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.must("GET", path, &Value::Null).await
    }

    /// A group of its own, so that its projects have a root namespace of their own.
    pub(crate) async fn group(&self, path: &str) -> Result<i64> {
        self.made("/api/v4/groups", &json!({ "name": path, "path": path })).await
    }

    /// A project in a group, or in root's own namespace.
    pub(crate) async fn project(&self, path: &str, group: Option<i64>) -> Result<i64> {
        self.made("/api/v4/projects", &json!({ "name": path, "path": path, "namespace_id": group })).await
    }

    /// A hook that wants every event of a project; `fields` say the rest.
    pub(crate) async fn hook(&self, project: i64, url: &str, mut fields: Value) -> Result<i64> {
        fields["url"] = url.into();
        fields["push_events"] = false.into();
        if fields["event_types"].is_null() {
            fields["event_types"] = json!(["*"]);
        }
        self.made(&format!("/api/v4/projects/{project}/hooks"), &fields).await
    }

    /// Every row of a listing.
    pub(crate) async fn all(&self, path: &str, per_page: usize) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        let and = if path.contains('?') { '&' } else { '?' };
        for page in 1.. {
            let found = self.get(&format!("{path}{and}per_page={per_page}&page={page}")).await?;
            let found = found.as_array().with_context(|| format!("{path} is no list"))?;
            rows.extend_from_slice(found);
            if found.len() < per_page {
                break;
            }
        }
        Ok(rows)
    }

    async fn made(&self, path: &str, body: &Value) -> Result<i64> {
        let made = self.must("POST", path, body).await?;
        made["id"].as_i64().with_context(|| format!("{path} made something without an id: {made}"))
    }
}

/// Publishes one event on a connection that is kept; its id, if it was acknowledged.
pub(crate) async fn publish(connection: &mut Connection, project: i64, payload: &str) -> Result<Option<i64>> {
    let body = format!(r#"{{"type":"proof","payload":{payload}}}"#);
    let path = format!("/v1/projects/{project}/events");
    let (status, answer) = connection.post(&path, ROOT_TOKEN, body.into()).await?;
    let id = || serde_json::from_slice::<Value>(&answer).ok().and_then(|answer| answer["id"].as_i64());
    Ok(if status == 202 { id() } else { None })
}

/// Publishes many events in one request, all or none.
pub(crate) async fn publish_all(
    connection: &mut Connection,
    project: i64,
    payloads: impl Iterator<Item = String>,
) -> Result<()> {
    let mut lines = String::new();
    for payload in payloads {
        writeln!(lines, r#"{{"type":"proof","payload":{payload}}}"#)?;
    }
    let path = format!("/v1/projects/{project}/events");
    let (status, answer) =
        connection.post_as("application/x-ndjson", &path, ROOT_TOKEN, lines.into()).await?;
    if status != 202 {
        bail!("a batch was answered {status}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
