//! The roof: one binary that reads the configuration, wires the engine to its store, its client for outgoing requests
//! and its faces, and holds the client verbs.

mod cli;
mod clock;
mod config;
mod connections;
mod data_folder;
mod data_key;
mod demo;
mod entropy;
mod exit;
mod limits;
mod outside;
mod overrides;
mod serve;
mod terminal;
mod verbs;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    exit::code(match cli.verb {
        cli::Verb::Serve(options) => serve::run(options),
        cli::Verb::Demo(options) => demo::run(options),
        cli::Verb::DemoReceiver(options) => demo::receiver::run(options),
        cli::Verb::Chatops(verb) => verbs::chatops::run(verb),
        cli::Verb::Chat(verb) => verbs::chat::run(verb),
        cli::Verb::Deployments(options) => verbs::deployments::run(options),
        cli::Verb::Completions { shell } => verbs::completions::run(&shell),
        cli::Verb::Token(verb) => verbs::token::run(verb),
        cli::Verb::Events(verb) => verbs::events::run(verb),
        cli::Verb::Hooks(verb) => verbs::hooks::run(verb),
        cli::Verb::Flags(verb) => verbs::flags::run(verb),
        cli::Verb::DataKey(verb) => verbs::data_key::run(verb),
        cli::Verb::Audit(verb) => verbs::audit::run(verb),
    })
}
