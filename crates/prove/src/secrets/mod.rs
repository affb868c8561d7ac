//! The promise `secrets`: what was given to be kept secret does not come out again.
//!
//! A word that occurs nowhere else, a canary, is planted in every field that holds a secret. Events go to receivers that
//! send back all they got, in several forms; errors of every kind are provoked. Then everything that the server gives out is
//! searched for each canary, as it is and encoded: the answer of every GET operation of the OpenAPI document, every page
//! that links lead to, refusals, figures, the server's output at its most verbose, the arguments of its process, every byte
//! of its data folder. Words that must be found show that the search finds something.

mod canary;
mod outputs;
mod plant;
mod receivers;
mod sieve;

use crate::receiver;
use crate::server::{Launcher, ROOT_TOKEN};
use crate::verdict::{Expected, Verdict};
use anyhow::Result;
use canary::Canaries;
use clap::Args;
use plant::World;
use receivers::Echoes;
use sieve::{Outputs, judge};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpListener;

/// How the proof runs.
#[derive(Args)]
pub(crate) struct Options {
    /// Pages that are read at most
    #[arg(long, default_value_t = 300)]
    pages: usize,
    /// The long form: up to 3,000 pages, ten events for each receiver
    #[arg(long)]
    long: bool,
    /// Seed of the canaries
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server's binary [default: `wigwag` beside this program]
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Plants a fault in the server, which must be built with the feature planted-faults: keep-echoes
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
    let (pages_max, events) = if options.long { (3_000, 10) } else { (options.pages, 2) };
    println!("seed {}; replay: cargo xtask prove secrets --seed {}", options.seed, options.seed);
    let begun = Instant::now();
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("output.log");
    let mut canaries = Canaries::new(options.seed);
    canaries.add_text("root's token", ROOT_TOKEN);
    plant::configure(folder.path(), &mut canaries)?;
    let mut launcher = Launcher::new(
        options.binary.as_deref(),
        folder.path(),
        &["--allow-network", "127.0.0.0/8"],
        options.fault.clone(),
    )?
    .with_output(&output)
    .with_variable("WIGWAG_LOG", "trace");
    for (variable, secret) in plant::VARIABLES {
        launcher = launcher.with_variable(variable, &canaries.make(secret));
    }
    let chat = format!("http://127.0.0.1:9/{}", canaries.make("the address of the chat that is told"));
    launcher = launcher.with_variable(plant::CHAT_URL, &chat);
    let server = launcher.start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let receiver = listener.local_addr()?;
    let echoes = Arc::new(Echoes::default());
    receiver::serve(listener, echoes.clone());

    let mut outputs = Outputs::default();
    let mut world = World::plant(server.address, receiver, &mut canaries).await?;
    world.provoke(events, &mut canaries, &mut outputs).await?;
    canaries.add_bytes("the data key", &std::fs::read(launcher.data().join("data.key"))?);
    let process = server.process()?;
    outputs.add("arguments", "/proc/PID/cmdline", std::fs::read(format!("/proc/{process}/cmdline"))?);
    let openapi = outputs::operations(&world, &mut outputs).await?;
    let pages = outputs::pages(&world, pages_max, &mut outputs).await?;
    outputs::files(launcher.data(), "data folder, while it runs", &mut outputs)?;
    server.stop().await?;
    outputs::files(launcher.data(), "data folder, after its end", &mut outputs)?;
    outputs.add("output", "standard output and error, WIGWAG_LOG=trace", std::fs::read(&output)?);
    println!("operations read {openapi}, pages read {pages}");
    Ok(judge(&canaries, &outputs, &echoes.heard(), begun.elapsed()))
}
