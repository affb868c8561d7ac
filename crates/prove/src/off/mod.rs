//! The promise `off`: a flag goes off at once on the node that is asked, with chat, pages or login down and with the
//! database gone; it needs nobody's approval, survives a kill, and the store hears of it when it answers again.
//!
//! The server is the product's own binary. Beside it runs a program with the flag client, as customers have it. Each way
//! to switch off is tried alone with something taken away, then with everything taken away. The judge shares no code with
//! the server: it asks it over HTTP, asks the client in memory, and keeps the time.
//!
//! | taken away | how |
//! |---|---|
//! | the database, hanging | another process holds the writer's lock of the SQLite file |
//! | the disk | the data folder's file system is full |
//! | every login, token and network | the file in the data folder is edited by hand |
//! | the server | SIGKILL |

mod disk;
mod judge;
mod ways;
mod world;

use crate::verdict::{Expected, Verdict};
use anyhow::{Context, Result};
use clap::Args;
use judge::{Ledger, Trial};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use world::World;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// How often each way is tried
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// The long form: 100 rounds
    #[arg(long)]
    long: bool,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: forget-overrides
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
    let rounds = if options.long { 100 } else { options.rounds };
    println!(
        "no seed: every round tries every way in the same order; replay: cargo xtask prove off --rounds {rounds}"
    );
    let folder = disk::SmallDisk::new()?;
    let mut ledger = Ledger::default();
    let begun = Instant::now();
    let mut world = World::start(options.binary.as_deref(), folder.path(), options.fault.clone()).await?;
    for round in 1..=rounds {
        for way in ways::ALL {
            world.turn_on().await.with_context(|| format!("before {:?} in round {round}", way.name))?;
            let trial: Trial =
                (way.try_it)(&mut world).await.with_context(|| format!("{:?}, round {round}", way.name))?;
            ledger.note(way.name, trial);
        }
    }
    world.turn_on().await?;
    let audit = world.audit().await?;
    world.stop().await?;
    Ok(ledger.judge(audit, begun.elapsed()))
}
