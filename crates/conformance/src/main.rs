//! Holds a server against the conformance cases of `conformance/`: the one that this repository builds, or any other.
//!
//! ```text
//! files -> case -> run (client: request -> answer) -> matcher: complaints -> report
//! ```
//! Exit codes: 0 every case passed; 1 some failed; 2 they could not be run. A case that is left out is named.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its terminal")]

mod case;
mod client;
mod files;
mod limits;
mod matcher;
mod run;
mod server;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};
use client::Client;
use run::{Changes, Outcome};
use server::Server;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask conformance", about = "Holds a server against published cases")]
struct Cli {
    #[command(subcommand)]
    protocol: Protocol,
}

#[derive(Subcommand)]
enum Protocol {
    /// The OpenFeature Remote Evaluation Protocol; without --url, against the program that this repository builds
    Ofrep(Options),
}

#[derive(Args)]
struct Options {
    /// The server, up to where `/ofrep/v1` begins; its flags are those of conformance/ofrep/given.json already
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// A token that may evaluate flags there
    #[arg(long)]
    token: Option<String>,
    /// The server is a Wigwag and the token may change flags: put the given flags there, and run the cases that change some
    #[arg(long, requires = "url")]
    prepare: bool,
    /// Only what the protocol itself asks, not what Wigwag promises beyond
    #[arg(long)]
    protocol_only: bool,
    /// Only the cases whose name holds this text
    filter: Option<String>,
    /// The folder of the cases
    #[arg(long, default_value = "conformance/ofrep", value_name = "FOLDER")]
    cases: PathBuf,
}

fn main() -> ExitCode {
    let Protocol::Ofrep(options) = Cli::parse().protocol;
    match ofrep(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("the cases could not be run: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether every case passed.
fn ofrep(options: &Options) -> Result<bool> {
    let (given, mut cases) = files::read(&options.cases)?;
    let chosen = |name: &str| options.filter.as_deref().is_none_or(|text| name.contains(text));
    cases.retain(|case| chosen(&case.name) && !(options.protocol_only && case.asks.is_ours()));
    if cases.is_empty() {
        bail!("no case is left to run");
    }
    let own = if options.url.is_none() { Some(Server::start()?) } else { None };
    let client = match (&own, &options.url, &options.token) {
        (Some(server), ..) => Client::new(server.url(), server::ROOT_TOKEN),
        (None, Some(url), Some(token)) => Client::new(url, token),
        (None, ..) => bail!("--url takes a --token"),
    };
    client.probe()?;
    let changes = if own.is_some() || options.prepare { Changes::Made } else { Changes::LeftOut };
    if changes == Changes::Made {
        run::prepare(&client, &given)?;
    }
    let (mut passed, mut failed, mut left_out) = (0, 0, 0);
    for case in &cases {
        match run::run(&client, &given, case, changes)? {
            Outcome::Passed => {
                passed += 1;
                println!("ok        {}", case.name);
            }
            Outcome::Failed(complaints) => {
                failed += 1;
                println!("FAILED    {}", case.name);
                complaints.iter().for_each(|complaint| println!("            {complaint}"));
            }
            Outcome::LeftOut => {
                left_out += 1;
                println!("left out  {}: it changes flags; see --prepare", case.name);
            }
        }
    }
    println!("{passed} passed, {failed} failed, {left_out} left out");
    Ok(failed == 0)
}
