//! `wigwag chatops run`: the same parser and the same replies as in chat.

use super::client::Client;
use super::tame::{self, tame_lines};
use crate::cli::ChatopsVerb;
use crate::exit;
use anyhow::Result;
use serde_json::json;

/// Runs one command.
#[allow(clippy::print_stdout, reason = "the reply is what was asked for")]
pub(crate) fn run(verb: ChatopsVerb) -> Result<()> {
    let ChatopsVerb::Run { server, words } = verb;
    let client = Client::new(&server)?;
    let text = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let answer = client.post("/v1/chatops", &json!({ "text": text }))?;
    if client.json() {
        println!("{}", tame::json(&answer));
    } else {
        println!("{}", tame_lines(answer["text"].as_str().unwrap_or_default()));
    }
    if answer["ok"].as_bool() == Some(true) { Ok(()) } else { Err(exit::Refused.into()) }
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
    use super::quoted;

    #[test]
    fn gives_blanks_their_quotes_back() {
        assert_eq!(quoted("true"), "true");
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted("--reason=it works"), "--reason=\"it works\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
