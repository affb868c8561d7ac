//! `wigwag chatops`: the same parser and the same replies as in chat.

mod answer;
mod complete;
mod words;

pub(crate) use words::quoted;

use super::client::Client;
use super::tame::{self, tame_lines};
use crate::cli::{ChatopsVerb, Server};
use crate::limits::{COMMAND_TOLD_AFTER, COMMAND_WITHIN};
use crate::verbs::say;
use crate::{exit, terminal};
use anyhow::Result;
use serde_json::json;
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, channel};
use wigwag_chat::render::{Style, text};

/// Runs one command, or completes one.
pub(crate) fn run(verb: ChatopsVerb) -> Result<()> {
    match verb {
        ChatopsVerb::Run { server, words } => run_command(&server, &words),
        ChatopsVerb::Complete { server, words } => {
            complete::print(server, &words);
            Ok(())
        }
    }
}

fn run_command(server: &Server, words: &[String]) -> Result<()> {
    let client = Client::waiting(server, COMMAND_WITHIN)?;
    let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let answer = patiently(|| client.post("/v1/chatops", &json!({ "text": command })))?;
    if client.json() {
        say::line(&tame::json(&answer))?;
    } else if terminal::shows_colours(&std::io::stdout()) {
        say::line(&text(&answer::reply(&answer), Style::Coloured))?;
    } else {
        say::line(&tame_lines(answer["text"].as_str().unwrap_or_default()))?;
    }
    if answer["ok"] == true { Ok(()) } else { Err(exit::Refused.into()) }
}

/// Says on a terminal what is waited for, if it takes long.
#[allow(clippy::print_stderr, reason = "whoever waits wants to know what for")]
fn patiently<T>(ask: impl FnOnce() -> Result<T>) -> Result<T> {
    if !std::io::stderr().is_terminal() {
        return ask();
    }
    let (done, ended) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if ended.recv_timeout(COMMAND_TOLD_AFTER) == Err(RecvTimeoutError::Timeout) {
                eprintln!("still waiting: production checks and other servers are being asked ...");
            }
        });
        let asked = ask();
        drop(done);
        asked
    })
}
