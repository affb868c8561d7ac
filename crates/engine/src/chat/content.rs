//! Replies as the outbox keeps them: JSON, read by nobody but this node and the next one.

use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_chat::{Block, Button, ButtonStyle, Reply};

/// A reply to keep, with its buttons: who is told later may press them, and is judged then.
pub(super) fn to_content(reply: &Reply) -> Bytes {
    let block = |block: &Block| match block {
        Block::Text(text) => json!({ "text": text }),
        Block::Code(code) => json!({ "code": code }),
        Block::Fields(fields) => json!({ "fields": fields }),
        Block::Table { columns, rows } => json!({ "columns": columns, "rows": rows }),
    };
    let blocks: Vec<Value> = reply.blocks.iter().map(block).collect();
    let button = |button: &Button| {
        let is_danger = button.style == ButtonStyle::Danger;
        json!({ "label": button.label, "danger": is_danger, "value": button.value })
    };
    let buttons: Vec<Value> = reply.buttons.iter().map(button).collect();
    json!({ "ok": reply.ok, "blocks": blocks, "buttons": buttons, "asked": reply.asked }).to_string().into()
}

/// The reply that was kept; `None` if it is none.
pub(super) fn from_content(content: &[u8]) -> Option<Reply> {
    let value: Value = serde_json::from_slice(content).ok()?;
    let blocks = value["blocks"].as_array()?.iter().map(block).collect::<Option<_>>()?;
    let buttons = value["buttons"].as_array()?.iter().map(button).collect::<Option<_>>()?;
    let asked = value["asked"].as_str().map(str::to_owned);
    Some(Reply { ok: value["ok"].as_bool()?, blocks, buttons, asked })
}

fn button(value: &Value) -> Option<Button> {
    let style = if value["danger"].as_bool()? { ButtonStyle::Danger } else { ButtonStyle::Primary };
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Some(Button { label: text("label")?, style, value: text("value")? })
}

fn block(value: &Value) -> Option<Block> {
    if let Some(text) = value["text"].as_str() {
        return Some(Block::Text(text.to_owned()));
    }
    if let Some(code) = value["code"].as_str() {
        return Some(Block::Code(code.to_owned()));
    }
    if let Some(fields) = value["fields"].as_array() {
        let pair = |field: &Value| Some((field[0].as_str()?.to_owned(), field[1].as_str()?.to_owned()));
        return Some(Block::Fields(fields.iter().map(pair).collect::<Option<_>>()?));
    }
    let rows = value["rows"].as_array()?.iter().map(texts).collect::<Option<_>>()?;
    Some(Block::Table { columns: texts(&value["columns"])?, rows })
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::{from_content, to_content};
    use wigwag_chat::{ButtonStyle, Reply};

    #[test]
    fn what_is_kept_comes_back() {
        let reply = Reply::refused()
            .text("a \"b\"\nc")
            .fields(vec![("label".into(), "value".into())])
            .code("feature get a")
            .table(&["one", "two"], vec![vec!["1".into(), "2".into()], vec!["3".into(), String::new()]])
            .button("Apply", ButtonStyle::Primary, "{}");
        assert_eq!(from_content(&to_content(&reply)), Some(reply));
        for crooked in
            ["", "{}", "[]", r#"{"ok":true,"blocks":[{}],"buttons":[]}"#, r#"{"blocks":[],"buttons":[]}"#]
        {
            assert_eq!(from_content(crooked.as_bytes()), None, "{crooked}");
        }
    }
}
