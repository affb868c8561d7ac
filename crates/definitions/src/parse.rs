//! From one file to one definition, or to everything that is wrong with it.

use std::str;

use wigwag_flags::limits::DEPENDS_ON_MAX;
use wigwag_flags::{Definition, FlagName, FlagType, LargeStepPolicy};

use crate::document::{self, Scalar};
use crate::fields::{Fault, Fields};
use crate::limits::{DESCRIPTION_BYTES_MAX, OWNERS_MAX};
use crate::text::{meant, quoted};

/// A definition that is right by itself, with the places that relations to others are told by.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Parsed {
    pub(crate) definition: Definition,
    pub(crate) name_line: usize,
    pub(crate) depends_on_line: usize,
}

/// Reads `<folder>/<stem>.yml`; a file at the root of everything has no folder.
pub(crate) fn file(folder: Option<&str>, stem: &str, bytes: &[u8]) -> Result<Parsed, Vec<Fault>> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        vec![Fault { line: Some(line), field: None, rule: "is not UTF-8".into() }]
    })?;
    let document = document::read(text)
        .map_err(|error| vec![Fault { line: Some(error.line), field: None, rule: error.rule }])?;
    let mut fields = Fields::of(&document);
    let definition = definition(&mut fields, folder, stem);
    let lines = |field| fields.line(field).unwrap_or(1);
    let (name_line, depends_on_line) = (lines("name"), lines("depends_on"));
    match definition {
        Some(definition) if fields.faults.is_empty() => match definition.check() {
            Ok(()) => Ok(Parsed { definition, name_line, depends_on_line }),
            Err(error) => Err(vec![Fault::at(lines(error.field), error.field, error.rule)]),
        },
        _ => {
            fields.faults.sort_by_key(|fault| fault.line);
            Err(fields.faults)
        }
    }
}

/// Every field, each read whatever became of the one before.
fn definition(fields: &mut Fields<'_>, folder: Option<&str>, stem: &str) -> Option<Definition> {
    let name = name(fields, stem);
    let kind = kind(fields, folder);
    let default_enabled = fields.required_switch("default_enabled");
    if let (Some(kind), Some(true)) = (kind, default_enabled)
        && !kind.may_default_to_on()
    {
        let line = fields.line("default_enabled").unwrap_or(1);
        let rule = format!(
            "may be true only for the types beta, ops and development; this one is {}",
            kind.as_str()
        );
        fields.fault(line, "default_enabled", rule);
    }
    let introduced_by_url = fields.required_url("introduced_by_url");
    let milestone = milestone(fields);
    let group = fields.required("group");
    let description = fields.text_up_to("description", DESCRIPTION_BYTES_MAX);
    let depends_on = depends_on(fields);
    let owned = |scalar: &Scalar| scalar.text.trim().to_owned();
    let definition = Definition {
        feature_issue_url: fields.url("feature_issue_url").map(str::to_owned),
        rollout_issue_url: fields.url("rollout_issue_url").map(str::to_owned),
        intended_to_rollout_by: fields.text("intended_to_rollout_by").map(owned),
        log_state_changes: fields.switch("log_state_changes"),
        owners: fields.list("owners", OWNERS_MAX).into_iter().map(owned).collect(),
        channel: fields.text("channel").map(owned),
        large_steps: large_steps(fields),
        description: description.map(owned).unwrap_or_default(),
        depends_on,
        name: name?,
        kind: kind?,
        default_enabled: default_enabled?,
        introduced_by_url: introduced_by_url?.to_owned(),
        milestone: owned(milestone?),
        group: owned(group?),
    };
    Some(definition)
}

/// `warn` or `refuse`, if it is written.
fn large_steps(fields: &mut Fields<'_>) -> Option<LargeStepPolicy> {
    let scalar = fields.text("large_steps").filter(|scalar| !scalar.text.trim().is_empty())?;
    let found = LargeStepPolicy::ALL.into_iter().find(|policy| policy.as_str() == scalar.text.trim());
    if found.is_none() {
        let rule = format!("is neither warn nor refuse: {}", quoted(&scalar.text));
        fields.fault(scalar.line, "large_steps", rule);
    }
    found
}

