//! A line into a [`Command`], led by the commands' specifications.

mod arguments;
mod find;
mod options;

pub(crate) use arguments::takes_next;
pub(crate) use find::{Found, find, without_prefix};

use crate::command::Command;
use crate::environments::Environment;
use crate::error::{Fault, ParseError};
use crate::lex::{Word, words};
use crate::limits::TEXT_BYTES_MAX;

/// The command that `text` is. `environments` are the configured ones in deployment order.
///
/// Accepted before it: `/chatops run`, `/chatops gitlab run`, `run`; and backticks around everything. An empty
/// text asks for help.
///
/// # Errors
/// [`ParseError`] points at the place and says what to write instead.
pub fn parse(text: &str, environments: &[Environment<'_>]) -> Result<Command, ParseError> {
    let text = unwrap_backticks(text.trim());
    if text.len() > TEXT_BYTES_MAX {
        return Err(ParseError::new("", too_long("A command is", text.len())));
    }
    read(text, environments).map_err(|fault| ParseError::new(text, fault))
}

/// What lies within if the whole command was pasted as code.
fn unwrap_backticks(text: &str) -> &str {
    let inside = text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inside.filter(|inside| !inside.contains('`')).map_or(text, str::trim)
}

fn too_long(subject: &str, bytes: usize) -> Fault {
    let message = format!(
        "{subject} at most {TEXT_BYTES_MAX} bytes long, and this has {bytes}: use several commands, or a feature group \
         instead of many targets."
    );
    Fault::new(0, message)
}

fn read(text: &str, environments: &[Environment<'_>]) -> Result<Command, Fault> {
    let words = words(text)?;
    let words = without_prefix(&words);
    if words.is_empty() {
        return Ok(Command::Help(None));
    }
    let (spec, rest) = match find(words)? {
        Found::Command(spec, rest) => (spec, rest),
        Found::Family(word) if words.iter().any(is_help) => return Ok(Command::Help(Some(word))),
        Found::Family(word) => return Err(find::lacks_verb(word, text.len())),
    };
    if rest.iter().any(|word| is_help(word)) {
        return Ok(Command::Help(Some(spec.name)));
    }
    let parsed = arguments::read(spec, &rest, environments, text.len())?;
    let command = (spec.build)(&parsed)?;
    // Written in full, environments by --nonproduction are longer; what is undone or audited is read again.
    let bytes = command.to_string().len();
    if bytes > TEXT_BYTES_MAX { Err(too_long("Written in full, a command is", bytes)) } else { Ok(command) }
}

fn is_help(word: &Word) -> bool {
    word.text == "--help" && !word.quoted
}
