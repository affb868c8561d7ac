//! A server's answer as the reply that it was made of.

use serde_json::Value;
use wigwag_chat::{Block, Reply};

/// The reply as data again. Kinds of blocks that a later server may have are left out; texts are tamed where they are
/// shown.
pub(super) fn reply(answer: &Value) -> Reply {
    let blocks = items(&answer["blocks"]).filter_map(block).collect();
    Reply { ok: answer["ok"] == true, blocks, ..Reply::default() }
}

fn block(block: &Value) -> Option<Block> {
    match block["type"].as_str()? {
        "text" => Some(Block::Text(words(&block["text"]))),
        "code" => Some(Block::Code(words(&block["text"]))),
        "fields" => {
            let field = |one: &Value| (words(&one["label"]), words(&one["value"]));
            Some(Block::Fields(items(&block["fields"]).map(field).collect()))
        }
        "table" => Some(Block::Table {
            columns: list(&block["columns"]),
            rows: items(&block["rows"]).map(list).collect(),
        }),
        _ => None,
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn list(value: &Value) -> Vec<String> {
    items(value).map(words).collect()
}

fn words(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::reply;
    use serde_json::json;
    use wigwag_chat::Reply;
    use wigwag_chat::render::{Style, text};

    #[test]
    fn an_answer_is_a_reply_again() {
        let answer = json!({ "ok": true, "blocks": [
            { "type": "text", "text": "a" },
            { "type": "fields", "fields": [{ "label": "b", "value": "c" }] },
            { "type": "code", "text": "d" },
            { "type": "table", "columns": ["e"], "rows": [["f"]] },
            { "type": "of a later version" },
        ] });
        let is = Reply::done().text("a").fields(vec![("b".into(), "c".into())]).code("d");
        assert_eq!(reply(&answer), is.table(&["e"], vec![vec!["f".into()]]));
    }

    #[test]
    fn nonsense_is_an_empty_reply_and_commands_no_terminal() {
        for nonsense in [json!(null), json!([]), json!({ "blocks": 5 }), json!({ "blocks": [5, {}] })] {
            assert_eq!(reply(&nonsense).blocks, [], "{nonsense}");
        }
        let crooked = json!({ "ok": true, "blocks": [
            { "type": "table", "columns": ["a"], "rows": [["b", "too many"], [], 5] },
            { "type": "text", "text": "\u{1b}[2Jc" },
        ] });
        let shown = text(&reply(&crooked), Style::Plain);
        assert!(!shown.contains(|c: char| c != '\n' && c.is_control()), "{shown:?}");
    }
}
