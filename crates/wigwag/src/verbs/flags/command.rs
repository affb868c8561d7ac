//! `wigwag flags get`, `set` and `delete`: the chat commands of that name, so that the checks are the same.

use super::options::CommandOptions;
use super::print;
use crate::exit;
use crate::limits::COMMAND_WITHIN;
use crate::verbs::chatops::quoted;
use crate::verbs::client::Client;
use anyhow::Result;
use serde_json::{Value, json};

/// Runs `feature NAME` with the words that were typed.
pub(super) fn run(name: &str, options: CommandOptions) -> Result<()> {
    let CommandOptions { mut server, words } = options;
    // Behind the flag's name nothing is an option of this program, but people expect it anywhere.
    let (json, words): (Vec<String>, Vec<String>) = words.into_iter().partition(|word| word == "--json");
    server.json |= !json.is_empty();
    let client = Client::waiting(&server, COMMAND_WITHIN)?;
    let answer = run_command(&client, &[vec![name.to_owned()], words].concat())?;
    if client.json() {
        print::json(&answer)?;
    } else {
        print::text(&print::tame_lines(answer["text"].as_str().unwrap_or_default()))?;
    }
    if answer["ok"] == true { Ok(()) } else { Err(exit::Refused.into()) }
}

/// The reply to `feature` and these words.
pub(super) fn run_command(client: &Client, words: &[String]) -> Result<Value> {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    client.post("/v1/chatops", &json!({ "text": format!("feature {}", words.join(" ")) }))
}
