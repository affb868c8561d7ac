//! The server, the hooks that lead into the zoo, and the healthy one.

use super::process::{Look, look};
use super::zoo::ZOO;
use crate::api::{Api, publish};
use crate::http::{Answer, Connection};
use crate::receiver::{self, Receive, Reply, Request};
use crate::server::{Launcher, Server};
use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Attempts of each hook whose words are read: the newest.
const READ_ATTEMPTS: u64 = 100;
/// Bytes of an answer that the log keeps.
const KEPT_BYTES_MAX: usize = 8 << 10;
/// An event of the healthy hook may take so long beside the zoo, on a busy machine.
const HEALTHY_WITHIN: Duration = Duration::from_secs(5);

pub(super) struct World {
    server: Server,
    api: Api,
    zoo_project: i64,
    healthy_project: i64,
    hooks: Vec<(&'static str, i64)>,
    healthy: Arc<Healthy>,
    output: PathBuf,
}

/// When each of its events came.
#[derive(Default)]
struct Healthy(Mutex<HashMap<u64, Instant>>);

/// What was published.
pub(super) struct Published {
    /// For each hook of the zoo.
    pub(super) events: u64,
    /// When each event of the healthy hook was acknowledged.
    healthy: HashMap<u64, Instant>,
}

/// What the delivery log tells of one receiver.
pub(super) struct Told {
    pub(super) name: &'static str,
    pub(super) events: u64,
    pub(super) attempts: u64,
    /// Status or `internal error`, and the words that go with it, of the newest attempt.
    pub(super) newest: String,
    /// Attempts whose words say nothing, or too much.
    pub(super) senseless: Vec<String>,
}

impl Receive for Healthy {
    fn receive(&self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if let Some(number) = body["number"].as_u64() {
            self.0.lock().entry(number).or_insert_with(Instant::now);
        }
        Reply::status(200)
    }
}

impl World {
    pub(super) async fn start(binary: Option<&Path>, folder: &Path, fault: Option<String>) -> Result<Self> {
        std::fs::write(folder.join("wigwag.toml"), "delivery_deadline_s = 2\n")?;
        let output = folder.join("output.log");
        let serve = ["--allow-network", "127.0.0.1/32"];
        let launcher = Launcher::new(binary, folder, &serve, fault)?.with_output(&output);
        let server = launcher.start().await?;
        let api = Api { address: server.address };
        let zoo_project = api.project("zoo", Some(api.group("zoo-group").await?)).await?;
        // One attempt for each event, whatever comes of it.
        let fields = json!({ "failure_policy": "off", "retry_policy": { "delays_s": [] } });
        let mut hooks = Vec::new();
        for specimen in ZOO {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("{}://{}/", specimen.scheme(), listener.local_addr()?);
            specimen.let_loose(listener);
            hooks.push((specimen.name, api.hook(zoo_project, &url, fields.clone()).await?));
        }
        let healthy = Arc::new(Healthy::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        receiver::serve(listener, healthy.clone());
        let healthy_project = api.project("healthy", Some(api.group("healthy-group").await?)).await?;
        api.hook(healthy_project, &url, json!({})).await?;
        Ok(Self { server, api, zoo_project, healthy_project, hooks, healthy, output })
    }

    /// Publishes until `end`: for the zoo at this rate, for the healthy hook four times as often.
    pub(super) fn feed(&self, rate: u32, end: Instant) -> JoinHandle<Result<Published>> {
        let (api, zoo, healthy) = (self.api, self.zoo_project, self.healthy_project);
        let every = Duration::from_secs(1) / rate.max(1) / 4;
        tokio::spawn(async move {
            let mut connection = Connection::open(api.address).await?;
            let mut published = Published { events: 0, healthy: HashMap::new() };
            let mut turns = 0;
            while Instant::now() < end {
                turns += 1;
                let payload = format!(r#"{{"number":{turns}}}"#);
                if turns % 4 == 0 {
                    publish(&mut connection, zoo, &payload).await?.context("an event was refused")?;
                    published.events += 1;
                }
                publish(&mut connection, healthy, &payload).await?.context("an event was refused")?;
                published.healthy.insert(turns, Instant::now());
                tokio::time::sleep(every).await;
            }
            Ok(published)
        })
    }

    pub(super) fn look(&self, at: Duration) -> Result<Look> {
        look(self.server.process()?, at)
    }

    /// How many deliveries wait or are under way.
    pub(super) async fn waiting(&self) -> Result<u64> {
        let mut waiting = 0;
        for state in ["pending", "retrying", "held"] {
            let path = format!("/v1/projects/{}/deliveries?state={state}&per_page=1", self.zoo_project);
            let Answer { total, status, .. } = self.api.ask("GET", &path, &Value::Null).await?;
            waiting += total.with_context(|| format!("{path} answered {status} without a total"))?;
        }
        Ok(waiting)
    }

    /// What is wrong with the healthy hook; nothing, if all is well.
    pub(super) async fn healthy_is_well(&self, published: &Published) -> Result<Vec<String>> {
        let begun = Instant::now();
        while self.healthy.0.lock().len() < published.healthy.len() && begun.elapsed() < HEALTHY_WITHIN {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let arrived = self.healthy.0.lock();
        let late = |number: &u64, acknowledged: &Instant| match arrived.get(number) {
            None => Some(format!("event {number} of the healthy hook never came")),
            Some(at) if at.saturating_duration_since(*acknowledged) > HEALTHY_WITHIN => {
                Some(format!("event {number} of the healthy hook came late"))
            }
            Some(_) => None,
        };
        println!("the healthy hook got {} of {} events", arrived.len(), published.healthy.len());
        Ok(published.healthy.iter().filter_map(|(number, at)| late(number, at)).collect())
    }

    /// What the delivery log tells of every receiver of the zoo.
    pub(super) async fn told(&self, events: u64) -> Result<Vec<Told>> {
        let mut all = Vec::new();
        for (name, hook) in &self.hooks {
            let path = format!("/api/v4/projects/{}/hooks/{hook}/events", self.zoo_project);
            let mut told = Told {
                name,
                events,
                attempts: self.settled_total(&path, events).await?,
                newest: String::new(),
                senseless: Vec::new(),
            };
            for page in 1..=told.attempts.min(READ_ATTEMPTS).div_ceil(20) {
                let rows = self.api.get(&format!("{path}?per_page=20&page={page}")).await?;
                for attempt in rows.as_array().into_iter().flatten() {
                    told.note(attempt);
                }
            }
            all.push(told);
        }
        Ok(all)
    }

    /// How many attempts the log has; those that are just under way get a moment.
    async fn settled_total(&self, path: &str, expected: u64) -> Result<u64> {
        let begun = Instant::now();
        loop {
            let Answer { total, body, .. } = self.api.ask("GET", path, &Value::Null).await?;
            let total = total.with_context(|| format!("{path}: no total, but {body}"))?;
            if total >= expected || begun.elapsed() > Duration::from_secs(4) {
                return Ok(total);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What the server's own output has that it must not have.
    pub(super) fn output_is_calm(&self) -> Result<Vec<String>> {
        let output = std::fs::read_to_string(&self.output)?;
        if !output.contains("listening on ") {
            bail!("the server's output was not caught");
        }
        let alarming = |line: &&str| line.contains("panicked") || line.contains("overflow");
        Ok(output.lines().filter(alarming).map(|line| format!("the server says: {line}")).collect())
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.server.stop().await
    }
}

impl Told {
    fn note(&mut self, attempt: &Value) {
        let (status, words) = (&attempt["response_status"], &attempt["response_body"]);
        let (status, words) = (status.as_str().unwrap_or_default(), words.as_str().unwrap_or_default());
        if self.newest.is_empty() {
            self.newest = format!("{status}: {}", words.chars().take(90).collect::<String>().escape_debug());
        }
        // What is no UTF-8 becomes up to three bytes for one.
        if words.len() > 3 * KEPT_BYTES_MAX {
            self.senseless.push(format!("{} bytes of an answer's body", words.len()));
        }
        let by_number = status.parse::<u16>().is_ok_and(|status| (100..1000).contains(&status));
        let by_words = status == "internal error"
            && (10..2_000).contains(&words.len())
            && !words.contains(|c: char| c.is_control());
        if !by_number && !by_words {
            self.senseless.push(format!("{status:?} {words:?}"));
        }
    }
}
