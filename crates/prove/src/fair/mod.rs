//! The promise `fair`: receivers that hang and a noisy project do not delay a healthy hook.
//!
//! The server is the product's own binary. A healthy hook gets events at a fixed rate, in turns alone and beside a thousand
//! hooks whose receivers take every request and never answer, each at an address of its own, and beside a project that
//! publishes all the time. Measured is the time from when an event was due to be published to its arrival at the receiver;
//! both turns lie in one run, so that the machine is the same for both.
//!
//! ```text
//! alone -> trouble begins -> beside -> trouble ends, what hangs runs out -> alone -> ...
//! ```

mod judge;
mod load;
mod world;

use crate::verdict::{Expected, Verdict};
use anyhow::Result;
use clap::Args;
use judge::{Round, judge};
use load::Meter;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use world::World;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Rounds of both turns
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Seconds of each turn
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Events a second for the healthy hook
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Hooks whose receivers hang
    #[arg(long, default_value_t = 1_000)]
    hanging: usize,
    /// Events a second that the noisy project publishes
    #[arg(long, default_value_t = 50)]
    noise: u32,
    /// Seconds that a request may take: how long each hangs
    #[arg(long, default_value_t = 3)]
    deadline: u64,
    /// The long form: 10 rounds of 20 seconds, requests that hang for 10 seconds
    #[arg(long)]
    long: bool,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: trust-everybody
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let (rounds, seconds, deadline) = match (&options.fault, options.long) {
        // A planted fault shows itself at once.
        (Some(_), _) => (1, options.seconds, options.deadline),
        (None, true) => (10, 20, 10),
        (None, false) => (options.rounds, options.seconds, options.deadline),
    };
    println!(
        "no seed: the load is the same in every run; replay: cargo xtask prove fair --rounds {rounds} --seconds \
         {seconds} --rate {} --hanging {} --noise {} --deadline {deadline}",
        options.rate, options.hanging, options.noise
    );
    let folder = tempfile::tempdir()?;
    let meter = Arc::new(Meter::default());
    let binary = options.binary.as_deref();
    let world =
        World::start(binary, folder.path(), options.fault.clone(), deadline, options.hanging, meter.clone())
            .await?;
    let begun = Instant::now();
    let turn = Duration::from_secs(seconds);
    let quiet = |turn| load::steady(world.api, world.quiet, options.rate, turn, meter.clone());
    // Warms up connections and caches; counts for neither turn.
    quiet(Duration::from_secs(1)).await?;
    let mut measured = Vec::new();
    for _ in 0..rounds {
        let alone = quiet(turn).await?;
        let trouble = world.begin_trouble(options.noise).await?;
        let hung = world.wait_for_trouble().await;
        let beside = quiet(turn).await?;
        let hung = hung.min(world.hanging_now());
        trouble.stop().await;
        world.wait_for_peace().await?;
        measured.push(Round { alone, beside, hung });
    }
    let noisy = world.noise_arrived();
    world.stop().await?;
    Ok(judge(&measured, noisy, begun.elapsed()))
}
