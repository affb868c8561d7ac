//! The server, the program with the flag client, and what can be done to them.

use crate::http::{Answer, ask};
use crate::off::judge::{Audit, Trial};
use crate::server::{Launcher, ROOT_TOKEN, Server};
use anyhow::{Context, Result, bail};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::process::Command;
use wigwag_client::{Client, Source};

/// The flag that is switched.
pub(super) const FLAG: &str = "webhooks_failed_callout";
/// Another, which has nothing to do with it.
pub(super) const BESIDE: &str = "beside_the_proof";
/// For whom it is asked.
const ACTOR: &str = "Project:1";
/// Whoever waits longer has no answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Between two looks whether something has become so.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// What must become so, becomes so within this time, or the proof cannot be run.
const SETTLES_WITHIN: Duration = Duration::from_secs(30);

pub(super) struct World {
    launcher: Launcher,
    server: Option<Server>,
    folder: PathBuf,
    /// Of a user who can only turn off.
    pub(super) off_token: String,
    client: Option<Client>,
    shares: AtomicU32,
}

impl World {
    pub(super) async fn start(binary: Option<&Path>, folder: &Path, fault: Option<String>) -> Result<Self> {
        let launcher = Launcher::new(binary, folder, &[], fault)?;
        let server = Some(launcher.start().await?);
        let mut world = Self {
            launcher,
            server,
            folder: folder.to_owned(),
            off_token: String::new(),
            client: None,
            shares: AtomicU32::new(0),
        };
        world.user("kim").await?;
        world.off_token = world.token("kim").await?;
        Ok(world)
    }

    async fn user(&self, name: &str) -> Result<()> {
        let user = json!({ "username": name, "name": name, "email": format!("{name}@example.com") });
        self.must("POST", "/api/v4/users", &user).await.map(drop)
    }

    /// A token of scopes `flags:off` and `flags:read`.
    pub(super) async fn token(&self, user: &str) -> Result<String> {
        let path = format!("/api/v4/users/{user}/personal_access_tokens");
        let made = self
            .must("POST", &path, &json!({ "name": "off", "scopes": ["flags:off", "flags:read"] }))
            .await?;
        Ok(made["token"].as_str().context("a token has a text")?.to_owned())
    }

    pub(super) async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Result<Answer> {
        ask(self.launcher.address(), method, path, token, body, ANSWER_WITHIN).await
    }

