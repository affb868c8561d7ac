//! `wigwag chatops complete`: what a shell asks for while somebody types. The grammar is in this program; names of flags,
//! projects, groups, users and of its own environments are the server's, if it is there.

use crate::cli::Server;
use crate::limits::COMPLETION_WITHIN;
use crate::verbs::client::{Client, segment};
use crate::verbs::say;
use crate::verbs::tame::tame;
use serde_json::Value;
use std::collections::BTreeSet;
use wigwag_chat::{Environment, Names, TargetKind, complete_words};
use wigwag_engine::{EnvironmentKind, Settings};

/// Prints what could stand in place of the last word, one a line. Whatever is wrong prints nothing.
pub(super) fn print(mut server: Server, words: &[String]) {
    let words = without_options(&mut server, words);
    let mut found: BTreeSet<String> = from_grammar(words).into_iter().collect();
    found.extend(from_server(&server, words).unwrap_or_default());
    // A shell that does not listen any more needs no word of that.
    let all: Vec<String> = found.iter().map(|one| tame(one)).collect();
    let _ = say::line(&all.join("\n"));
}

/// The command behind the options of the verb itself, which say where to ask.
fn without_options<'w>(server: &mut Server, mut words: &'w [String]) -> &'w [String] {
    loop {
        let (option, value, rest) = match words {
            // The last word is the one that is being written.
            [option, rest @ ..] if option == "--json" && !rest.is_empty() => (option.as_str(), "", rest),
            [option, value, rest @ ..]
                if ["--url", "--token"].contains(&option.as_str()) && !rest.is_empty() =>
            {
                (option.as_str(), value.as_str(), rest)
            }
            [word, rest @ ..] if !rest.is_empty() => match word.split_once('=') {
                Some((option @ ("--url" | "--token"), value)) => (option, value, rest),
                _ => return words,
            },
            _ => return words,
        };
        match option {
            "--url" => server.url = value.to_owned(),
            "--token" => server.token = Some(value.to_owned()),
            _ => {}
        }
        words = rest;
    }
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

/// Words of the grammar, with the environments that a server has without settings.
fn from_grammar(words: &[String]) -> Vec<String> {
    let settings = Settings::default();
    let environment = |one: &'_ wigwag_engine::Environment| (one.name.clone(), one.kind);
    let known: Vec<(String, EnvironmentKind)> = settings.environments.iter().map(environment).collect();
    let environments: Vec<Environment<'_>> = known
        .iter()
        .map(|(name, kind)| Environment { name, is_production: *kind == EnvironmentKind::Production })
        .collect();
    complete_words(words, &environments, &Nobody).into_iter().map(|one| one.text).collect()
}

/// Whole words that the server knows.
fn from_server(server: &Server, words: &[String]) -> Option<Vec<String>> {
    let client = Client::waiting(server, COMPLETION_WITHIN).ok()?;
    let line = words.join(" ");
    let begin = line.len() - words.last().map_or(0, String::len);
    let answer = client.get(&format!("/v1/chatops/complete?text={}", segment(&line))).ok()?;
    let whole = |one: &Value| {
        let start = usize::try_from(one["start"].as_u64()?).ok()?;
        Some(format!("{}{}", line.get(begin..start)?, one["text"].as_str()?))
    };
    Some(answer["completions"].as_array()?.iter().filter_map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::without_options;
    use crate::cli::Server;

    #[test]
    fn options_of_the_verb_are_no_words_of_the_command() {
        let check = |line: &str, url: &str, is: &str| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let mut server = Server { url: "default".into(), token: None, json: false };
            assert_eq!(without_options(&mut server, &words).join(" "), is, "{line}");
            assert_eq!(server.url, url, "{line}");
        };
        check("feature set ", "default", "feature set ");
        check("--json feature s", "default", "feature s");
        check("--url http://a --token t feature ", "http://a", "feature ");
        check("--url=http://a --json f", "http://a", "f");
        check("--json", "default", "--json");
        check("--url http://a", "default", "--url http://a");
        check("feature set --url", "default", "feature set --url");
    }
}
