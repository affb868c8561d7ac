//! `wigwag hooks`: what people do with hooks at a terminal, over the API.

mod deliveries;
mod import;
mod list;
mod log;
pub(crate) mod options;
mod place;
mod replay;
mod send;
mod show;
mod when;

use super::print;
use anyhow::Result;
use options::HooksVerb;

/// Runs one verb.
pub(crate) fn run(verb: HooksVerb) -> Result<()> {
    match verb {
        HooksVerb::List(options) => list::run(&options),
        HooksVerb::Log(options) => log::run(&options),
        HooksVerb::Deliveries(options) => deliveries::run(&options),
        HooksVerb::Show(options) => show::run(&options),
        HooksVerb::Enable(options) => send::enable(&options),
        HooksVerb::Test(options) => send::test(&options),
        HooksVerb::Resend(options) => send::resend(&options),
        HooksVerb::Replay(options) => replay::run(&options),
        HooksVerb::Import(options) => import::run(&options),
    }
}
