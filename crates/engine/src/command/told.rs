//! What replies tell of a change, in pieces: the same for whoever asked, for a channel and for a page.

use super::undo;
use crate::flags::{FlagWritten, share};
use crate::{EngineError, Settings};
use std::collections::BTreeSet;
use std::fmt::Display;
use wigwag_chat::Reply;
use wigwag_flags::limits::NAMED_IN_WORDS_MAX;
use wigwag_flags::{Definition, FlagName, FlagState, Note};

/// An error as a sentence of its own.
pub(crate) fn sentence(error: &EngineError) -> String {
    let text = match error {
        EngineError::Invalid { field: "name", rule } if rule.contains("does not exist") => {
            format!("the flag {rule}")
        }
        error => error.to_string(),
    };
    let mut letters = text.chars();
    let capital = letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str());
    let text = capital.unwrap_or_default();
    if text.ends_with(['.', '?', '!']) { text } else { text + "." }
}

/// The change itself: `NAME in PLACE: off -> on.`, every gate that differs, and what else goes with those.
pub(crate) fn change(reply: Reply, written: &FlagWritten, place: &str, more: Vec<(String, String)>) -> Reply {
    let definition = written.definition.as_deref();
    let was = state(definition, written.before.as_ref());
    let is = state(definition, written.after.as_ref());
    let moved =
        if written.before == written.after { format!("still {is}") } else { format!("{was} -> {is}") };
    let reply = reply.text(format!("{} in {place}: {moved}.", written.flag));
    let mut fields = changes(written);
    fields.extend(more);
    if fields.is_empty() { reply } else { reply.fields(fields) }
}

/// How to take it back, as commands.
pub(crate) fn undo(reply: Reply, written: &FlagWritten) -> Reply {
    match undo::commands(written) {
        Some(commands) => reply.text("To undo:").code(commands.join("\n")),
        None => reply,
    }
}

/// The address of a flag's page.
pub(crate) fn page(settings: &Settings, flag: &FlagName) -> String {
    format!("{}/-/flags/{flag}", settings.external_url)
}

/// `on`, `conditional` or `off`.
pub(crate) fn state(definition: Option<&Definition>, state: Option<&FlagState>) -> &'static str {
    match state {
        Some(state) => state.state().as_str(),
        None if definition.is_some_and(|definition| definition.default_enabled) => "on",
        None => "off",
    }
}

/// Every gate that is set, with its value.
pub(crate) fn gates(state: Option<&FlagState>) -> Vec<(String, String)> {
    let set = all_gates(state).into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    set.collect()
}

/// Every gate that differs, as `before -> after`, and the share of actors if it moves.
pub(crate) fn changes(written: &FlagWritten) -> Vec<(String, String)> {
    let (before, after) = (written.before.as_ref(), written.after.as_ref());
    let shown = |value: Option<String>| value.unwrap_or_else(|| "not set".to_owned());
    let mut fields: Vec<(String, String)> = all_gates(before)
        .into_iter()
        .zip(all_gates(after))
        .filter(|((_, was), (_, is))| was != is)
        .map(|((label, was), (_, is))| (label.to_owned(), format!("{} -> {}", shown(was), shown(is))))
        .collect();
    let definition = written.definition.as_deref();
    let (was, is) = (share(definition, before), share(definition, after));
    if was != is {
        fields.push(("share of actors".into(), format!("{was} % -> {is} %")));
    }
    fields
}

/// What a note tells.
pub(crate) fn note(note: &Note) -> String {
    match note {
        Note::DefaultKept => {
            "It was on by default and never set: it is stored as on for everyone else, so that they keep it."
                .into()
        }
        Note::DefaultShadowed => "It was on by default: everyone who is not listed has lost it.".into(),
        Note::StillOn(actors) => format!("Still on, by name: {}.", listed(actors)),
        Note::Unchanged => "Nothing changes: that is how it is already.".into(),
    }
}

/// `a, b and 12 more`.
pub(crate) fn listed<T: Display + Ord>(all: &BTreeSet<T>) -> String {
    let named: Vec<String> = all.iter().take(NAMED_IN_WORDS_MAX).map(ToString::to_string).collect();
    match all.len().saturating_sub(NAMED_IN_WORDS_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn all_gates(state: Option<&FlagState>) -> [(&'static str, Option<String>); 6] {
    let set = |all: &BTreeSet<_>| (!all.is_empty()).then(|| listed(all));
    let groups = |all: &BTreeSet<String>| (!all.is_empty()).then(|| listed(all));
    [
        ("boolean", state.and_then(|state| state.boolean).map(|on| on.to_string())),
        ("actors", state.and_then(|state| set(&state.actors))),
        (
            "percentage of actors",
            state.and_then(|s| s.percentage_of_actors).map(|share| format!("{share} %")),
        ),
        ("percentage of time", state.and_then(|s| s.percentage_of_time).map(|share| format!("{share} %"))),
        ("feature groups", state.and_then(|state| groups(&state.groups))),
        ("opted out", state.and_then(|state| set(&state.opt_outs))),
    ]
}
