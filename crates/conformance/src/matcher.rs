//! Patterns: JSON that an answer is held against. A text, number, truth value or null means itself; a list has exactly
//! these elements; an object has at least these fields. An object whose one field begins with `$` says more:
//!
//! ```text
//! {"$type": "string"}     string, number, boolean, object, array
//! {"$one_of": [..]}       one of these patterns
//! {"$each": ..}           a list, and each of its elements is so
//! {"$some": [..]}         a list, and each of these is so for one of its elements
//! {"$contains": ".."}     a text with this part
//! {"$kept": ".."}         the text that was kept under this name
//! {"$not_kept": ".."}     any other text
//! {"$absent": true}       a field or header that is not there
//! ```

use serde_json::Value;
use std::collections::BTreeMap;

/// What steps before kept, by name.
pub(crate) type Kept = BTreeMap<String, String>;

/// What is wrong with `found`, one complaint a line; `place` says where it stands.
pub(crate) fn complaints(place: &str, pattern: &Value, found: Option<&Value>, kept: &Kept) -> Vec<String> {
    if let Some((word, argument)) = special(pattern) {
        return judge(place, word, argument, found, kept);
    }
    let Some(found) = found else { return vec![format!("{place}: is missing, expected {pattern}")] };
    match (pattern, found) {
        (Value::Object(fields), Value::Object(_)) => fields
            .iter()
            .flat_map(|(name, pattern)| {
                complaints(&format!("{place}.{name}"), pattern, found.get(name), kept)
            })
            .collect(),
        (Value::Array(patterns), Value::Array(elements)) if patterns.len() == elements.len() => patterns
            .iter()
            .zip(elements)
            .enumerate()
            .flat_map(|(at, (pattern, element))| {
                complaints(&format!("{place}[{at}]"), pattern, Some(element), kept)
            })
            .collect(),
        _ if same(pattern, found) => Vec::new(),
        _ => vec![format!("{place}: expected {pattern}, found {}", short(found))],
    }
}

/// The word and the argument of an object that says more.
fn special(pattern: &Value) -> Option<(&str, &Value)> {
    let mut fields = pattern.as_object()?.iter();
    match (fields.next(), fields.next()) {
        (Some((word, argument)), None) if word.starts_with('$') => Some((word, argument)),
        _ => None,
    }
}

/// 200 and 200.0 are one number.
fn same(pattern: &Value, found: &Value) -> bool {
    match (pattern.as_f64(), found.as_f64()) {
        (Some(pattern), Some(found)) => pattern == found,
        _ => pattern == found,
    }
}

