//! `link`: proves in a chat, by a one-time code, who one is in the registry.

use crate::command::{Command, Link};
use crate::error::Fault;
use crate::limits::LINK_CODE_BYTES_MAX;
use crate::spec::{Argument, CommandSpec, Holds, Runs};

pub(crate) const LINK: CommandSpec = CommandSpec {
    name: "link",
    summary: "Prove in a chat who you are, by the code that `wigwag chat link` prints.",
    arguments: &[Argument::once("CODE", Holds::Text, "the code, which works once")],
    options: &[],
    runs: Runs::Anywhere,
    examples: &["link abcde-fghjk-mnpqr-stuvw"],
    build: |parsed| {
        let word = &parsed.arguments[0];
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if word.text.len() > LINK_CODE_BYTES_MAX || word.text.is_empty() || !word.text.chars().all(allowed) {
            let message = "A code is letters, digits and dashes, as `wigwag chat link` prints it.";
            return Err(Fault::new(word.at, message));
        }
        Ok(Command::Link(Link { code: word.text.clone() }))
    },
};
