//! `cargo xtask test`: everything, on a machine that had only a Rust toolchain, in the order that fails soonest.

pub(crate) mod browser;
mod clients;
mod machine;
pub(crate) mod packages;
pub(crate) mod proofs;
mod rust;

use crate::conformance;
use crate::house::House;
use crate::seen;
use crate::steps::{Done, Steps};
use crate::tidy::{self, Depth};
use anyhow::{Result, bail};
use std::process::ExitCode;

/// What a step does.
type Work = dyn FnOnce(&House) -> Result<Done>;

/// One step: its name and its work.
struct Step {
    name: String,
    work: Box<Work>,
}

impl Step {
    fn new(name: impl Into<String>, work: impl FnOnce(&House) -> Result<Done> + 'static) -> Step {
        Step { name: name.into(), work: Box::new(work) }
    }
}

/// Runs the steps, or those whose name holds `filter`, or the Rust tests whose name holds it.
pub(crate) fn run(house: &House, filter: Option<&str>) -> Result<ExitCode> {
    let mut steps = Steps::default();
    let (chosen, left_out) = choose(every_step(), filter);
    match filter {
        Some(text) if chosen.is_empty() => {
            println!(
                "no step is called `{text}`: running the Rust tests whose name holds it, and nothing else"
            );
            steps.run("rust tests", || rust::tests(house, Some(text)));
        }
        _ => {
            if !left_out.is_empty() {
                println!("left out by the filter: {}", left_out.join(", "));
            }
            for step in chosen {
                steps.run(&step.name, || (step.work)(house));
            }
        }
    }
    Ok(steps.close())
}

fn every_step() -> Vec<Step> {
    let mut steps = vec![
        Step::new("machine", machine::prepare),
        Step::new("tidy", tidy_up),
        Step::new("build", rust::build),
        Step::new("rust tests", |house| rust::tests(house, None)),
        Step::new("doc tests", rust::doc_tests),
    ];
    for proof in proofs::PROOFS {
        steps.push(Step::new(proof.name(), |house| proofs::run_proof(house, proof)));
    }
    steps.push(Step::new("browser tests", browser::tests));
    steps.push(Step::new("conformance ofrep", conformance::ofrep));
    steps.push(Step::new("python clients", clients::python));
    steps.push(Step::new("node clients", clients::node));
    steps.push(Step::new("proof seen", seen::step));
    steps
}

/// The steps whose name holds the filter, and the names of the others.
fn choose(steps: Vec<Step>, filter: Option<&str>) -> (Vec<Step>, Vec<String>) {
    let (chosen, others): (Vec<_>, Vec<_>) =
        steps.into_iter().partition(|step| filter.is_none_or(|text| step.name.contains(text)));
    (chosen, others.into_iter().map(|step| step.name).collect())
}

fn tidy_up(house: &House) -> Result<Done> {
    let report = tidy::report(house, Depth::Whole)?;
    println!("{report}");
    match (report.failed.as_slice(), report.skipped.first()) {
        ([], None) => Ok(Done::Passed),
        ([], Some((check, reason))) => Ok(Done::PassedBut(format!("skipped in part: {check}: {reason}"))),
        (failed, _) => bail!("to mend: {}", failed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: Option<&str>, chosen: &[&str], left_out: &[&str]) {
        let steps =
            ["tidy", "proof egress", "proof durable"].map(|name| Step::new(name, |_| Ok(Done::Passed)));
        let (some, others) = choose(steps.into(), filter);
        assert_eq!(some.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), chosen);
        assert_eq!(others, left_out);
    }

    #[test]
    fn a_filter_chooses_steps_and_names_the_others() {
        check(None, &["tidy", "proof egress", "proof durable"], &[]);
        check(Some("proof"), &["proof egress", "proof durable"], &["tidy"]);
        check(Some("nothing"), &[], &["tidy", "proof egress", "proof durable"]);
    }
}
