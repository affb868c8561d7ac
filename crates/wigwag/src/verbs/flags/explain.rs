//! `wigwag flags explain`: what a flag decides for somebody, and why.

use super::options::ExplainOptions;
use super::print;
use crate::verbs::client::{Client, segment};
use anyhow::Result;

/// Asks and prints the answer as a sentence.
pub(super) fn run(options: &ExplainOptions) -> Result<()> {
    let client = Client::new(&options.server)?;
    let actors = options.actors.iter().map(|actor| format!("actor={}", segment(actor)));
    let environment = options.environment.iter().map(|name| format!("environment={}", segment(name)));
    let query: Vec<String> = actors.chain(environment).collect();
    let answer = client.get(&format!("/v1/flags/{}/explain?{}", segment(&options.name), query.join("&")))?;
    if client.json() {
        return print::json(&answer);
    }
    print::text(&print::tame_lines(answer["text"].as_str().unwrap_or_default()))
}
