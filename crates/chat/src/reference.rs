//! The reference page, made of the same specifications that the parser reads.

use crate::commands::SPECS;
use crate::environments;
use crate::spec::{CommandSpec, OptionSpec, Runs};

const INTRODUCTION: &str = "# Chat commands

This page is made from the grammar itself: `cargo run -p wigwag-chat --example reference > docs/using/chat-commands.md`.
[How to use them](chatops.md) tells what they do, what is checked, and who may.

Before a command may stand `/chatops run`, `/chatops gitlab run`, or nothing in a terminal and on the console page. Options
stand anywhere; `--project a/b` and `--project=a/b` are the same; quotes and backticks around a word are taken away. Where a
command runs in environments, each has an option of its name (`--staging`), `--env=NAME[,NAME...]` names several,
`--nonproduction` all that are not production; without any it runs in production.
";

/// Every command with its arguments, options and examples, as Markdown.
pub fn reference_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for spec in SPECS {
        page += &section(spec);
    }
    page += "\n## help\n\n```\nhelp [COMMAND]\n```\n\nShow all commands, those of a family (`help feature`), or all options of one.\n";
    page
}

fn section(spec: &CommandSpec) -> String {
    let mut text = format!("\n## {}\n\n```\n{}\n```\n\n{}\n", spec.name, spec.usage(), spec.summary);
    let common = environments::OPTIONS.iter().filter(|_| spec.runs == Runs::InEnvironments);
    let options: Vec<&OptionSpec> = spec.all_options().chain(common).collect();
    if !options.is_empty() {
        text += "\n| option | |\n|---|---|\n";
        for option in options {
            text += &format!("| `{}` | {} |\n", option.usage(), option.help);
        }
    }
    if !spec.examples.is_empty() {
        text += &format!("\n```\n{}\n```\n", spec.examples.join("\n"));
    }
    text
}
