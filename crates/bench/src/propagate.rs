//! `propagate`: from a flag's change to every client that streams, the clients in processes of their own on the same
//! machine, and what each change costs the server for each stream.

use crate::listen::now_ns;
use crate::process::Process;
use crate::results::append;
use crate::server;
use anyhow::{Context, Result};
use clap::Args;
use hyper::Method;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// How the benchmark runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Streams that are open
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Processes that hold them
    #[arg(long, default_value_t = 4)]
    processes: usize,
    /// Changes, one after the other
    #[arg(long, default_value_t = 50)]
    changes: usize,
    /// Flags in the environment
    #[arg(long, default_value_t = 100)]
    flags: u32,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Between a change that arrived everywhere and the next, so that one does not queue behind the other.
const PAUSE: Duration = Duration::from_millis(200);

/// Milliseconds at most at the 99th percentile, from so many streams on, and server CPU for each stream.
const P99_MS_AT_MOST: [(usize, f64); 2] = [(1_000, 250.0), (0, 20.0)];
const CPU_US_AT_MOST: f64 = 10.0;

/// Runs it and prints the table.
pub(crate) async fn run(options: Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (process, address) = server::start(options.binary.as_ref(), folder.path(), None).await?;
    let path = |number: u32| format!("/v1/flags/flag_{number}/state");
    for number in 0..options.flags {
        let state = json!({ "state": { "percentage_of_actors": 50 }, "force": true });
        server::ask(address, Method::PUT, &path(number), state.to_string()).await?;
    }
    let target = address.to_string();
    let mut listeners = Vec::new();
    for index in 0..options.processes {
        let streams = (options.streams + index) / options.processes;
        let streams = streams.to_string();
        let mut listener = Process::start_self(&["listen", "--target", &target, "--streams", &streams])?;
        listener.line(|line| (line == "ready").then_some(())).await?;
        listeners.push(listener);
    }
    println!("{} streams are open", options.streams);
    let cpu_before = process.cpu_seconds()?;
    let (mut from_start, mut from_answer) = (Vec::new(), Vec::new());
    let mut commits = Vec::new();
    for change in 0..options.changes {
        tokio::time::sleep(PAUSE).await;
        let share = json!({ "state": { "percentage_of_actors": change % 100 }, "force": true });
        let begun = now_ns();
        server::ask(address, Method::PUT, &path(0), share.to_string()).await?;
        let answered = now_ns();
        commits.push(ms(begun, answered));
        for listener in &mut listeners {
            let arrivals: Vec<u64> = listener.line(|line| serde_json::from_str(line).ok()).await?;
            from_start.extend(arrivals.iter().map(|at| ms(begun, *at)));
            from_answer.extend(arrivals.iter().map(|at| ms(answered, *at)));
        }
    }
    let cpu = process.cpu_seconds()? - cpu_before;
    let cpu_us = 1e6 * cpu / (options.streams * options.changes) as f64;
    let (_, peak) = process.written_and_peak()?;
    println!("\n{:<44} {:>10} {:>10} {:>10}", "propagate, ms", "p50", "p99", "most");
    let line = |name: &str, figures: &mut Vec<f64>| -> Result<f64> {
        let [p50, p99, most] = percentiles(figures)?;
        println!("{name:<44} {p50:>10.2} {p99:>10.2} {most:>10.2}");
        append(
            "propagate",
            &json!({
                "streams": options.streams, "changes": options.changes, "figure": name, "p50_ms": p50, "p99_ms": p99,
                "most_ms": most, "cpu_us_per_stream": cpu_us, "peak_mib": peak as f64 / f64::from(1 << 20),
            }),
        )?;
        Ok(p99)
    };
    line("request to its answer (the commit)", &mut commits)?;
    line("the commit's answer to arrival", &mut from_answer)?;
    let p99 = line("request to arrival", &mut from_start)?;
    println!("server CPU per stream and change, us: {cpu_us:.1}");
    println!("server's peak memory, MiB: {:.0}", peak as f64 / f64::from(1 << 20));
    let limit = P99_MS_AT_MOST.iter().find(|(from, _)| options.streams >= *from).context("one fits")?.1;
    verdict(&format!("p99 at most {limit} ms"), p99 <= limit);
    verdict(&format!("CPU at most {CPU_US_AT_MOST} us a stream"), cpu_us <= CPU_US_AT_MOST);
    Ok(())
}

fn verdict(what: &str, reached: bool) {
    println!("{what}: {}", if reached { "reached" } else { "not reached" });
}

/// Milliseconds between two times; what arrived before the answer counts as nothing.
fn ms(from: u64, to: u64) -> f64 {
    to.saturating_sub(from) as f64 / 1e6
}

fn percentiles(figures: &mut [f64]) -> Result<[f64; 3]> {
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1).context("nothing was measured")?;
    let at = |share: f64| figures[(last as f64 * share).round() as usize];
    Ok([at(0.5), at(0.99), figures[last]])
}
