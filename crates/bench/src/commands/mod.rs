//! `commands`: so many commands a second from a chat and from terminals, all about one flag in production, with every check
//! that asks nobody outside. Afterwards nothing may be missing: each has its audit row, the rows follow upon each other
//! without a gap, every change was told in its channel, and what is stored is what the last one said.

mod check;
mod speaker;

use crate::process::Process;
use crate::results::append;
use crate::server;
use anyhow::{Context, Result, ensure};
use clap::Args;
use hyper::Method;
use serde_json::json;
use speaker::{Slack, Speaker, Way};
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How the benchmark runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Commands a second, half of them from the chat
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Seconds
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Connections that say them
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// The flag that everybody changes.
const FLAG: &str = "crowded_flag";

/// Milliseconds at most at the 99th percentile, from the time at which a command was to be said.
const P99_MS_AT_MOST: f64 = 200.0;

/// Runs it and prints the table.
pub(crate) async fn run(options: Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut sink = Process::start_self(&["sink"])?;
    let heard_at: SocketAddr = sink.line(|line| line.parse().ok()).await?;
    let config = configure(folder.path(), heard_at)?;
    let (process, address) =
        server::start_with(options.binary.as_ref(), folder.path(), Some(heard_at), Some(&config)).await?;
    let slack = Slack::linked(address).await?;
    let made = json!({ "value": true, "force": true });
    let path = format!("/environments/staging/api/v4/features/{FLAG}");
    server::ask(address, Method::POST, &path, made.to_string()).await?;
    let made = json!({ "value": false, "force": true });
    server::ask(address, Method::POST, &format!("/api/v4/features/{FLAG}"), made.to_string()).await?;
    let mut synced = disk(folder.path())?;

    let count = options.rate * options.seconds;
    println!("{count} commands in {} s, half of them from the chat", options.seconds);
    let cpu_before = process.cpu_seconds()?;
    let begun = tokio::time::Instant::now() + Duration::from_millis(100);
    let mut speakers = JoinSet::new();
    for index in 0..options.connections {
        let way = if index % 2 == 0 { Way::Terminal } else { Way::Chat(slack.clone()) };
        let speaker = Speaker::new(address, way).await?;
        let numbers = (index..count).step_by(options.connections as usize);
        let every = Duration::from_secs_f64(1.0 / f64::from(options.rate));
        speakers
            .spawn(speaker.say(numbers.map(move |number| (begun + every * number, text(number))).collect()));
    }
    let (mut from_chat, mut from_terminal) = (Vec::new(), Vec::new());
    while let Some(said) = speakers.join_next().await {
        let (way, latencies) = said??;
        if matches!(way, Way::Chat(_)) { &mut from_chat } else { &mut from_terminal }.extend(latencies);
    }
    let took = begun.elapsed().as_secs_f64();
    let cpu_ms = 1e3 * (process.cpu_seconds()? - cpu_before) / f64::from(count);
    Speaker::new(address, Way::Chat(slack))
        .await?
        .say(vec![(tokio::time::Instant::now(), text(count))])
        .await?;
    let values: Vec<String> = (0..=count).map(share).collect();
    check::everything(address, heard_at, FLAG, &values).await?;

    println!("\n{:<44} {:>10} {:>10} {:>10}", "commands, ms", "p50", "p99", "most");
    let mut worst: f64 = 0.0;
    let ways = [("from the chat, signed", &mut from_chat), ("from terminals", &mut from_terminal)];
    for (name, figures) in ways.into_iter().chain([("a write of 4 KiB and its fsync", &mut synced)]) {
        let [p50, p99, most] = percentiles(figures)?;
        println!("{name:<44} {p50:>10.2} {p99:>10.2} {most:>10.2}");
        let figures = json!({
            "figure": name, "rate": options.rate, "seconds": options.seconds, "p50_ms": p50, "p99_ms": p99,
            "most_ms": most, "cpu_ms_per_command": cpu_ms, "took_s": took,
        });
        append("commands", &figures)?;
        worst = if name.starts_with("from") { worst.max(p99) } else { worst };
    }
    println!("server CPU per command, ms: {cpu_ms:.2}");
    println!(
        "said in {took:.1} s; {} audit rows, none missing; told as often; the last one stands",
        count + 1
    );
    ensure!(worst <= P99_MS_AT_MOST, "p99 at most {P99_MS_AT_MOST} ms: not reached");
    println!("p99 at most {P99_MS_AT_MOST} ms: reached");
    Ok(())
}

/// A chat whose production channel is the sink.
fn configure(folder: &Path, heard_at: SocketAddr) -> Result<PathBuf> {
    std::fs::write(folder.join("secret"), speaker::SECRET)?;
    std::fs::write(folder.join("webhook"), format!("http://{heard_at}/services/1"))?;
    let path = |name: &str| folder.join(name).to_str().map(str::to_owned).context("a readable path");
    let text = format!(
        "[chat.slack]\nsigning_secret_file = {:?}\n[[chat.slack.channels]]\nname = \"#production\"\nwebhook_file = {:?}\n",
        path("secret")?,
        path("webhook")?
    );
    let config = folder.join("wigwag.toml");
    std::fs::write(&config, text)?;
    Ok(config)
}

/// What the number's command stores: no two are alike.
fn share(number: u32) -> String {
    format!("{}.{:03}", (number + 1) / 1_000, (number + 1) % 1_000)
}

fn text(number: u32) -> String {
    format!("feature set {FLAG} {} --actors", share(number))
}

/// What the disk takes for a small write that must last, in milliseconds: no command can be quicker.
fn disk(folder: &Path) -> Result<Vec<f64>> {
    let mut file = File::create(folder.join("synced"))?;
    let mut all = Vec::new();
    for _ in 0..200 {
        let begun = Instant::now();
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        all.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(all)
}

fn percentiles(figures: &mut [f64]) -> Result<[f64; 3]> {
    figures.sort_by(f64::total_cmp);
    let last = figures.len().checked_sub(1).context("nothing was measured")?;
    let at = |share: f64| figures[(last as f64 * share).round() as usize];
    Ok([at(0.5), at(0.99), figures[last]])
}
