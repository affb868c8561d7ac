//! The server, its hooks, and the trouble.

use super::load::Meter;
use crate::api::{Api, publish_all};
use crate::http::Connection;
use crate::receiver::{self, Receive, Reply, Request};
use crate::server::{Launcher, Server};
use anyhow::{Result, bail};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Hooks that one project may have.
const HOOKS_PER_PROJECT: usize = 100;
/// Between two events for all hanging hooks of one project.
const HANGING_EVERY: Duration = Duration::from_millis(400);
/// Batches a second of the noisy project.
const NOISY_BATCHES: u32 = 5;
/// Requests that hang before the healthy hook is measured beside them; the product lets half of its 1,024 slots hang.
const HANGING_MIN: usize = 500;

pub(super) struct World {
    server: Server,
    pub(super) api: Api,
    pub(super) quiet: i64,
    noisy: i64,
    troubled: Vec<i64>,
    hanging: Arc<Hanging>,
    noise: Arc<Noise>,
}

/// Receivers that take everything and never answer; how many requests hang there.
#[derive(Default)]
struct Hanging(AtomicUsize);

impl Receive for Hanging {
    fn receive(&self, _: &Request) -> Reply {
        self.0.fetch_add(1, Ordering::Relaxed);
        Reply::Silence
    }

    fn replied(&self, _: &Request) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The noisy project's receiver, which answers at once.
#[derive(Default)]
struct Noise(AtomicUsize);

impl Receive for Noise {
    fn receive(&self, _: &Request) -> Reply {
        self.0.fetch_add(1, Ordering::Relaxed);
        Reply::status(200)
    }
}

/// What goes on beside the healthy hook, until it is stopped.
pub(super) struct Trouble {
    stop: Arc<AtomicBool>,
    tasks: JoinSet<Result<()>>,
}

impl World {
    pub(super) async fn start(
        binary: Option<&Path>,
        folder: &Path,
        fault: Option<String>,
        deadline_s: u64,
        hanging_hooks: usize,
        meter: Arc<Meter>,
    ) -> Result<Self> {
        std::fs::write(folder.join("wigwag.toml"), format!("delivery_deadline_s = {deadline_s}\n"))?;
        let (hanging, noise) = (Arc::new(Hanging::default()), Arc::new(Noise::default()));
        let quiet_at = serve(meter).await?;
        let noisy_at = serve(noise.clone()).await?;
        let launcher = Launcher::new(binary, folder, &["--allow-network", "127.0.0.0/8"], fault)?;
        let server = launcher.start().await?;
        let api = Api { address: server.address };
        let hook = |name: &str| json!({ "name": name });
        let quiet = api.project("quiet", Some(api.group("quiet-group").await?)).await?;
        api.hook(quiet, &format!("http://{quiet_at}/"), hook("healthy")).await?;
        let noisy = api.project("noisy", Some(api.group("noisy-group").await?)).await?;
        api.hook(noisy, &format!("http://{noisy_at}/"), hook("noisy")).await?;
        let troubled = troubled_projects(api, hanging_hooks, &hanging).await?;
        Ok(Self { server, api, quiet, noisy, troubled, hanging, noise })
    }

    /// The hanging hooks get events, and the noisy project publishes `noise` a second.
    pub(super) async fn begin_trouble(&self, noise: u32) -> Result<Trouble> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        let (api, troubled, stopped) = (self.api, self.troubled.clone(), stop.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(api.address).await?;
            for project in &troubled {
                publish_all(&mut connection, *project, events(2)).await?;
            }
            for project in troubled.iter().cycle() {
                tokio::time::sleep(HANGING_EVERY).await;
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                publish_all(&mut connection, *project, events(1)).await?;
            }
            Ok(())
        });
        let (noisy, stopped) = (self.noisy, stop.clone());
        tasks.spawn(async move {
            let mut connection = Connection::open(api.address).await?;
            while !stopped.load(Ordering::Relaxed) && noise > 0 {
                publish_all(&mut connection, noisy, events(noise.div_ceil(NOISY_BATCHES))).await?;
                tokio::time::sleep(Duration::from_secs(1) / NOISY_BATCHES).await;
            }
            Ok(())
        });
        Ok(Trouble { stop, tasks })
    }

    /// How many requests hang once enough do, or after a while.
    pub(super) async fn wait_for_trouble(&self) -> usize {
        let begun = Instant::now();
        while self.hanging_now() < HANGING_MIN && begun.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.hanging_now()
    }

    pub(super) fn hanging_now(&self) -> usize {
        self.hanging.0.load(Ordering::Relaxed)
    }

    pub(super) fn noise_arrived(&self) -> usize {
        self.noise.0.load(Ordering::Relaxed)
    }

    /// Waits until nothing hangs any more and nothing that would hang waits.
    pub(super) async fn wait_for_peace(&self) -> Result<()> {
        let begun = Instant::now();
        let mut quiet_since = Instant::now();
        while quiet_since.elapsed() < Duration::from_millis(500) {
            if self.hanging_now() > 0 {
                quiet_since = Instant::now();
            }
            if begun.elapsed() > Duration::from_secs(300) {
                bail!("{} requests hang still, 300 s after the last event", self.hanging_now());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.server.stop().await
    }
}

impl Trouble {
    pub(super) async fn stop(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
    }
}

fn events(count: u32) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!(r#"{{"noise":{number},"text":"{}"}}"#, "noise ".repeat(20)))
}

async fn serve(receive: Arc<impl Receive>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    receiver::serve(listener, receive);
    Ok(address)
}

/// Projects of one group, full of hooks whose receivers hang, each at an address of its own.
async fn troubled_projects(api: Api, hooks: usize, hanging: &Arc<Hanging>) -> Result<Vec<i64>> {
    let group = api.group("troubled-group").await?;
    let mut projects = Vec::new();
    let mut making = JoinSet::new();
    for number in 0..hooks {
        if number.is_multiple_of(HOOKS_PER_PROJECT) {
            projects.push(api.project(&format!("troubled-{number}"), Some(group)).await?);
        }
        let project = projects[number / HOOKS_PER_PROJECT];
        let [high, low] = u16::try_from(number)?.to_be_bytes();
        let listener = TcpListener::bind((Ipv4Addr::new(127, 1 + high, low, 1), 0)).await?;
        let url = format!("http://{}/", listener.local_addr()?);
        receiver::serve(listener, hanging.clone());
        let fields = json!({ "failure_policy": "off", "retry_policy": { "delays_s": [] } });
        if making.len() >= 8 {
            making.join_next().await.transpose()?.transpose()?;
        }
        making.spawn(async move { api.hook(project, &url, fields).await });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    Ok(projects)
}
