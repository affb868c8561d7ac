//! A case is run: each step in order, to its first complaint, and the given flags are as they were afterwards.

use crate::case::{Ask, Case, Given, Step};
use crate::client::{Answer, Client};
use crate::matcher::{Kept, complaints};
use anyhow::Result;
use serde_json::Value;

/// Whether flags may be changed on this server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Changes {
    /// They are.
    Made,
    /// Cases that change some are left out.
    LeftOut,
}

/// How a case ended.
pub(crate) enum Outcome {
    /// Everything was as expected.
    Passed,
    /// These were not.
    Failed(Vec<String>),
    /// It changes flags, which this server does not take.
    LeftOut,
}

/// Stores every given state.
pub(crate) fn prepare(client: &Client, given: &[Given]) -> Result<()> {
    given.iter().try_for_each(|one| client.store(one.environment.as_deref(), &one.flag, &one.state))
}

/// Runs a case.
pub(crate) fn run(client: &Client, given: &[Given], case: &Case, changes: Changes) -> Result<Outcome> {
    let changed: Vec<&Given> = case
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Change(change) => Some(change),
            Step::Ask(_) => None,
        })
        .collect();
    if changes == Changes::LeftOut && !changed.is_empty() {
        return Ok(Outcome::LeftOut);
    }
    let complaints = steps(client, case)?;
    for change in changed {
        let same = |one: &&Given| one.flag == change.flag && one.environment == change.environment;
        let state = given.iter().find(same).map_or(&Value::Null, |one| &one.state);
        client.store(change.environment.as_deref(), &change.flag, state)?;
    }
    Ok(if complaints.is_empty() { Outcome::Passed } else { Outcome::Failed(complaints) })
}

fn steps(client: &Client, case: &Case) -> Result<Vec<String>> {
    let mut kept = Kept::new();
    for (number, step) in case.steps.iter().enumerate() {
        match step {
            Step::Change(change) => {
                client.store(change.environment.as_deref(), &change.flag, &change.state)?
            }
            Step::Ask(ask) => {
                let told = match client.ask(ask, &kept) {
                    Ok(answer) => heard(ask, &answer, &mut kept),
                    Err(error) => vec![format!("{error:#}")],
                };
                if !told.is_empty() {
                    let place = format!("step {}: {} {}", number + 1, ask.method, ask.path);
                    return Ok(std::iter::once(place).chain(told).collect());
                }
            }
        }
    }
    Ok(Vec::new())
}

/// What is wrong with an answer; if nothing is, what later steps need is kept.
fn heard(ask: &Ask, answer: &Answer, kept: &mut Kept) -> Vec<String> {
    let mut told = judge(ask, answer, kept);
    for (name, header) in &ask.keep {
        match answer.headers.get(&header.to_ascii_lowercase()) {
            Some(Value::String(value)) => drop(kept.insert(name.clone(), value.clone())),
            _ => told.push(format!("header {header}: is missing, and a later step needs it")),
        }
    }
    told
}

fn judge(ask: &Ask, answer: &Answer, kept: &Kept) -> Vec<String> {
    let mut told = complaints("status", &ask.status, Some(&Value::from(answer.status)), kept);
    for (name, pattern) in &ask.response_headers {
        let found = answer.headers.get(&name.to_ascii_lowercase());
        told.extend(complaints(&format!("header {name}"), pattern, found, kept));
    }
    if let Some(pattern) = &ask.response_body {
        // No body at all is a missing one; what is no JSON is a text.
        let found = (!answer.text.is_empty()).then(|| {
            serde_json::from_str(&answer.text).unwrap_or_else(|_| Value::from(answer.text.as_str()))
        });
        told.extend(complaints("body", pattern, found.as_ref(), kept));
    }
    told
}