fn name(fields: &mut Fields<'_>, stem: &str) -> Option<FlagName> {
    let scalar = fields.required("name")?;
    let rule = match scalar.text.parse::<FlagName>() {
        Ok(name) if name.as_str() == stem => return Some(name),
        Ok(_) => format!(
            "is {}, but the file is called {}; rename one of them",
            quoted(&scalar.text),
            quoted(stem)
        ),
        Err(error) => error.to_string(),
    };
    fields.fault(scalar.line, "name", rule);
    None
}

fn kind(fields: &mut Fields<'_>, folder: Option<&str>) -> Option<FlagType> {
    let scalar = fields.required("type")?;
    let words = || FlagType::ALL.iter().map(|kind| kind.as_str());
    let Some(kind) = FlagType::from_word(&scalar.text) else {
        let all = words().collect::<Vec<_>>().join(", ");
        let rule = format!("is none of {all}: {}{}", quoted(&scalar.text), meant(&scalar.text, words()));
        fields.fault(scalar.line, "type", rule);
        return None;
    };
    if folder.and_then(FlagType::from_word) == Some(kind) {
        return Some(kind);
    }
    let rule = match folder {
        Some(folder) => {
            let written = &scalar.text;
            format!("is {written}, but the file lies in the folder {}; move it to {written}", quoted(folder))
        }
        None => format!("has no folder: move the file into a folder called {}", scalar.text),
    };
    fields.fault(scalar.line, "type", rule);
    None
}

/// The milestone; written as a number it would lose its last zero in many a reader.
fn milestone<'d>(fields: &mut Fields<'d>) -> Option<&'d Scalar> {
    let faults = fields.faults.len();
    let read = fields.required("milestone");
    if let Some(fault) = fields.faults.get_mut(faults)
        && fault.rule.starts_with("is a number")
    {
        fault.rule =
            format!("{}: as a number 15.10 and 15.1 are the same, as a text they are not", fault.rule);
    }
    read
}

fn depends_on(fields: &mut Fields<'_>) -> Vec<FlagName> {
    let mut names: Vec<FlagName> = Vec::new();
    for item in fields.list("depends_on", DEPENDS_ON_MAX) {
        let rule = match item.text.parse::<FlagName>() {
            Ok(name) if names.contains(&name) => format!("names {name} twice"),
            Ok(name) => {
                names.push(name);
                continue;
            }
            Err(error) => format!("holds {}, which {error}", quoted(&item.text)),
        };
        fields.fault(item.line, "depends_on", rule);
    }
    names
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::file;

    /// Pieces of which almost-definitions are made.
    fn piece() -> impl Strategy<Value = String> {
        let pieces = [
            "name: f\n",
            "type: beta\n",
            "default_enabled: false\n",
            "milestone: '15.10'\n",
            "group: g\n",
            "---\n",
            "...\n",
            "introduced_by_url: https://a.example\n",
            "depends_on: [a, b]\n",
            "owners:\n  - ann\n",
            "  ",
            "\t",
            ": ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "&a ",
            "*a",
            "!!str ",
            "|\n",
            ">-\n",
            "'",
            "\"",
            "# ",
            "\u{feff}",
            "\0",
            "ü",
            "%YAML 1.2\n",
            "? ",
        ];
        prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), "\\PC{0,4}"]
    }

    proptest! {
        /// Nothing that anybody writes is a panic, and every finding points into the file.
        #[test]
        fn whatever_is_written_is_a_definition_or_findings(
            bytes in prop_oneof![
                prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat().into_bytes()),
                prop::collection::vec(any::<u8>(), 0..200),
            ]
        ) {
            let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
            if let Err(faults) = file(Some("beta"), "f", &bytes) {
                prop_assert!(!faults.is_empty());
                for fault in faults {
                    prop_assert!(fault.line.is_none_or(|line| (1..=lines + 1).contains(&line)), "{:?}", fault);
                }
            }
        }
    }
}
