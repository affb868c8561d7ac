//! `cargo xtask prove seen`: a flag that is switched in one terminal is seen by a browser, a Python program and a Rust
//! program. What happens is in `clients/node/seen.mjs`; here is what it needs.

use crate::house::House;
use crate::process::{cargo, command, run};
use crate::release::exit_code;
use crate::steps::Done;
use crate::test::{browser, packages};
use anyhow::Result;
use std::process::{Command, ExitCode};

/// The name of the proof.
pub(crate) const NAME: &str = "seen";

/// The Rust program that watches: an example of the client's crate.
const WATCHER: &str = "watch";

/// Which build is watched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Build {
    Debug,
    Release,
}

impl Build {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }
}

/// In release, with whatever follows the name handed on; installs the packages that are missing.
pub(crate) fn verb(house: &House, rest: &[String]) -> Result<ExitCode> {
    packages::node(house, "clients/node")?;
    packages::python(house)?;
    build(house, Build::Release)?;
    exit_code(watch(house, Build::Release).args(rest))
}

/// The step of `cargo xtask test`: on the plain build, in its short form.
pub(crate) fn step(house: &House) -> Result<Done> {
    build(house, Build::Debug)?;
    run(watch(house, Build::Debug).args(["--rounds", "6"]))?;
    Ok(Done::Passed)
}

fn build(house: &House, build: Build) -> Result<()> {
    for target in [["-p", "wigwag", "--bin", "wigwag"], ["-p", "wigwag-client", "--example", WATCHER]] {
        let mut cargo = cargo(house, ["build", "--quiet"]);
        if build == Build::Release {
            cargo.arg("--release");
        }
        run(cargo.args(target))?;
    }
    Ok(())
}

fn watch(house: &House, build: Build) -> Command {
    let programs = house.target().join(build.folder());
    let mut node = command(house, "node");
    node.arg("clients/node/seen.mjs").arg("--python").arg(packages::python_program(house));
    node.arg("--rust").arg(programs.join("examples").join(WATCHER));
    node.env("WIGWAG_BIN", programs.join("wigwag")).env("CHROMIUM", browser::CHROMIUM);
    node
}
