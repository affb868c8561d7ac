//! The benchmarks. Each starts its own load and sink as separate processes, prints a table (ours, ceiling, ratio) and
//! appends its figures to `bench/results`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod commands;
mod constant;
mod deliver;
mod evaluate;
mod listen;
mod load;
mod ofrep;
mod process;
mod propagate;
mod results;
mod server;
mod sink;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "wigwag-bench", about = "Runs a benchmark and prints its figures")]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Events accepted, delivered and recorded per second; CPU per delivery; post to arrival
    Deliver(deliver::Options),
    /// Commands from a chat and from terminals: how soon each is answered, and that none is lost
    Commands(commands::Options),
    /// Nanoseconds of a flag evaluation in process, beside the engine of Unleash
    Evaluate(evaluate::Options),
    /// One flag evaluated over HTTP, beside a route that answers a constant
    Ofrep(ofrep::Options),
    /// From a flag's change to every client that streams, and what it costs the server
    Propagate(propagate::Options),
    /// A route that answers a constant, in a process of its own
    #[command(hide = true)]
    Constant,
    /// Clients that stream, in a process of their own
    #[command(hide = true)]
    Listen(listen::Options),
    /// The receiver, in a process of its own
    #[command(hide = true)]
    Sink(sink::Options),
    /// The load, in a process of its own
    #[command(hide = true)]
    Load(load::Options),
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| {
        runtime.block_on(async {
            match Cli::parse().bench {
                Bench::Deliver(options) => deliver::run(options).await,
                Bench::Commands(options) => commands::run(options).await,
                Bench::Evaluate(options) => evaluate::run(options).await,
                Bench::Ofrep(options) => ofrep::run(options).await,
                Bench::Propagate(options) => propagate::run(options).await,
                Bench::Constant => constant::run().await,
                Bench::Listen(options) => listen::run(options).await,
                Bench::Sink(options) => sink::run(options).await,
                Bench::Load(options) => load::run(options).await,
            }
        })
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
