//! `cargo xtask conformance NAME`: holds a server against the cases of `conformance/NAME`.

use crate::house::House;
use crate::process::{cargo, run};
use crate::release::exit_code;
use crate::steps::Done;
use anyhow::Result;
use std::process::{Command, ExitCode};

/// Runs the cases against the built program, or against the server that the options name.
pub(crate) fn verb(house: &House, name: &str, rest: &[String]) -> Result<ExitCode> {
    let elsewhere = rest.iter().any(|argument| argument.starts_with("--url"));
    if !elsewhere {
        build(house)?;
    }
    exit_code(cases(house, name).args(rest))
}

/// The step of `cargo xtask test`.
pub(crate) fn ofrep(house: &House) -> Result<Done> {
    build(house)?;
    run(&mut cases(house, "ofrep"))?;
    Ok(Done::Passed)
}

fn build(house: &House) -> Result<()> {
    run(&mut cargo(house, ["build", "--quiet", "-p", "wigwag"]))
}

fn cases(house: &House, name: &str) -> Command {
    let mut cases = cargo(house, ["run", "--quiet", "-p", "wigwag-conformance", "--", name]);
    cases.env("WIGWAG_BIN", house.target().join("debug/wigwag"));
    cases
}
