//! `wigwag flags import`: takes over what GitLab or Flipper has stored, gate by gate, so that nobody's bucket moves.

mod gates;
mod here;
mod origin;
mod shapes;

use super::options::ImportOptions;
use super::print::{self, Style, counted, state, styled, table, tame};
use crate::cli::Server;
use crate::exit;
use crate::verbs::client::{Client, segment};
use anyhow::{Context, Result};
use gates::Incoming;
use here::{Here, sorted};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;
use wigwag_base::Percentage;
use wigwag_flags::FlagState;
use wigwag_wire::flag_feed::{State, StateInput};

/// What is to become, or has become, of one flag.
#[derive(Clone, PartialEq, Debug)]
enum Fate {
    /// It is to be stored.
    Taken,
    /// It is stored like that already.
    Same,
    /// Something else is stored here.
    Left,
    /// It cannot be taken over, or the server refused it.
    Refused(Vec<String>),
}

/// One flag of the plan.
struct Planned {
    name: String,
    state: Option<FlagState>,
    fate: Fate,
}

/// Plans, shows the plan, and does it unless it is a dry run.
pub(super) fn run(options: &ImportOptions) -> Result<()> {
    let server = Server { url: options.url.clone(), token: options.wigwag_token.clone(), json: options.json };
    let client = Client::with_token_of(&server, "--wigwag-token").context("nowhere to import to")?;
    let incoming = origin::read(options)?;
    let here =
        Here::ask(&client, options.environment.as_deref()).context("cannot tell what is stored here now")?;
    let mut plan = plan(incoming, &here, options);
    if !options.json && !plan.is_empty() {
        print::text(&table(&["FLAG", "STATE", "GATES", "WHAT"], &plan.iter().map(row).collect::<Vec<_>>()))?;
    }
    if !options.dry_run {
        for planned in plan.iter_mut().filter(|planned| planned.fate == Fate::Taken) {
            store(&client, options, planned);
        }
    }
    tell(options, &plan)
}

fn plan(incoming: Vec<Incoming>, here: &Here, options: &ImportOptions) -> Vec<Planned> {
    let planned = |Incoming { name, state }| {
        let (state, fate) = match (state, here.stored(&name)) {
            (Err(reasons), _) => (None, Fate::Refused(reasons)),
            (Ok(state), Some(now)) if *now == sorted(wire(&state)) => (Some(state), Fate::Same),
            (Ok(state), Some(_)) if !options.replace => (Some(state), Fate::Left),
            (Ok(state), _) => (Some(state), Fate::Taken),
        };
        Planned { name, state, fate }
    };
    once(incoming).into_iter().map(|one| planned(here.judged(one))).collect()
}

/// Each flag once, by name. One that is listed again the same is one; which of two different ones counts nobody can tell.
fn once(incoming: Vec<Incoming>) -> Vec<Incoming> {
    let mut all: BTreeMap<String, Incoming> = BTreeMap::new();
    for one in incoming {
        match all.entry(one.name.clone()) {
            Entry::Vacant(free) => drop(free.insert(one)),
            Entry::Occupied(taken) if *taken.get() == one => {}
            Entry::Occupied(mut taken) => {
                let told = "it is listed several times, with different gates";
                taken.get_mut().state = Err(vec![told.into()]);
            }
        }
    }
    all.into_values().collect()
}

/// Stores one flag; what the server objects to becomes its fate.
fn store(client: &Client, options: &ImportOptions, planned: &mut Planned) {
    let from = options.from_gitlab.as_ref().or(options.from_flipper.as_ref());
    let input = StateInput {
        environment: options.environment.clone(),
        state: planned.state.as_ref().map(wire),
        reason: Some(format!("imported from {}", tame(from.map_or("", String::as_str)))),
        force: true,
    };
    let stored = serde_json::to_value(input)
        .map_err(anyhow::Error::from)
        .and_then(|body| client.put(&format!("/v1/flags/{}/state", segment(&planned.name)), &body));
    if let Err(error) = stored {
        planned.fate = Fate::Refused(vec![format!("{error:#}")]);
    }
}

