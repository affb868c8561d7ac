//! The proofs in short form, and the planted faults that must turn their judge red. One table; a new proof is a line.

use crate::house::House;
use crate::process::{cargo, command, run};
use crate::steps::Done;
use anyhow::Result;

/// The feature that puts faults for planting into a build; a normal build has none.
pub(crate) const PLANTED_FEATURE: &str = "planted-faults";

/// One run of one proof.
pub(crate) struct Proof {
    promise: &'static str,
    /// The fault that is planted, if one is: then the proof must end red.
    planted: Option<&'static str>,
}

/// Every run, in order.
pub(crate) const PROOFS: &[Proof] = &[
    Proof { promise: "egress", planted: None },
    Proof { promise: "durable", planted: None },
    Proof { promise: "off", planted: None },
    Proof { promise: "evaluate", planted: None },
    Proof { promise: "delivery", planted: None },
    Proof { promise: "fair", planted: None },
    Proof { promise: "secrets", planted: None },
    Proof { promise: "hostile", planted: None },
    Proof { promise: "recovery", planted: None },
    Proof { promise: "egress", planted: Some("resolve-twice") },
    Proof { promise: "durable", planted: Some("acknowledge-early") },
    Proof { promise: "durable", planted: Some("skip-recovery") },
    Proof { promise: "off", planted: Some("forget-overrides") },
    Proof { promise: "evaluate", planted: Some("trust-snapshot-file") },
    Proof { promise: "delivery", planted: Some("claim-delivered") },
    Proof { promise: "fair", planted: Some("trust-everybody") },
    Proof { promise: "secrets", planted: Some("keep-echoes") },
    Proof { promise: "hostile", planted: Some("read-endlessly") },
    Proof { promise: "recovery", planted: Some("stampede") },
];

impl Proof {
    /// Its name in the table of steps.
    pub(crate) fn name(&self) -> String {
        match self.planted {
            None => format!("proof {}", self.promise),
            Some(fault) => format!("proof {} turns red on {fault}", self.promise),
        }
    }
}

/// Builds the product as this run needs it and runs the proof against it.
pub(crate) fn run_proof(house: &House, proof: &Proof) -> Result<Done> {
    let features: &[&str] = if proof.planted.is_some() { &["--features", PLANTED_FEATURE] } else { &[] };
    run(cargo(house, ["build", "--quiet", "-p", "wigwag", "-p", "wigwag-prove"]).args(features))?;
    // Started itself: `cargo run -p` would build it once more, with the features of one package alone.
    let mut prove = command(house, house.target().join("debug/wigwag-prove"));
    prove.arg(proof.promise);
    if let Some(fault) = proof.planted {
        prove.args(["--plant", fault, "--expect-red"]);
    }
    run(&mut prove)?;
    Ok(Done::Passed)
}
