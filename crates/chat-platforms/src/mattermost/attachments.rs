//! A reply as Mattermost's Markdown and attachments. What came from outside is escaped; mentions are broken.

use crate::limits::{MATTERMOST_FIELD_CHARACTERS_MAX, REPLY_CHARACTERS_MAX};
use crate::plain::{aligned, cut, tame, whole_at};
use serde_json::{Value, json};
use wigwag_chat::{Block, Reply};

const PLAIN: &str = "#3b6fb6";
const BAD: &str = "#c0392b";

/// The text above, and the attachment with the rest.
pub(super) fn render(reply: &Reply, external_url: &str) -> (String, Vec<Value>) {
    let (mut text, mut fields, mut room) = (Vec::new(), Vec::new(), REPLY_CHARACTERS_MAX);
    for block in &reply.blocks {
        match block {
            Block::Text(paragraph) => text.push(escaped(paragraph)),
            Block::Code(code) => text.push(fenced(code)),
            Block::Table { columns, rows } => text.push(fenced(&aligned(columns, rows))),
            Block::Fields(pairs) => {
                for (label, value) in pairs {
                    let value = cut(&escaped(value), MATTERMOST_FIELD_CHARACTERS_MAX);
                    let length = value.chars().count();
                    room = room.saturating_sub(length);
                    if room > 0 {
                        let is_short = length <= 40;
                        fields.push(json!({ "title": escaped(label), "short": is_short, "value": value }));
                    }
                }
            }
        }
    }
    let mut whole = text.join("\n");
    if whole.chars().count() > REPLY_CHARACTERS_MAX || room == 0 {
        let fences = cut(&whole, REPLY_CHARACTERS_MAX).matches("```").count();
        let close = if fences % 2 == 1 { "\n```" } else { "" };
        whole = format!(
            "{}{close}\nThe rest is too long for a chat: {}",
            cut(&whole, REPLY_CHARACTERS_MAX),
            whole_at(reply, external_url)
        );
    }
    // What is not refused needs no mark: much of it only tells something.
    let (word, color) = if reply.ok { ("", PLAIN) } else { (":x: **refused**", BAD) };
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
