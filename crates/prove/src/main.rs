//! The proofs of what we promise: each runs the real thing, judges it by a ledger of its own, and prints its figures
//! and its seed.
//!
//! Exit codes: 0 the promise held (or, with `--expect-red`, the planted fault was seen); 1 the judge's other verdict;
//! 2 the proof could not be run. A proof never skips.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod api;
mod delivery;
mod durable;
mod egress;
mod evaluate;
mod fair;
mod hostile;
mod http;
mod off;
mod receiver;
mod recovery;
mod secrets;
mod server;
mod verdict;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "wigwag-prove", about = "Runs the proof of a promise and prints its figures")]
struct Cli {
    #[command(subcommand)]
    proof: Proof,
}

#[derive(Subcommand)]
enum Proof {
    /// At least once, the same id and bytes every time, and "delivered" only if the receiver took it.
    Delivery(delivery::Options),
    /// An event acknowledged with 202 is never lost, whenever the server is killed.
    Durable(durable::Options),
    /// No request reaches a forbidden address, by any URL that a user can set.
    Egress(egress::Options),
    /// Evaluation never fails, blocks or panics, and says what it knows it from.
    Evaluate(evaluate::Options),
    /// Receivers that hang and a noisy project do not delay a healthy hook.
    Fair(fair::Options),
    /// A flag goes off at once, whatever else is gone.
    Off(off::Options),
    /// A hostile receiver cannot hurt the server.
    Hostile(hostile::Options),
    /// Hooks that were down come back without a stampede, and nothing held is lost.
    Recovery(recovery::Options),
    /// What was given to be kept secret does not come out again.
    Secrets(secrets::Options),
    /// The part of `egress` that runs inside its network namespace; started by it.
    #[command(hide = true)]
    EgressInside(egress::InsideOptions),
}

fn main() -> ExitCode {
    let result = match Cli::parse().proof {
        Proof::Delivery(options) => delivery::run(&options),
        Proof::Durable(options) => durable::run(&options),
        Proof::Evaluate(options) => evaluate::run(&options),
        Proof::Fair(options) => fair::run(&options),
        Proof::Recovery(options) => recovery::run(&options),
        Proof::Hostile(options) => hostile::run(&options),
        Proof::Secrets(options) => secrets::run(&options),
        Proof::Off(options) => off::run(&options),
        Proof::Egress(options) => egress::run(&options),
        Proof::EgressInside(options) => egress::run_inside(&options),
    };
    result.unwrap_or_else(|error| {
        eprintln!("the proof could not be run: {error:#}");
        verdict::could_not_run()
    })
}
