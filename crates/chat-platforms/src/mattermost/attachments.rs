//! A reply as Mattermost's Markdown and attachments. What came from outside is escaped; mentions are broken.

use crate::limits::REPLY_CHARACTERS_MAX;
use crate::plain::{aligned, cut, tame};
use serde_json::{Value, json};
use wigwag_chat::{Block, Reply};

const GOOD: &str = "#2f8f4e";
const BAD: &str = "#c0392b";

/// The text above, and the attachment with the rest.
pub(super) fn render(reply: &Reply, external_url: &str) -> (String, Vec<Value>) {
    let (mut text, mut fields) = (Vec::new(), Vec::new());
    for block in &reply.blocks {
        match block {
            Block::Text(paragraph) => text.push(escaped(paragraph)),
            Block::Code(code) => text.push(fenced(code)),
            Block::Table { columns, rows } => text.push(fenced(&aligned(columns, rows))),
            Block::Fields(pairs) => fields.extend(pairs.iter().map(|(label, value)| {
                let value = escaped(value);
                json!({ "title": escaped(label), "short": value.chars().count() <= 40, "value": value })
            })),
        }
    }
    let mut whole = text.join("\n");
    if whole.chars().count() > REPLY_CHARACTERS_MAX {
        let fences = cut(&whole, REPLY_CHARACTERS_MAX).matches("```").count();
        let close = if fences % 2 == 1 { "\n```" } else { "" };
        whole = format!(
            "{}{close}\nThe rest is too long for a chat: {external_url}/-/console",
            cut(&whole, REPLY_CHARACTERS_MAX)
        );
    }
    let (word, color) = if reply.ok { (":white_check_mark:", GOOD) } else { (":x: **refused**", BAD) };
    let fallback = if reply.ok { "done" } else { "refused" };
    let attachment = json!({ "fallback": fallback, "color": color, "text": whole, "fields": fields });
    (word.to_owned(), vec![attachment])
}

/// Marks of Markdown stand for themselves, and nobody is called.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in tame(text).chars() {
        match c {
            '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            '@' => out.push_str("@\u{2060}"),
            c => out.push(c),
        }
    }
    out
}

fn fenced(code: &str) -> String {
    format!("```\n{}\n```", tame(code).replace("```", "`\u{2060}`\u{2060}`"))
}
