//! `cargo xtask prove NAME` and `cargo xtask bench NAME`: one proof or one benchmark, built in release.

use crate::house::House;
use crate::process::{cargo, command, shown};
use crate::test::proofs::PLANTED_FEATURE;
use anyhow::{Context, Result, bail};
use std::process::{Command, ExitCode};

/// The package of the product's binary, which proofs and benchmarks start as a process of its own.
const PRODUCT: &str = "wigwag";

/// The option of a proof that plants a fault and therefore needs a build that has faults to plant.
const PLANT_OPTION: &str = "--plant";

/// Runs one proof.
pub(crate) fn prove(house: &House, name: &str, rest: &[String]) -> Result<ExitCode> {
    let planted = rest.iter().any(|argument| argument.starts_with(PLANT_OPTION));
    run(house, "wigwag-prove", name, rest, if planted { &["--features", PLANTED_FEATURE] } else { &[] })
}

/// Runs one benchmark.
pub(crate) fn bench(house: &House, name: &str, rest: &[String]) -> Result<ExitCode> {
    run(house, "wigwag-bench", name, rest, &[])
}

fn run(house: &House, package: &str, name: &str, rest: &[String], features: &[&str]) -> Result<ExitCode> {
    if !house.has_package(package) {
        bail!("there is no package {package} in this workspace yet");
    }
    let mut build = cargo(house, ["build", "--release", "-p", package]);
    if house.has_package(PRODUCT) {
        build.args(["-p", PRODUCT]);
    }
    // Started itself: `cargo run -p` would build it once more, with the features of one package alone.
    let mut start = command(house, house.target().join("release").join(package));
    start.arg(name).args(rest);
    build.args(features);
    for step in [&mut build, &mut start] {
        let code = exit_code(step)?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a command and hands its exit code on, so that a proof's verdict stays the caller's verdict.
pub(crate) fn exit_code(command: &mut Command) -> Result<ExitCode> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
