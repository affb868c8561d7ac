//! The promise `evaluate`: evaluation never fails, blocks or panics. A program with the flag client goes on with the last
//! known good flags from memory, after a restart from its snapshot file, then from its bootstrap file, then from the
//! caller's defaults; each decision says which, and all of them are those of a slow, obvious reference.
//!
//! Flags and actors are drawn from a seed; the reference evaluates what was drawn and never asks the server. All the while
//! two threads evaluate without a pause and keep the longest time that one evaluation took.

mod flags;
mod hostile;
mod judge;
mod phases;
mod reference;
mod watcher;

use crate::verdict::{Expected, Verdict};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Names the planted fault, if any.
const FAULT_VARIABLE: &str = "WIGWAG_PLANTED_FAULT";

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Flags that are drawn
    #[arg(long, default_value_t = 200)]
    flags: usize,
    /// Decisions that are held against the reference in each phase
    #[arg(long, default_value_t = 20_000)]
    decisions: u32,
    /// Ways in which the snapshot file is damaged
    #[arg(long, default_value_t = 150)]
    damages: u32,
    /// The long form: 2,000 flags, 500,000 decisions a phase, 5,000 damages
    #[arg(long)]
    long: bool,
    /// Seed of flags, actors and damages
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the client, which must be built with the feature planted-faults: trust-snapshot-file
    #[arg(long, alias = "plant")]
    fault: Option<String>,
    /// Ends with 0 only if the judge turns red
    #[arg(long)]
    expect_red: bool,
}

/// How much of everything.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    flags: usize,
    decisions: u32,
    damages: u32,
}

/// Runs the proof and prints its figures.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if let Some(fault) = options.fault.as_deref().filter(|fault| planted() != Some(fault.into())) {
        return with_fault(fault);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let verdict = runtime.block_on(prove(options))?;
    Ok(verdict.exit_code(if options.expect_red { Expected::Red } else { Expected::Green }))
}

/// The fault that this process was started with.
fn planted() -> Option<std::ffi::OsString> {
    std::env::var_os(FAULT_VARIABLE)
}

/// The client runs in this process, and looks for its fault where every program does: the proof starts itself again.
fn with_fault(fault: &str) -> Result<ExitCode> {
    let again = std::process::Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(FAULT_VARIABLE, fault)
        .status()?;
    Ok(again.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

async fn prove(options: &Options) -> Result<Verdict> {
    let extent = match options.long {
        true => Extent { flags: 2_000, decisions: 500_000, damages: 5_000 },
        false => Extent { flags: options.flags, decisions: options.decisions, damages: options.damages },
    };
    let Extent { flags, decisions, damages } = extent;
    println!(
        "seed {}; replay: cargo xtask prove evaluate --seed {} --flags {flags} --decisions {decisions} --damages {damages}",
        options.seed, options.seed
    );
    phases::run(options.binary.as_deref(), options.seed, extent).await
}
