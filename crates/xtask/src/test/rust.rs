//! The Rust steps: the programs that tests start, the tests, and the examples in the documentation.

use crate::house::House;
use crate::process::{answer, cargo, run};
use crate::steps::Done;
use anyhow::Result;

/// Parts of libraries that are left out unless asked for, and that the tests ask for.
const OPTIONAL: [&str; 2] = ["--features", "wigwag-client/openfeature"];

/// Builds every program of the workspace: tests start them as processes of their own.
pub(crate) fn build(house: &House) -> Result<Done> {
    run(&mut cargo(house, ["build", "--workspace", "--bins"]))?;
    Ok(Done::Passed)
}

/// The tests of every crate, with nextest where it is installed; the two run the same tests.
pub(crate) fn tests(house: &House, filter: Option<&str>) -> Result<Done> {
    let nextest = answer(&mut cargo(house, ["nextest", "--version"])).is_some();
    let mut tests = match nextest {
        true => {
            cargo(house, ["nextest", "run", "--workspace", "--status-level", "fail", "--no-tests", "fail"])
        }
        false => cargo(house, ["test", "--workspace", "--lib", "--bins", "--tests", "--quiet"]),
    };
    run(tests.args(OPTIONAL).args(filter))?;
    Ok(Done::Passed)
}

/// The examples in doc comments, which nextest leaves out.
pub(crate) fn doc_tests(house: &House) -> Result<Done> {
    run(cargo(house, ["test", "--workspace", "--doc", "--quiet"]).args(OPTIONAL))?;
    Ok(Done::Passed)
}
