//! `deliver`: events accepted, delivered and recorded, everything durable, delivery log and signatures on, against the
//! raw ceiling of the same run: the same load posting straight to the same sink.

mod setup;

use crate::process::Process;
use crate::results::{append, median};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How the benchmark runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds of load in one run
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Runs; the table shows the median
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Hooks per event
    #[arg(long, default_value_t = 1)]
    hooks: u32,
    /// Connections that post
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Posts a second, for the time from post to arrival; as fast as possible without it
    #[arg(long)]
    rate: Option<f64>,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Seconds of the raw load before each run.
const CEILING_SECONDS: u64 = 10;
/// How long the server may take to deliver what was accepted once the load has ended.
const DRAIN: Duration = Duration::from_secs(120);

struct Run {
    ceiling: f64,
    events: f64,
    deliveries: f64,
    ratio: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
    written_mib_s: f64,
    peak_mib: f64,
}

/// Runs it and prints the table.
pub(crate) async fn run(options: Options) -> Result<()> {
    let mut runs = Vec::new();
    for number in 1..=options.runs {
        let run = one(&options).await?;
        println!(
            "run {number}: {:.0} events/s, {:.0} deliveries/s, ceiling {:.0}/s, ratio {:.1} %, {:.1} us CPU per delivery",
            run.events, run.deliveries, run.ceiling, run.ratio, run.cpu_us
        );
        append("deliver", &record(&options, &run))?;
        runs.push(run);
    }
    println!("\n{:<34} {:>12} {:>12} {:>12}", "deliver", "median", "least", "most");
    let line = |name: &str, figure: fn(&Run) -> f64| {
        let (middle, least, most) = median(runs.iter().map(figure).collect());
        println!("{name:<34} {middle:>12.1} {least:>12.1} {most:>12.1}");
    };
    line("events/s", |run| run.events);
    line("deliveries/s", |run| run.deliveries);
    line("raw ceiling, requests/s", |run| run.ceiling);
    line("deliveries / ceiling, %", |run| run.ratio);
    line("server CPU per delivery, us", |run| run.cpu_us);
    line("post to arrival p50, us", |run| run.p50_us);
    line("post to arrival p99, us", |run| run.p99_us);
    line("written, MiB/s", |run| run.written_mib_s);
    line("peak memory, MiB", |run| run.peak_mib);
    Ok(())
}

fn record(options: &Options, run: &Run) -> Value {
    json!({
        "hooks": options.hooks, "connections": options.connections, "seconds": options.seconds, "rate": options.rate,
        "events_per_s": run.events, "deliveries_per_s": run.deliveries, "ceiling_per_s": run.ceiling,
        "ratio_percent": run.ratio, "cpu_us_per_delivery": run.cpu_us, "p50_us": run.p50_us, "p99_us": run.p99_us,
        "written_mib_per_s": run.written_mib_s, "peak_mib": run.peak_mib,
    })
}

async fn one(options: &Options) -> Result<Run> {
    let folder = tempfile::tempdir()?;
    let mut sink = Process::start_self(&["sink"])?;
    let sink_address: SocketAddr = sink.line(|line| line.parse().ok()).await?;
    let ceiling = load(
        &["--target", &format!("{sink_address}"), "--seconds", &CEILING_SECONDS.to_string()],
        options.connections,
        None,
    )
    .await?;
    let mut server = start_server(options, folder.path(), sink_address)?;
    let address: SocketAddr =
        server.line(|line| line.strip_prefix("listening on http://")?.parse().ok()).await?;
    let project = setup::make(address, sink_address, options.hooks).await?;
    setup::get(sink_address, "/reset").await?;
    let (cpu_before, begun) = (server.cpu_seconds()?, Instant::now());
    let posted = publish(options, address, project).await?;
    let due = posted * f64::from(options.hooks);
    let stats = loop {
        let stats = setup::get(sink_address, "/stats").await?;
        let arrived = stats["count"].as_f64().unwrap_or_default();
        if arrived >= due {
            break stats;
        }
        ensure!(
            begun.elapsed() < Duration::from_secs(options.seconds) + DRAIN,
            "only {arrived} of {due} deliveries arrived"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let took = begun.elapsed().as_secs_f64();
    let cpu = server.cpu_seconds()? - cpu_before;
    let (written, peak) = server.written_and_peak()?;
    server.end().await?;
    sink.end().await?;
    let ceiling = ceiling.0 / ceiling.1;
    Ok(Run {
        ceiling,
        events: posted / took,
        deliveries: due / took,
        ratio: 100.0 * due / took / ceiling,
        cpu_us: 1e6 * cpu / due,
        p50_us: stats["p50_us"].as_f64().unwrap_or(f64::NAN),
        p99_us: stats["p99_us"].as_f64().unwrap_or(f64::NAN),
        written_mib_s: written as f64 / took / f64::from(1 << 20),
        peak_mib: peak as f64 / f64::from(1 << 20),
    })
}

/// The server, with its data in `folder` and allowed to reach nothing but the sink.
fn start_server(options: &Options, folder: &Path, sink: SocketAddr) -> Result<Process> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => std::env::current_exe()?.with_file_name("wigwag"),
    };
    let data = folder.join("data");
    let allow = format!("127.0.0.1/32:{}", sink.port());
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().context("a readable path")?,
        "--allow-network",
        &allow,
    ];
    Process::start(&binary, &arguments, &[("WIGWAG_ROOT_TOKEN", setup::ROOT_TOKEN)])
}

/// Posts events for as long as the options say: how many were answered.
async fn publish(options: &Options, address: SocketAddr, project: i64) -> Result<f64> {
    let path = format!("/v1/projects/{project}/events");
    let target = address.to_string();
    let seconds = options.seconds.to_string();
    let arguments = [
        "--target",
        &target,
        "--path",
        &path,
        "--token",
        setup::ROOT_TOKEN,
        "--event",
        "--seconds",
        &seconds,
    ];
    Ok(load(&arguments, options.connections, options.rate).await?.0)
}

/// Runs the load in a process of its own: how many posts were answered, and in how many seconds.
async fn load(arguments: &[&str], connections: u32, rate: Option<f64>) -> Result<(f64, f64)> {
    let connections = connections.to_string();
    let rate = rate.map(|rate| rate.to_string());
    let mut all = vec!["load", "--connections", &connections];
    all.extend(arguments);
    if let Some(rate) = &rate {
        all.extend(["--rate", rate.as_str()]);
    }
    let mut process = Process::start_self(&all)?;
    let answer: Value = process.line(|line| serde_json::from_str(line).ok()).await?;
    let number = |key: &str| answer[key].as_f64().context("the load prints its figures");
    Ok((number("posted")?, number("seconds")?))
}
