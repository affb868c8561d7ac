//! Arguments and options that several commands have.

use crate::error::Fault;
use crate::names::check_own_name;
use crate::parsed::Parsed;
use crate::spec::{Argument, Holds, OptionSpec};
use crate::text::option_text;

/// The flag that a command is about.
pub(super) const FLAG: Argument = Argument::once("NAME", Holds::Flag, "the flag's name");

/// `--dry-run`
pub(super) const DRY_RUN: OptionSpec = OptionSpec::plain("dry-run", "only say what would happen");

/// `--reason`
pub(super) const REASON: OptionSpec = OptionSpec::text("reason", "TEXT", "why, for the audit log");

/// The first argument, a flag's or a rollout's name.
pub(super) fn name(parsed: &Parsed) -> Result<String, Fault> {
    let word = &parsed.arguments[0];
    check_own_name(&word.text, word.inside)?;
    Ok(word.text.clone())
}

/// What `--reason` says.
pub(super) fn reason(parsed: &Parsed) -> Result<Option<String>, Fault> {
    option_text(parsed, "reason")
}