fn judge(place: &str, word: &str, argument: &Value, found: Option<&Value>, kept: &Kept) -> Vec<String> {
    let wrong = |expected: String| {
        vec![format!("{place}: expected {expected}, found {}", found.map_or("nothing".into(), short))]
    };
    let text = found.and_then(Value::as_str);
    let elements = found.and_then(Value::as_array);
    match (word, argument) {
        ("$absent", Value::Bool(true)) => {
            if found.is_none() {
                Vec::new()
            } else {
                wrong("nothing".into())
            }
        }
        ("$type", Value::String(name)) => {
            if found.map(kind) == Some(name) {
                Vec::new()
            } else {
                wrong(format!("a value of type {name}"))
            }
        }
        ("$one_of", Value::Array(patterns)) => {
            let fits = |pattern: &Value| complaints(place, pattern, found, kept).is_empty();
            if patterns.iter().any(fits) { Vec::new() } else { wrong(format!("one of {argument}")) }
        }
        ("$each", pattern) => match elements {
            None => wrong("a list".into()),
            Some(elements) => elements
                .iter()
                .enumerate()
                .flat_map(|(at, element)| complaints(&format!("{place}[{at}]"), pattern, Some(element), kept))
                .collect(),
        },
        ("$some", Value::Array(patterns)) => {
            let Some(elements) = elements else { return wrong("a list".into()) };
            let has = |pattern: &Value| {
                elements.iter().any(|element| complaints(place, pattern, Some(element), kept).is_empty())
            };
            let missing = patterns.iter().filter(|pattern| !has(pattern));
            missing.map(|pattern| format!("{place}: no element is {pattern}")).collect()
        }
        ("$contains", Value::String(part)) => {
            let fits = text.is_some_and(|text| text.contains(part));
            if fits { Vec::new() } else { wrong(format!("a text with {part:?}")) }
        }
        ("$kept", Value::String(name)) => {
            let fits = text.is_some() && text == kept.get(name).map(String::as_str);
            if fits { Vec::new() } else { wrong(format!("{:?}, kept as {name}", kept.get(name))) }
        }
        ("$not_kept", Value::String(name)) => {
            let fits = text.is_some() && text != kept.get(name).map(String::as_str);
            if fits {
                Vec::new()
            } else {
                wrong(format!("anything but {:?}, kept as {name}", kept.get(name)))
            }
        }
        _ => vec![format!("{place}: the pattern {word} with {argument} is unknown")],
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value as a complaint shows it.
fn short(value: &Value) -> String {
    const CHARACTERS_MAX: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, complaints};
    use serde_json::{Value, json};

    fn check(pattern: Value, found: Value, fits: bool) {
        let kept = Kept::from([("tag".to_owned(), "\"1\"".to_owned())]);
        let told = complaints("body", &pattern, Some(&found), &kept);
        assert_eq!(told.is_empty(), fits, "{pattern} and {found}: {told:?}");
    }

    #[test]
    fn values_mean_themselves_lists_all_their_elements_objects_at_least_their_fields() {
        check(json!(1), json!(1.0), true);
        check(json!("1"), json!(1), false);
        check(json!(null), json!(null), true);
        check(json!([1, 2]), json!([1, 2]), true);
        check(json!([1]), json!([1, 2]), false);
        check(json!([]), json!({}), false);
        check(json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), true);
        check(json!({ "a": 1, "b": null }), json!({ "a": 1 }), false);
        check(json!({}), json!([]), false);
    }

    #[test]
    fn special_patterns_say_more() {
        check(json!({ "$type": "object" }), json!({}), true);
        check(json!({ "$type": "string" }), json!(1), false);
        check(json!({ "$one_of": [200, 204] }), json!(204), true);
        check(json!({ "$one_of": [200, 204] }), json!(500), false);
        check(json!({ "$each": { "key": { "$type": "string" } } }), json!([{ "key": "a" }, {}]), false);
        check(json!({ "$each": { "key": { "$type": "string" } } }), json!([{ "key": "a" }]), true);
        check(
            json!({ "$some": [{ "key": "a" }] }),
            json!([{ "key": "b" }, { "key": "a", "value": 1 }]),
            true,
        );
        check(json!({ "$some": [{ "key": "a" }, { "key": "c" }] }), json!([{ "key": "a" }]), false);
        check(json!({ "$contains": "json" }), json!("application/json"), true);
        check(json!({ "$contains": "json" }), json!("text/html"), false);
        check(json!({ "$kept": "tag" }), json!("\"1\""), true);
        check(json!({ "$kept": "never" }), json!("\"1\""), false);
        check(json!({ "$not_kept": "tag" }), json!("\"2\""), true);
        check(json!({ "$not_kept": "tag" }), json!("\"1\""), false);
        check(json!({ "a": { "$absent": true } }), json!({}), true);
        check(json!({ "a": { "$absent": true } }), json!({ "a": null }), false);
        check(json!({ "$unheard": 1 }), json!(1), false);
    }

    #[test]
    fn a_complaint_says_where() {
        let pattern = json!({ "flags": [{ "key": "a" }] });
        let told = complaints("body", &pattern, Some(&json!({ "flags": [{ "key": "b" }] })), &Kept::new());
        assert_eq!(told, ["body.flags[0].key: expected \"a\", found \"b\""]);
    }
}
