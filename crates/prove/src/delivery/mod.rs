//! The promise `delivery`: at least once; the same id and the same bytes at every repetition; repeated only after a crash
//! or an unknown outcome; "delivered" is never said of what the receiver did not take.
//!
//! The server is the product's own binary. Its hooks lead to receivers that each fail in a way of their own
//! ([`kinds::Kind`]), it is killed with SIGKILL meanwhile, a template is edited while deliveries wait, a paused hook is
//! enabled, some attempts are sent again and what was given up is replayed. The ledger shares no code with the server: the
//! receivers write down what came and what they answered, and the judge holds the server's lists against that.
//!
//! ```text
//! doors closed: publish, kill, edit -> doors open: enable, resend, replay, kill -> quiet -> lists -> judge
//! ```

mod judge;
mod kinds;
mod ledger;
mod load;
mod world;

use crate::verdict::{Expected, Verdict};
use anyhow::Result;
use clap::Args;
use ledger::Ledger;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use world::World;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// How often the server is killed
    #[arg(long, default_value_t = 6)]
    kills: u32,
    /// How many events must be acknowledged while receivers fail
    #[arg(long, default_value_t = 400)]
    events: u64,
    /// The long form: 120 kills, 20,000 events
    #[arg(long)]
    long: bool,
    /// Seed of the times of the kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: claim-delivered
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// A server lives this long at least and at most before it is killed.
const LIFE_MS: std::ops::Range<u64> = 500..1_800;
/// Templates that a hook gets while its deliveries wait.
const EDITS: u32 = 3;
/// How long the receivers may take to see everything once the killing is over, and how long if a fault is planted.
const SETTLES_WITHIN: Duration = Duration::from_secs(90);
const SETTLES_WITHIN_WITH_FAULT: Duration = Duration::from_secs(6);

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let (kills, events) = match (&options.fault, options.long) {
        // A planted fault shows itself at once.
        (Some(_), _) => (options.kills.min(EDITS), options.events.min(100)),
        (None, true) => (120, 20_000),
        (None, false) => (options.kills, options.events),
    };
    println!(
        "seed {}; replay: cargo xtask prove delivery --seed {} --kills {kills} --events {events}",
        options.seed, options.seed
    );
    let folder = tempfile::tempdir()?;
    let ledger = Arc::new(Ledger::default());
    let mut world =
        World::start(options.binary.as_deref(), folder.path(), options.fault.clone(), ledger.clone()).await?;
    let begun = Instant::now();
    let mut random = fastrand::Rng::with_seed(options.seed);
    let load = load::start(ledger.clone(), world.api().address, world.project);
    for number in 0..kills.max(EDITS) {
        tokio::time::sleep(Duration::from_millis(random.u64(LIFE_MS))).await;
        if number < kills {
            world.kill_and_start().await?;
        }
        if number < EDITS {
            // Not beside a kill: what is under way at the moment of both is rendered anew.
            tokio::time::sleep(Duration::from_millis(300)).await;
            world.edit_template(number + 2).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }
    while ledger.acknowledged() < events && begun.elapsed() < Duration::from_secs(600) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    load.stop().await;
    world.open_doors().await?;
    world.resend_some().await?;
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(random.u64(LIFE_MS))).await;
        world.kill_and_start().await?;
    }
    let waited = Instant::now();
    let within = if options.fault.is_some() { SETTLES_WITHIN_WITH_FAULT } else { SETTLES_WITHIN };
    while ledger.missing() > 0 && waited.elapsed() < within {
        world.replay().await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // Whatever would come twice comes now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let claims = world.claims().await?;
    world.stop().await?;
    Ok(judge::judge(&ledger, &claims, begun.elapsed()))
}
