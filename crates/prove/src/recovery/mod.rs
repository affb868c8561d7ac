//! The promise `recovery`: hooks whose receivers were down come back without a stampede, by themselves, and nothing that
//! was held meanwhile is lost.
//!
//! The server is the product's own binary, with pauses of seconds instead of minutes. Every receiver answers 500, all hooks
//! are paused, further events are held; then all receivers are back at once. The ledger shares no code with the server: the
//! receivers write down what came, when, and how many requests of one hook lay upon each other.
//!
//! ```text
//! down: events -> every hook paused -> more events, held, probes | up: probes succeed -> what was held -> healthy
//! ```

mod judge;
mod ledger;

use crate::api::{Api, publish_all};
use crate::http::Connection;
use crate::receiver;
use crate::server::Launcher;
use crate::verdict::{Expected, Verdict};
use anyhow::Result;
use clap::Args;
use judge::judge;
use ledger::Ledger;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Hooks that are down and come back
    #[arg(long, default_value_t = 1_000)]
    hooks: usize,
    /// Events that are held for each of them
    #[arg(long, default_value_t = 4)]
    events: u64,
    /// The long form: 10,000 hooks, 12 events each
    #[arg(long)]
    long: bool,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: stampede
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// Hooks that one project may have.
const HOOKS_PER_PROJECT: usize = 100;
/// Addresses at which the receivers are: to one, the product sends at most 128 requests at once.
const ADDRESSES: usize = 50;
/// Pauses of a few seconds, at the first failure.
const SETTINGS: &str = "failure_policy = { threshold = 1, first_pause_s = 2, factor = 1.0, max_pause_s = 2, permanent_at = 100000 }\n\
                        retry_delays_s = [1, 1, 1, 1, 1, 1, 1, 1]\n";

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let (hooks, events) = if options.long { (10_000, 12) } else { (options.hooks, options.events) };
    println!(
        "no seed: the load is the same in every run; replay: cargo xtask prove recovery --hooks {hooks} --events {events}"
    );
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("wigwag.toml"), SETTINGS)?;
    let ledger = Arc::new(Ledger::new(hooks));
    let receivers = receivers(&ledger).await?;
    let serve = ["--allow-network", "127.0.0.0/8"];
    let launcher = Launcher::new(options.binary.as_deref(), folder.path(), &serve, options.fault.clone())?;
    let server = launcher.start().await?;
    let api = Api { address: server.address };
    let projects = make_hooks(api, hooks, &receivers).await?;
    let begun = Instant::now();
    // The first event finds every receiver down and pauses its hook; those after it are held.
    publish_to_all(api, &projects, 0..1).await?;
    let settles_within = Duration::from_secs(10 + hooks as u64 / 100);
    until(settles_within, || ledger.hooks_seen() == hooks).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    ledger.note_all_paused();
    publish_to_all(api, &projects, 1..events).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    ledger.come_up();
    // The product lets 64 hooks a second try.
    let expected = events * hooks as u64;
    until(Duration::from_secs(20 + hooks as u64 / 20), || ledger.taken() >= expected).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut unwell = Vec::new();
    for project in &projects {
        for hook in api.all(&format!("/api/v4/projects/{project}/hooks"), 100).await? {
            if hook["health"] != "healthy" || hook["waiting_deliveries"] != 0 {
                unwell
                    .push(format!("{}: {}, {} wait", hook["id"], hook["health"], hook["waiting_deliveries"]));
            }
        }
    }
    server.stop().await?;
    Ok(judge(&ledger.figures(events), &unwell, begun.elapsed()))
}

async fn until(within: Duration, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() && begun.elapsed() < within {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn receivers(ledger: &Arc<Ledger>) -> Result<Vec<SocketAddr>> {
    let mut receivers = Vec::new();
    for number in 0..ADDRESSES {
        let address = Ipv4Addr::new(127, 2, 0, 1 + u8::try_from(number)?);
        let listener = TcpListener::bind((address, 0)).await?;
        receivers.push(listener.local_addr()?);
        receiver::serve(listener, ledger.clone());
    }
    Ok(receivers)
}

/// Projects with up to a hundred hooks each; a hook's number is the path of its URL.
async fn make_hooks(api: Api, hooks: usize, receivers: &[SocketAddr]) -> Result<Vec<i64>> {
    let mut projects = Vec::new();
    let mut making = JoinSet::new();
    for number in 0..hooks {
        if number.is_multiple_of(HOOKS_PER_PROJECT) {
            projects.push(api.project(&format!("down-{number}"), None).await?);
        }
        let project = projects[number / HOOKS_PER_PROJECT];
        let url = format!("http://{}/{number}", receivers[number % receivers.len()]);
        if making.len() >= 8 {
            making.join_next().await.transpose()?.transpose()?;
        }
        making.spawn(async move { api.hook(project, &url, json!({})).await });
    }
    while let Some(made) = making.join_next().await {
        made??;
    }
    Ok(projects)
}

async fn publish_to_all(api: Api, projects: &[i64], numbers: std::ops::Range<u64>) -> Result<()> {
    let mut connection = Connection::open(api.address).await?;
    for project in projects {
        let payloads = numbers.clone().map(|number| format!(r#"{{"number":{number}}}"#));
        publish_all(&mut connection, *project, payloads).await?;
    }
    Ok(())
}