/// Tells what was refused, and how many became what.
fn tell(options: &ImportOptions, plan: &[Planned]) -> Result<()> {
    let count = |fate: fn(&Fate) -> bool| plan.iter().filter(|planned| fate(&planned.fate)).count();
    let refused = count(|fate| matches!(fate, Fate::Refused(_)));
    let left = count(|fate| *fate == Fate::Left);
    if options.json {
        let flags: Vec<Value> = plan.iter().map(|planned| as_json(planned, options)).collect();
        print::json(
            &json!({ "environment": options.environment, "dry_run": options.dry_run, "flags": flags }),
        )?;
    } else {
        let mut text = String::new();
        for planned in plan {
            let Fate::Refused(reasons) = &planned.fate else { continue };
            text += &format!("{} is left out: {}\n", tame(&planned.name), tame(&reasons.join("; ")));
        }
        let taken = count(|fate| *fate == Fate::Taken);
        let would = if options.dry_run { "would be " } else { "" };
        text += &format!(
            "{} {would}taken over, {} as they are",
            counted(taken, "flag"),
            count(|fate| *fate == Fate::Same)
        );
        if left > 0 {
            text +=
                &format!(", {left} left because something else is stored here (--replace takes them over)");
        }
        if refused > 0 {
            text += &format!(", {refused} left out");
        }
        print::text(&text)?;
    }
    if refused + left == 0 { Ok(()) } else { Err(exit::Refused.into()) }
}

fn row(planned: &Planned) -> Vec<String> {
    let what = match &planned.fate {
        Fate::Taken => styled("take over", Style::Green),
        Fate::Same => styled("same here", Style::Dim),
        Fate::Left => styled("other state here", Style::Yellow),
        Fate::Refused(_) => styled("left out", Style::Red),
    };
    let word = planned.state.as_ref().map_or_else(String::new, |one| state(one.state().as_str()));
    vec![tame(&planned.name), word, planned.state.as_ref().map_or_else(String::new, gates), what]
}

/// The gates in some words.
fn gates(state: &FlagState) -> String {
    let counted = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let groups: Vec<&str> = state.groups.iter().map(String::as_str).collect();
    let all = [
        state.boolean.map(|on| on.to_string()),
        counted(state.actors.len(), "actors"),
        counted(state.opt_outs.len(), "opt-outs"),
        state.percentage_of_actors.map(|share| format!("{share} % of actors")),
        state.percentage_of_time.map(|share| format!("{share} % of time")),
        (!groups.is_empty()).then(|| format!("groups {}", tame(&groups.join(" ")))),
    ];
    let set: Vec<String> = all.into_iter().flatten().collect();
    if set.is_empty() { "none".into() } else { set.join(", ") }
}

/// The state as the API takes it.
fn wire(state: &FlagState) -> State {
    fn texts<T: Display>(all: impl IntoIterator<Item = T>) -> Vec<String> {
        all.into_iter().map(|one| one.to_string()).collect()
    }
    State {
        boolean: state.boolean,
        actors: texts(&state.actors),
        opt_outs: texts(&state.opt_outs),
        percentage_of_actors: state.percentage_of_actors.map(Percentage::as_f64),
        percentage_of_time: state.percentage_of_time.map(Percentage::as_f64),
        groups: texts(&state.groups),
    }
}

fn as_json(planned: &Planned, options: &ImportOptions) -> Value {
    let (outcome, reasons) = match &planned.fate {
        Fate::Taken if options.dry_run => ("would_be_taken_over", &[][..]),
        Fate::Taken => ("taken_over", &[][..]),
        Fate::Same => ("same", &[][..]),
        Fate::Left => ("other_state_here", &[][..]),
        Fate::Refused(reasons) => ("left_out", reasons.as_slice()),
    };
    json!({ "name": planned.name, "state": planned.state.as_ref().map(wire), "outcome": outcome, "reasons": reasons })
}
