//! What may be written to whom: colours are for terminals alone.

use std::io::IsTerminal;

/// Whether colours may go there: it is a terminal that knows them, and nobody said that they are not wanted (`NO_COLOR`).
pub(crate) fn shows_colours(stream: &impl IsTerminal) -> bool {
    let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    stream.is_terminal() && !wants_none && !is_dumb
}
