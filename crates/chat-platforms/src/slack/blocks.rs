//! A reply as Slack's block kit. What came from outside is escaped; code that would end its own block is made harmless.

use crate::limits::{
    BUTTON_LABEL_CHARACTERS_MAX, REPLY_CHARACTERS_MAX, SLACK_BLOCKS_MAX, SLACK_FIELD_CHARACTERS_MAX,
    SLACK_FIELDS_MAX, SLACK_TEXT_CHARACTERS_MAX,
};
use crate::plain::{aligned, cut, tame, whole_at};
use serde_json::{Value, json};
use wigwag_chat::limits::BUTTON_BYTES_MAX;
use wigwag_chat::{Block, Button, ButtonStyle, Reply};

/// The text for notifications, and the blocks.
pub(super) fn render(reply: &Reply, external_url: &str) -> (String, Vec<Value>) {
    let mut room = Room { characters: REPLY_CHARACTERS_MAX, is_cut: false };
    let mut blocks = Vec::new();
    for (index, block) in reply.blocks.iter().enumerate() {
        if room.is_cut || blocks.len() >= SLACK_BLOCKS_MAX {
            room.is_cut = true;
            break;
        }
        // What is not refused needs no mark: much of it only tells something.
        let begins = if index == 0 && !reply.ok { ":x: *refused* " } else { "" };
        match block {
            Block::Text(text) => {
                let text = linked(&room.take(&escaped(text)), external_url);
                blocks.push(section(&format!("{begins}{text}")));
            }
            Block::Code(code) => blocks.push(section(&room.take(&fenced(code)))),
            Block::Table { columns, rows } => {
                blocks.push(section(&room.take(&fenced(&aligned(columns, rows)))))
            }
            Block::Fields(fields) if fields.len() <= SLACK_FIELDS_MAX => {
                blocks.push(pairs(fields, &mut room, external_url))
            }
            Block::Fields(fields) => {
                let rows: Vec<Vec<String>> =
                    fields.iter().map(|(label, value)| vec![label.clone(), value.clone()]).collect();
                let lines = aligned(&[String::new(), String::new()], &rows);
                blocks.push(section(&room.take(&fenced(lines.trim_start_matches('\n')))));
            }
        }
    }
    if room.is_cut {
        let whole = format!("… the rest is too long for a chat: {}", escaped(&whole_at(reply, external_url)));
        blocks.push(section(&linked(&whole, external_url)));
    }
    if !reply.buttons.is_empty() {
        blocks.push(actions(&reply.buttons));
    }
    let first = reply.blocks.iter().find_map(|block| match block {
        Block::Text(text) => Some(escaped(text)),
        _ => None,
    });
    let fallback = first.unwrap_or_else(|| if reply.ok { "Done.".into() } else { "Refused.".into() });
    (cut(&fallback, SLACK_FIELD_CHARACTERS_MAX), blocks)
}

/// How much of a reply is left to be shown.
struct Room {
    characters: usize,
    is_cut: bool,
}

impl Room {
    fn take(&mut self, text: &str) -> String {
        let allowed = self.characters.min(SLACK_TEXT_CHARACTERS_MAX - 40);
        let count = text.chars().count();
        self.characters = self.characters.saturating_sub(count);
        if count <= allowed {
            return text.to_owned();
        }
        self.is_cut = true;
        let fence = if text.starts_with("```") { "\n```" } else { "" };
        format!("{}{fence}", cut(text, allowed.max(1)))
    }
}

fn section(text: &str) -> Value {
    let text = if text.is_empty() { " " } else { text };
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } })
}

fn pairs(fields: &[(String, String)], room: &mut Room, external_url: &str) -> Value {
    let field = |(label, value): &(String, String)| {
        let text = format!("*{}*\n{}", escaped(label), escaped(value));
        let text = linked(&cut(&room.take(&text), SLACK_FIELD_CHARACTERS_MAX - 40), external_url);
        json!({ "type": "mrkdwn", "text": text, "verbatim": true })
    };
    let fields: Vec<Value> = fields.iter().map(field).collect();
    json!({ "type": "section", "fields": fields })
}

fn actions(buttons: &[Button]) -> Value {
    let fits = buttons.iter().enumerate().filter(|(_, button)| button.value.len() <= BUTTON_BYTES_MAX);
    let button = |(index, button): (usize, &Button)| {
        let style = match button.style {
            ButtonStyle::Primary => "primary",
            ButtonStyle::Danger => "danger",
        };
        json!({
            "type": "button",
            "action_id": format!("wigwag-{index}"),
            "text": { "type": "plain_text", "text": cut(&tame(&button.label), BUTTON_LABEL_CHARACTERS_MAX) },
            "style": style,
            "value": button.value,
        })
    };
    json!({ "type": "actions", "elements": fits.map(button).collect::<Vec<_>>() })
}

/// Slack's three entities make all of its marks plain: `<!channel>`, `<@U1>` and links begin with an angle, and `verbatim`
/// keeps it from making links of bare addresses and names. Words between stars, underscores or backticks may look different
/// and mean nothing.
fn escaped(text: &str) -> String {
    tame(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Addresses of this server as links; those of others stay text. Each takes two characters more.
fn linked(text: &str, external_url: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    let begins = format!("{external_url}/");
    while let Some(at) = rest.find(&begins) {
        let url = &rest[at..];
        let end = url.find(|c: char| c.is_whitespace() || c == '…').unwrap_or(url.len());
        let url = url[..end].trim_end_matches(['.', ',', ';', ')']);
        out.push_str(&rest[..at]);
        out.push_str(&format!("<{url}>"));
        rest = &rest[at + url.len()..];
    }
    out + rest
}

/// A block of code that its content cannot end.
fn fenced(code: &str) -> String {
    format!("```\n{}\n```", escaped(code).replace("```", "`\u{2060}`\u{2060}`"))
}
