//! The server, its hooks, and what people do to them.

use super::judge::Claims;
use super::kinds::{Kind, template};
use super::ledger::Ledger;
use crate::api::Api;
use crate::receiver;
use crate::server::{Launcher, Server};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Attempts that are sent again; the product allows five a minute.
const RESENDS: usize = 4;

pub(super) struct World {
    launcher: Launcher,
    server: Option<Server>,
    ledger: Arc<Ledger>,
    receiver: SocketAddr,
    pub(super) project: i64,
    hooks: HashMap<Kind, i64>,
}

impl World {
    pub(super) async fn start(
        binary: Option<&Path>,
        folder: &Path,
        fault: Option<String>,
        ledger: Arc<Ledger>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = listener.local_addr()?;
        receiver::serve(listener, ledger.clone());
        // What is late must not make the proof long.
        std::fs::write(folder.join("wigwag.toml"), "delivery_deadline_s = 1\n")?;
        let opened = format!("127.0.0.1/32:{}", receiver.port());
        let launcher = Launcher::new(binary, folder, &["--allow-network", &opened], fault)?;
        let server = Some(launcher.start().await?);
        let api = Api { address: launcher.address() };
        let project = api.project("proof", None).await?;
        let mut hooks = HashMap::new();
        for kind in Kind::ALL {
            let url = format!("http://{receiver}{}", kind.path());
            hooks.insert(kind, api.hook(project, &url, kind.hook()).await?);
        }
        Ok(Self { launcher, server, ledger, receiver, project, hooks })
    }

    pub(super) fn api(&self) -> Api {
        Api { address: self.launcher.address() }
    }

    /// SIGKILL, and another start on the same data.
    pub(super) async fn kill_and_start(&mut self) -> Result<()> {
        if let Some(server) = self.server.take() {
            self.ledger.note_kill();
            server.kill().await?;
        }
        self.server =
            Some(self.launcher.start().await.context("the server does not start again after a kill")?);
        Ok(())
    }

    /// Gives the edited hook another template while its deliveries wait.
    pub(super) async fn edit_template(&self, edition: u32) -> Result<()> {
        let path = format!("/api/v4/projects/{}/hooks/{}", self.project, self.hooks[&Kind::Edited]);
        let url = format!("http://{}{}", self.receiver, Kind::Edited.path());
        let edit = json!({ "url": url, "custom_webhook_template": template(edition) });
        self.api().must("PUT", &path, &edit).await.map(drop)
    }

    /// Every receiver takes what comes, and somebody enables the hook that is paused.
    pub(super) async fn open_doors(&self) -> Result<()> {
        let hook = self.hooks[&Kind::Paused];
        let path = format!("/api/v4/projects/{}/hooks/{hook}", self.project);
        let paused = self.api().get(&path).await?;
        if paused["health"] != "paused" {
            bail!("the hook that should be paused is {}", paused["health"]);
        }
        self.ledger.open_doors();
        let enable = format!("/v1/projects/{}/hooks/{hook}/enable", self.project);
        self.api().must("POST", &enable, &Value::Null).await.map(drop)
    }

    /// Sends some attempts again that were taken.
    pub(super) async fn resend_some(&self) -> Result<()> {
        let hook = self.hooks[&Kind::Steady];
        let path = format!("/api/v4/projects/{}/hooks/{hook}/events", self.project);
        let attempts = self.api().get(&format!("{path}?status=successful&per_page=20")).await?;
        for attempt in attempts.as_array().into_iter().flatten().step_by(4).take(RESENDS) {
            self.ledger.note_asked_again(key_of(attempt));
            self.api().must("POST", &format!("{path}/{}/resend", attempt["id"]), &Value::Null).await?;
        }
        Ok(())
    }

    /// What was given up waits once more.
    pub(super) async fn replay(&self) -> Result<()> {
        let filter = json!({ "hook_id": self.hooks[&Kind::GivenUp], "state": ["given_up"] });
        let path = format!("/v1/projects/{}/deliveries/replay", self.project);
        self.api().must("POST", &path, &json!({ "filter": filter })).await.map(drop)
    }

    /// What the server says at the end.
    pub(super) async fn claims(&self) -> Result<Claims> {
        let by_id = |id: i64| self.hooks.iter().find(|(_, hook)| **hook == id).map(|(kind, _)| *kind);
        let path = format!("/v1/projects/{}/deliveries", self.project);
        let mut claims = Claims::default();
        for row in self.api().all(&path, 100).await? {
            let kind = row["hook_id"].as_i64().and_then(by_id).context("a delivery of an unknown hook")?;
            let event = row["event_id"].as_i64().context("a delivery without an event")?;
            claims.deliveries.push((kind, event, row["state"].as_str().unwrap_or_default().to_owned()));
        }
        for (kind, hook) in &self.hooks {
            let path = format!("/api/v4/projects/{}/hooks/{hook}/events?status=successful", self.project);
            let rows = self.api().all(&path, 20).await?;
            claims.successes.extend(rows.iter().map(|attempt| (*kind, key_of(attempt).to_owned())));
        }
        Ok(claims)
    }

    pub(super) async fn stop(self) -> Result<()> {
        match self.server {
            Some(server) => server.stop().await,
            None => Ok(()),
        }
    }
}

fn key_of(attempt: &Value) -> &str {
    let headers = attempt["request_headers"].as_object();
    let is_it = |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case("idempotency-key");
    headers
        .and_then(|headers| headers.iter().find(is_it))
        .and_then(|(_, key)| key.as_str())
        .unwrap_or_default()
}
