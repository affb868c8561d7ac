//! `ofrep`: one flag evaluated over HTTP by OpenFeature's protocol, against a bare axum route that answers a constant, by
//! the same load in the same minutes.

use crate::process::Process;
use crate::results::{append, median};
use crate::{load, server};
use anyhow::Result;
use clap::Args;
use hyper::Method;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;

/// How the benchmark runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds of load on each side in one run
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Runs; the table shows the median
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Connections that ask
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Flags in the environment, each on for half of all actors
    #[arg(long, default_value_t = 100)]
    flags: u32,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// What every request asks.
const CONTEXT: &str = r#"{"context":{"targetingKey":"User:5","actors":["Project:1"],"plan":"free"}}"#;

/// At least so much of the constant route, in per cent.
const RATIO_AT_LEAST: f64 = 70.0;

struct Run {
    constant: f64,
    single: f64,
    bulk: f64,
    cpu_us: f64,
    constant_cpu_us: f64,
}

/// Runs it and prints the table.
pub(crate) async fn run(options: Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut constant = Process::start_self(&["constant"])?;
    let ceiling: SocketAddr = constant.line(|line| line.parse().ok()).await?;
    let (process, address) = server::start(options.binary.as_ref(), folder.path(), None).await?;
    for number in 0..options.flags {
        let state = json!({ "state": { "percentage_of_actors": 50 }, "force": true });
        let path = format!("/v1/flags/flag_{number}/state");
        server::ask(address, Method::PUT, &path, state.to_string()).await?;
    }
    let mut runs = Vec::new();
    for number in 1..=options.runs {
        let run = one(&options, (ceiling, &constant), (address, &process)).await?;
        let ratio = 100.0 * run.single / run.constant;
        println!(
            "run {number}: {:.0} evaluations/s, constant {:.0}/s, ratio {ratio:.1} %, {:.1} us CPU, {:.0} bulk/s",
            run.single, run.constant, run.cpu_us, run.bulk
        );
        append("ofrep", &record(&options, &run))?;
        runs.push(run);
    }
    println!("\n{:<40} {:>12} {:>12} {:>12}", "ofrep", "median", "least", "most");
    let line = |name: &str, figure: fn(&Run) -> f64| {
        let (middle, least, most) = median(runs.iter().map(figure).collect());
        println!("{name:<40} {middle:>12.1} {least:>12.1} {most:>12.1}");
        middle
    };
    line("evaluations/s, one flag a request", |run| run.single);
    line("constant route, requests/s", |run| run.constant);
    let ratio = line("evaluations / constant, %", |run| 100.0 * run.single / run.constant);
    line("server CPU per evaluation, us", |run| run.cpu_us);
    line("CPU of the constant route, us", |run| run.constant_cpu_us);
    line(&format!("bulk requests/s, {} flags each", options.flags + 8), |run| run.bulk);
    let verdict = if ratio >= RATIO_AT_LEAST { "reached" } else { "not reached" };
    println!("at least {RATIO_AT_LEAST} % of the constant route: {verdict}");
    Ok(())
}

async fn one(
    options: &Options,
    (ceiling, bare): (SocketAddr, &Process),
    (address, server): (SocketAddr, &Process),
) -> Result<Run> {
    let seconds = options.seconds.to_string();
    let rate = async |target: SocketAddr, path: &str| -> Result<(f64, f64)> {
        let target = target.to_string();
        let token = server::ROOT_TOKEN;
        let arguments = ["--target", &target, "--path", path, "--token", token, "--json", CONTEXT];
        let mut all = arguments.to_vec();
        all.extend(["--seconds", &seconds]);
        load::measure(&all, options.connections, None).await
    };
    let one_flag = "/ofrep/v1/evaluate/flags/flag_7";
    let before = bare.cpu_seconds()?;
    let (posted, took) = rate(ceiling, one_flag).await?;
    let constant_cpu_us = 1e6 * (bare.cpu_seconds()? - before) / posted;
    let constant = posted / took;
    let before = server.cpu_seconds()?;
    let (posted, took) = rate(address, one_flag).await?;
    let cpu_us = 1e6 * (server.cpu_seconds()? - before) / posted;
    let single = posted / took;
    let (posted, took) = rate(address, "/ofrep/v1/evaluate/flags").await?;
    Ok(Run { constant, single, bulk: posted / took, cpu_us, constant_cpu_us })
}

fn record(options: &Options, run: &Run) -> serde_json::Value {
    json!({
        "connections": options.connections, "seconds": options.seconds, "flags": options.flags,
        "single_per_s": run.single, "constant_per_s": run.constant,
        "ratio_percent": 100.0 * run.single / run.constant, "cpu_us": run.cpu_us, "constant_cpu_us": run.constant_cpu_us, "bulk_per_s": run.bulk,
    })
}
