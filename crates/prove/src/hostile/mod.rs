//! The promise `hostile`: a hostile receiver cannot hurt the server.
//!
//! The server is the product's own binary. A zoo of receivers ([`zoo::Specimen`]) answers in every way in which nobody
//! should, with a hook each, and all of them get events all the time. Beside them a healthy hook gets its events. Memory
//! and open files of the server's process are read from `/proc`; at the end its delivery log must have one attempt for every
//! event and hook, each with a status or with words that say what happened, and its own log no panic.

mod bomb;
mod judge;
mod process;
mod world;
mod zoo;

use crate::verdict::{Expected, Verdict};
use anyhow::{Result, bail};
use clap::Args;
use judge::judge;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use world::World;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Seconds for which the zoo gets events
    #[arg(long, default_value_t = 18)]
    seconds: u64,
    /// Events a second for each receiver of the zoo
    #[arg(long, default_value_t = 4)]
    rate: u32,
    /// The long form: an hour
    #[arg(long)]
    long: bool,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: read-endlessly
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// Between two looks at the server's memory and files.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long what waits may take to run out: some receivers hold each request for its whole deadline.
const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let (seconds, rate) = match (&options.fault, options.long) {
        // A planted fault shows itself at once.
        (Some(_), _) => (options.seconds.min(5), options.rate),
        (None, true) => (3_600, 2),
        (None, false) => (options.seconds, options.rate),
    };
    println!(
        "no seed: every receiver does the same in every run; replay: cargo xtask prove hostile --seconds {seconds} --rate {rate}"
    );
    let folder = tempfile::tempdir()?;
    let world = World::start(options.binary.as_deref(), folder.path(), options.fault.clone()).await?;
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let feeding = world.feed(rate, end);
    let mut looks = Vec::new();
    while Instant::now() < end {
        let look = world.look(begun.elapsed())?;
        looks.push(look);
        if look.resident_bytes > judge::RESIDENT_BYTES_MAX {
            println!("the server's memory is beyond every bound; nothing is waited for");
            feeding.abort();
            world.stop().await?;
            return Ok(judge(&looks, Vec::new(), &[], begun.elapsed()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let Ok(published) = feeding.await else { bail!("the feeding ended early") };
    let published = published?;
    let waited = Instant::now();
    while world.waiting().await? > 0 && waited.elapsed() < ENDS_WITHIN {
        looks.push(world.look(begun.elapsed())?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let mut broken = world.healthy_is_well(&published).await?;
    let told = world.told(published.events).await?;
    broken.extend(world.output_is_calm()?);
    world.stop().await?;
    Ok(judge(&looks, broken, &told, begun.elapsed()))
}
