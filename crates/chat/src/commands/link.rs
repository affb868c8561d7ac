//! `link`: proves in a chat, by a one-time code, who one is in the registry.

use super::Command;
use crate::error::Fault;
use crate::lex::Word;
use crate::limits::LINK_CODE_BYTES_MAX;
use crate::spec::{Argument, CommandSpec, Count, Named, Runs};

/// Links the chat user who says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The code, as `wigwag chat link` prints it.
    pub code: String,
}

pub(crate) const LINK: CommandSpec = CommandSpec {
    name: "link",
    summary: "Prove in a chat who you are, by the code that `wigwag chat link` prints.",
    arguments: &[Argument::new("CODE", Count::One, Named::Free)],
    options: &[],
    runs: Runs::Anywhere,
    examples: &["link abcde-fghjk-mnpqr-stuvw"],
    build: |parsed| {
        let Word { text, at, .. } = &parsed.arguments[0];
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if text.len() > LINK_CODE_BYTES_MAX || text.is_empty() || !text.chars().all(allowed) {
            return Err(Fault::new(
                *at,
                "A code is letters, digits and dashes, as `wigwag chat link` prints it.",
            ));
        }
        Ok(Command::Link(Link { code: text.clone() }))
    },
};
