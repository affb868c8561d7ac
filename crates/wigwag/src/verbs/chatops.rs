//! `wigwag chatops run`: the same parser and the same replies as in chat.

use super::client::Client;
use super::tame::{self, tame_lines};
use crate::cli::{ChatopsVerb, Server};
use crate::exit;
use anyhow::Result;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use wigwag_chat::render::{Style, text};
use wigwag_chat::{Block, Environment, Names, Reply, TargetKind, complete_words};
use wigwag_engine::{EnvironmentKind, Settings};

/// The longest that a command may take: production checks and other servers are asked in each environment.
const COMMAND_WITHIN: Duration = Duration::from_secs(60);

/// After this time whoever waits at a terminal is told what for.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// How long completion waits for names from the server.
const COMPLETE_WITHIN: Duration = Duration::from_millis(300);

/// Runs one command.
pub(crate) fn run(verb: ChatopsVerb) -> Result<()> {
    match verb {
        ChatopsVerb::Run { server, words } => run_command(&server, &words),
        ChatopsVerb::Complete { server, words } => {
            complete(&server, &words);
            Ok(())
        }
    }
}

#[allow(clippy::print_stdout, reason = "the reply is what was asked for")]
fn run_command(server: &Server, words: &[String]) -> Result<()> {
    let client = Client::waiting(server, "--token", COMMAND_WITHIN)?;
    let command = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let answer = patiently(|| client.post("/v1/chatops", &json!({ "text": command })))?;
    if client.json() {
        println!("{}", tame::json(&answer));
    } else {
        match style() {
            Style::Plain => println!("{}", tame_lines(answer["text"].as_str().unwrap_or_default())),
            Style::Coloured => println!("{}", text(&reply(&answer), Style::Coloured)),
        }
    }
    if answer["ok"].as_bool() == Some(true) { Ok(()) } else { Err(exit::Refused.into()) }
}

/// Colours are for terminals, and for those who did not say that they want none (`NO_COLOR`).
fn style() -> Style {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    if std::io::stdout().is_terminal() && !set("NO_COLOR") && !dumb { Style::Coloured } else { Style::Plain }
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
            if ended.recv_timeout(TOLD_AFTER) == Err(RecvTimeoutError::Timeout) {
                eprintln!("asking the production checks ...");
            }
        });
        let asked = ask();
        drop(done);
        asked
    })
}

/// The reply as data again. Its texts are tamed where they are shown.
fn reply(answer: &Value) -> Reply {
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().map(words).collect() };
    let block = |block: &Value| match block["type"].as_str()? {
        "text" => Some(Block::Text(words(&block["text"]))),
        "code" => Some(Block::Code(words(&block["text"]))),
        "fields" => {
            let fields = block["fields"].as_array().into_iter().flatten();
            Some(Block::Fields(fields.map(|one| (words(&one["label"]), words(&one["value"]))).collect()))
        }
        "table" => Some(Block::Table {
            columns: list(&block["columns"]),
            rows: block["rows"].as_array().into_iter().flatten().map(list).collect(),
        }),
        _ => None,
    };
    let blocks = answer["blocks"].as_array().into_iter().flatten().filter_map(block).collect();
    Reply { ok: answer["ok"] == true, blocks, buttons: Vec::new() }
}

/// Names are the server's; without it there are none.
struct Nobody;

impl Names for Nobody {
    fn flags(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn targets(&self, _: TargetKind, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Prints what could stand in place of the last word. Whatever is wrong prints nothing.
#[allow(clippy::print_stdout, reason = "the shell reads it")]
fn complete(server: &Server, words: &[String]) {
    let settings = Settings::default();
    let environment = |one: &'_ wigwag_engine::Environment| (one.name.clone(), one.kind);
    let known: Vec<(String, EnvironmentKind)> = settings.environments.iter().map(environment).collect();
    let environments: Vec<Environment<'_>> = known
        .iter()
        .map(|(name, kind)| Environment { name, is_production: *kind == EnvironmentKind::Production })
        .collect();
    let mut found: Vec<String> =
        complete_words(words, &environments, &Nobody).into_iter().map(|one| one.text).collect();
    found.extend(from_server(server, words).unwrap_or_default());
    found.sort();
    found.dedup();
    found.iter().for_each(|one| println!("{}", tame_lines(one)));
}

/// Whole words that the server knows.
fn from_server(server: &Server, words: &[String]) -> Option<Vec<String>> {
    let client = Client::waiting(server, "--token", COMPLETE_WITHIN).ok()?;
    let line = words.join(" ");
    let begin = line.len() - words.last().map_or(0, String::len);
    let query = percent_encoding::utf8_percent_encode(&line, percent_encoding::NON_ALPHANUMERIC);
    let answer = client.get(&format!("/v1/chatops/complete?text={query}")).ok()?;
    let whole = |one: &Value| {
        let start = usize::try_from(one["start"].as_u64()?).ok()?;
        Some(format!("{}{}", line.get(begin..start)?, one["text"].as_str()?))
    };
    Some(answer["completions"].as_array()?.iter().filter_map(whole).collect())
}

/// The shell has taken the quotes away; a word with a blank gets them back.
pub(crate) fn quoted(word: &str) -> String {
    let needs = word.is_empty() || word.contains(char::is_whitespace);
    match word.split_once('=') {
        Some((name, value)) if needs && name.starts_with("--") => format!("{name}=\"{value}\""),
        _ if needs => format!("\"{word}\""),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{quoted, reply};
    use serde_json::json;
    use wigwag_chat::Reply;

    #[test]
    fn gives_blanks_their_quotes_back() {
        assert_eq!(quoted("true"), "true");
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted("--reason=it works"), "--reason=\"it works\"");
        assert_eq!(quoted(""), "\"\"");
    }

    #[test]
    fn an_answer_is_a_reply_again() {
        let answer = json!({ "ok": true, "blocks": [
            { "type": "text", "text": "a" },
            { "type": "fields", "fields": [{ "label": "b", "value": "c" }] },
            { "type": "code", "text": "d" },
            { "type": "table", "columns": ["e"], "rows": [["f"]] },
            { "type": "of a later version" },
        ] });
        let is = Reply::done().text("a").fields(vec![("b".into(), "c".into())]).code("d");
        assert_eq!(reply(&answer), is.table(&["e"], vec![vec!["f".into()]]));
    }
}
