//! `wigwag flags`: what is stored, over HTTP; what code bases hold, without a server; and what goes from one to the
//! other.

mod changelog;
mod changes;
mod cleanup;
mod command;
mod definition;
mod explain;
mod import;
mod lint;
mod list;
pub(crate) mod options;
mod places;
mod refs;
mod release;
mod search;
mod stale;

use super::print;
use anyhow::Result;
use options::FlagsVerb;

/// Runs one verb.
pub(crate) fn run(verb: FlagsVerb) -> Result<()> {
    match verb {
        FlagsVerb::List(options) => list::run(&options),
        FlagsVerb::Get(options) => command::run("get", options),
        FlagsVerb::Set(options) => command::run("set", options),
        FlagsVerb::Delete(options) => command::run("delete", options),
        FlagsVerb::Explain(options) => explain::run(&options),
        FlagsVerb::Override(options) => super::overrides::run(&options),
        FlagsVerb::Lint(options) => lint::run(&options),
        FlagsVerb::Stale(options) => stale::run(&options),
        FlagsVerb::Refs(options) => refs::run(&options),
        FlagsVerb::Release(options) => release::run(&options),
        FlagsVerb::Cleanup(options) => cleanup::run(&options),
        FlagsVerb::Import(options) => import::run(&options),
    }
}
