//! The client suites of `clients/`: libraries that people use elsewhere, against the built program.

use super::{browser, packages};
use crate::house::House;
use crate::process::{cargo, command, run};
use crate::steps::Done;
use anyhow::Result;
use std::process::Command;

/// Every `clients/python/test_*.py`.
pub(crate) fn python(house: &House) -> Result<Done> {
    build(house)?;
    let mut python = command(house, packages::python_program(house));
    python.args(["-B", "-m", "unittest", "discover", "--verbose", "--start-directory", "clients/python"]);
    run(with_program(house, &mut python))?;
    Ok(Done::Passed)
}

/// Every `clients/node/*.test.mjs`, by Node's own runner; some start a browser.
pub(crate) fn node(house: &House) -> Result<Done> {
    build(house)?;
    run(with_program(house, &mut browser::node_tests(house, "clients/node")?))?;
    Ok(Done::Passed)
}

/// The plain build: one with planted faults may have replaced the program before.
fn build(house: &House) -> Result<()> {
    run(&mut cargo(house, ["build", "--quiet", "-p", "wigwag"]))
}

fn with_program<'a>(house: &House, command: &'a mut Command) -> &'a mut Command {
    command.env("WIGWAG_BIN", house.target().join("debug/wigwag"))
}
