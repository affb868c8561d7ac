//! The grammar, line by line: what parses, what is refused and where the caret stands.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "grammar/accepted.rs"]
mod accepted;
#[path = "grammar/fuzz.rs"]
mod fuzz;
#[path = "grammar/refused.rs"]
mod refused;
#[path = "grammar/round_trip.rs"]
mod round_trip;
#[path = "grammar/told.rs"]
mod told;

use wigwag_chat::{Command, Environment, Reply, help, limits, parse};

const ENVIRONMENTS: [Environment<'_>; 5] = [
    Environment { name: "dev", is_production: false },
    Environment { name: "staging-canary", is_production: false },
    Environment { name: "staging", is_production: false },
    Environment { name: "production-canary", is_production: true },
    Environment { name: "production", is_production: true },
];

/// `text` is the command that prints as `is`, and that print parses to the same.
fn check(text: &str, is: &str) {
    let command = parse(text, &ENVIRONMENTS).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(command.to_string(), is, "{text}");
    assert_eq!(parse(is, &ENVIRONMENTS).as_ref(), Ok(&command), "{is}");
}

/// The refusal of `text` less its `^`, which marks where the error's caret stands.
fn check_refused(text: &str, is: &str) {
    let (before, after) = text.split_once('^').unwrap();
    let error =
        parse(&format!("{before}{after}"), &ENVIRONMENTS).map(|command| command.to_string()).unwrap_err();
    let meant = error.suggestion.map(|meant| format!(" => {meant}")).unwrap_or_default();
    assert_eq!(format!("{}{meant}", error.message), is, "{text}");
    assert_eq!(error.column, before.chars().count(), "{text}");
}
