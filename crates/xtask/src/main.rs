//! The project's own commands, run as `cargo xtask NAME`.
//!
//! `tidy` checks what a machine can check, `test` runs everything on a machine that has only a Rust toolchain,
//! `prove` and `bench` run one proof or one benchmark in release, `conformance` holds a server against published cases.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its terminal")]

mod conformance;
mod house;
mod limits;
mod process;
mod release;
mod seen;
mod sources;
mod steps;
mod test;
mod tidy;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use house::House;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check formatting, lints, floors, purity, sizes, names and dependencies; prints what to do about each finding
    Tidy {
        /// Leave out what compiles or asks the network: clippy and cargo-deny
        #[arg(long)]
        fast: bool,
    },
    /// Install what the tests need, then run tidy, build, Rust tests, proofs in short form, browser tests and client suites
    Test {
        /// Run only the steps whose name holds this text; if none does, only the Rust tests whose name holds it
        filter: Option<String>,
    },
    /// Run one proof in release: `cargo xtask prove durable --long`
    Prove(Named),
    /// Run one benchmark in release: `cargo xtask bench deliver`
    Bench(Named),
    /// Hold a server against published cases: `cargo xtask conformance ofrep`, or one elsewhere with `--url` and `--token`
    Conformance(Named),
}

#[derive(Args)]
struct Named {
    /// Its name
    name: String,
    /// Everything after the name is handed on
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    let house = House::open()?;
    match cli.command {
        Command::Tidy { fast } => {
            tidy::run(&house, if fast { tidy::Depth::Fast } else { tidy::Depth::Whole })
        }
        Command::Test { filter } => test::run(&house, filter.as_deref()),
        Command::Prove(proof) if proof.name == seen::NAME => seen::verb(&house, &proof.rest),
        Command::Prove(proof) => release::prove(&house, &proof.name, &proof.rest),
        Command::Bench(bench) => release::bench(&house, &bench.name, &bench.rest),
        Command::Conformance(protocol) => conformance::verb(&house, &protocol.name, &protocol.rest),
    }
}