    /// As root; only a 2xx will do.
    pub(super) async fn must(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let Answer { status, body, .. } = self.ask(method, path, ROOT_TOKEN, body).await?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} answered {status}: {body}");
        }
        Ok(body)
    }

    /// Runs the product's own command line; nothing of what it says is believed.
    pub(super) async fn terminal(&self, words: &[&str], token: &str) -> Result<()> {
        let status = Command::new(self.launcher.binary())
            .args(words)
            .env("WIGWAG_URL", format!("http://{}", self.launcher.address()))
            .env("WIGWAG_TOKEN", token)
            .stdout(std::process::Stdio::null())
            .status()
            .await?;
        if !status.success() {
            bail!("wigwag {} ended with {status}", words.join(" "));
        }
        Ok(())
    }

    /// Everything runs, nothing is overridden, the flag is on, and the client has seen it.
    pub(super) async fn turn_on(&mut self) -> Result<()> {
        if self.server.is_none() {
            self.server = Some(self.launcher.start().await?);
        }
        let _ = std::fs::remove_file(self.client_overrides());
        if self.client.is_none() {
            self.client = Some(self.new_client());
        }
        let overrides = self.must("GET", "/v1/flags/overrides", &Value::Null).await?;
        for one in overrides.as_array().into_iter().flatten() {
            let flag = one["flag"].as_str().unwrap_or_default();
            self.must("DELETE", &format!("/v1/flags/{flag}/override"), &Value::Null).await?;
        }
        let beside = json!({ "value": true, "force": true });
        self.must("POST", &format!("/api/v4/features/{BESIDE}"), &beside).await?;
        self.must("POST", &format!("/api/v4/features/{FLAG}"), &json!({ "value": true })).await?;
        until("the client to see the flag on", || async { Ok(self.client_says() == (true, Source::Live)) })
            .await
    }

    /// Does `act`, and keeps the time until the node and the client say off. `act` may go on longer than that.
    pub(super) async fn timed<F: Future<Output = Result<()>>>(&self, act: F) -> Result<Trial> {
        let begun = Instant::now();
        let node = async {
            until("the node to say off", || async { Ok(!self.node_says().await?.0) }).await?;
            anyhow::Ok(begun.elapsed())
        };
        let client = async {
            until("the client to say off", || async { Ok(!self.client_says().0) }).await?;
            anyhow::Ok(begun.elapsed())
        };
        let ((), node, client) = tokio::try_join!(act, node, client)?;
        Ok(Trial { node: Some(node), client: Some(client), broken: None })
    }

    /// As [`timed`](Self::timed), where there is no node to ask.
    pub(super) async fn timed_at_client(&self, act: impl FnOnce() -> Result<()>) -> Result<Trial> {
        let begun = Instant::now();
        act()?;
        until("the client to say off", || async { Ok(!self.client_says().0) }).await?;
        Ok(Trial { node: None, client: Some(begun.elapsed()), broken: None })
    }

    /// What the node decides, and its reason.
    pub(super) async fn node_says(&self) -> Result<(bool, String)> {
        let path = format!("/v1/flags/{FLAG}/explain?actor={ACTOR}");
        let told = self.ask("GET", &path, &self.off_token, &Value::Null).await?;
        let enabled =
            told.body["enabled"].as_bool().with_context(|| format!("{}: {}", told.status, told.body))?;
        Ok((enabled, told.body["reason"].as_str().unwrap_or_default().to_owned()))
    }

    /// What the client decides, and by what.
    pub(super) fn client_says(&self) -> (bool, Source) {
        self.client.as_ref().map_or((false, Source::Caller), |client| {
            let decision = client.decide_or(FLAG, &[ACTOR], true);
            (decision.enabled, decision.source)
        })
    }

    pub(super) fn new_client(&self) -> Client {
        Client::builder(format!("http://{}", self.launcher.address()))
            .token(self.off_token.clone())
            .snapshot_file(self.folder.join("client-snapshot"))
            .override_file(self.client_overrides())
            .connect()
    }

    /// The program ends and starts again.
    pub(super) async fn restart_client(&mut self) {
        if let Some(client) = self.client.take() {
            client.shutdown().await;
        }
        self.client = Some(self.new_client());
    }

    pub(super) fn client_overrides(&self) -> PathBuf {
        self.folder.join("client-overrides")
    }

    pub(super) fn data(&self) -> &Path {
        self.launcher.data()
    }

    pub(super) fn disk(&self) -> &Path {
        &self.folder
    }

    /// SIGKILL.
    pub(super) async fn kill(&mut self) -> Result<()> {
        match self.server.take() {
            Some(server) => server.kill().await,
            None => Ok(()),
        }
    }

    /// A percentage that was never asked for before.
    pub(super) fn next_share(&self) -> String {
        let thousandths = self.shares.fetch_add(1, Ordering::Relaxed) % 99_000 + 1;
        format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
    }

    pub(super) async fn start_again(&mut self) -> Result<()> {
        self.server = Some(self.launcher.start().await?);
        Ok(())
    }

    /// From now until the lock is dropped nothing is written into the database.
    pub(super) fn hang_database(&self) -> Result<Lock> {
        let connection = Connection::open(self.data().join("wigwag.sqlite"))?;
        connection.busy_timeout(ANSWER_WITHIN)?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Lock(connection))
    }

    /// Waits until the store has what was switched off: stored off, and told by the audit log.
    pub(super) async fn recorded(&self) -> Result<()> {
        until("the override to be recorded", || async {
            let rows = self.must("GET", "/v1/flags/overrides", &Value::Null).await?;
            Ok(rows
                .as_array()
                .is_some_and(|rows| rows.iter().all(|row| row["recorded"] == true) && !rows.is_empty()))
        })
        .await?;
        let feature = self.must("GET", &format!("/api/v4/features/{FLAG}"), &Value::Null).await?;
        if feature["state"] != "off" {
            bail!("recorded, but stored is {feature}");
        }
        Ok(())
    }

    pub(super) async fn audit(&self) -> Result<Audit> {
        let verdict = self.must("GET", "/v1/audit/verify", &Value::Null).await?;
        Ok(Audit { rows: verdict["rows"].as_u64().unwrap_or_default(), intact: verdict["intact"] == true })
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        if let Some(client) = self.client.take() {
            client.shutdown().await;
        }
        self.kill().await
    }
}

/// Another process's hold on the database.
pub(super) struct Lock(Connection);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.execute_batch("ROLLBACK");
    }
}

async fn until<F: Future<Output = Result<bool>>>(what: &str, is_so: impl Fn() -> F) -> Result<()> {
    let end = Instant::now() + SETTLES_WITHIN;
    while !is_so().await? {
        if Instant::now() > end {
            bail!("waited {} s for {what}", SETTLES_WITHIN.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}
