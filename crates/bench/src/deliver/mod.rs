//! `deliver`: events accepted, delivered and recorded, everything durable, delivery log and signatures on, against the
//! raw ceiling of the same run: the same load posting straight to the same sink.

mod setup;

use crate::load;
use crate::process::Process;
use crate::results::{append, median};
use crate::server;
use anyhow::{Result, ensure};
use clap::Args;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
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
    let ceiling = load::measure(
        &["--target", &format!("{sink_address}"), "--seconds", &CEILING_SECONDS.to_string()],
        options.connections,
        None,
    )
    .await?;
    let (server, address) = server::start(options.binary.as_ref(), folder.path(), Some(sink_address)).await?;
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
        server::ROOT_TOKEN,
        "--event",
        "--seconds",
        &seconds,
    ];
    Ok(load::measure(&arguments, options.connections, options.rate).await?.0)
}
