//! The reference page, made of the same specifications that the parser reads.

use crate::commands::{FAMILIES, family};
use crate::environments;
use crate::limits::{TARGETS_MAX, TEXT_BYTES_MAX};
use crate::spec::{CommandSpec, OptionSpec, Runs};

const INTRODUCTION: &str = "# Chat commands

This page is made from the grammar itself: `cargo run -p wigwag-chat --example reference > docs/using/chat-commands.md`.
[How to use them](chatops.md) tells what they do, what is checked, and who may.

Before a command may stand `/chatops run`, `/chatops gitlab run`, or nothing in a terminal and on the console page. Options
stand anywhere; `--project a/b` and `--project=a/b` are the same; quotes and backticks around a word are taken away, and a
text of several words needs them. Where a command runs in environments, each has an option of its name (`--staging`),
`--env=NAME[,NAME...]` names several, `--nonproduction` all that are not production; without any it runs in production.
";

/// Every command with its arguments, options and examples, as Markdown.
pub fn reference_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    page += &format!(
        "A command has at most {} bytes and {TARGETS_MAX} targets.\n\n| | |\n|---|---|\n",
        thousands(TEXT_BYTES_MAX)
    );
    for (word, about) in FAMILIES {
        page += &format!("| [{word}](#{word}) | {about} |\n");
    }
    for (word, _) in FAMILIES {
        page += &format!("\n## {word}\n");
        page.extend(family(word).map(section));
    }
    page
}

fn section(spec: &CommandSpec) -> String {
    let heading = spec.verb().map(|_| format!("\n### {}\n", spec.name)).unwrap_or_default();
    let mut text = format!("{heading}\n```text\n{}\n```\n\n{}\n", spec.usage(), spec.summary);
    let arguments = spec.arguments.iter().map(|argument| (argument.name.to_owned(), argument.help));
    text += &table("argument", arguments);
    let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
    let options = spec.all_options().chain(common).map(|option: &OptionSpec| (option.usage(), option.help));
    text += &table("option", options);
    if !spec.examples.is_empty() {
        text += &format!("\n```text\n{}\n```\n", spec.examples.join("\n"));
    }
    text
}

/// A table of two columns; nothing if it has no rows.
fn table(heading: &str, rows: impl Iterator<Item = (String, &'static str)>) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let rows: String = rows.map(|(name, help)| format!("| `{}` | {} |\n", cell(&name), cell(help))).collect();
    if rows.is_empty() { rows } else { format!("\n| {heading} | |\n|---|---|\n{rows}") }
}

/// A number below a million with a comma behind its thousands.
fn thousands(number: usize) -> String {
    match (number / 1_000, number % 1_000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}
