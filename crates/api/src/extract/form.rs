//! Forms and query strings as JSON objects, with GitLab's brackets: `scopes[]=api`, `failure_policy[threshold]=4`.

use crate::limits::FORM_DEPTH_MAX;
use serde_json::{Map, Value};

/// Adds the pairs of `text` to `fields`; a later one of the same name wins.
pub(crate) fn merge(fields: &mut Map<String, Value>, text: &[u8]) {
    for (name, value) in url::form_urlencoded::parse(text) {
        merge_pair(fields, &name, value.into_owned());
    }
}

/// Adds one pair.
pub(crate) fn merge_pair(fields: &mut Map<String, Value>, name: &str, value: String) {
    if let Some(path) = path(name) {
        put(fields, &path, value);
    }
}

/// `a[b][]` as its parts; none for one that is nested too deep or not closed.
fn path(name: &str) -> Option<Vec<&str>> {
    let Some((first, rest)) = name.split_once('[') else { return Some(vec![name]) };
    let inner = rest.strip_suffix(']')?;
    let parts: Vec<&str> = std::iter::once(first).chain(inner.split("][")).collect();
    (parts.len() <= FORM_DEPTH_MAX + 1).then_some(parts)
}

fn put(fields: &mut Map<String, Value>, path: &[&str], value: String) {
    match path {
        [] => {}
        [name] => {
            fields.insert((*name).to_owned(), Value::String(value));
        }
        [name, ""] => {
            let list = fields.entry(*name).or_insert_with(|| Value::Array(Vec::new()));
            match list {
                Value::Array(values) => values.push(Value::String(value)),
                other => *other = Value::Array(vec![Value::String(value)]),
            }
        }
        // `headers[][key]=a&headers[][value]=b`: an object of the list ends where one of its names comes again.
        [name, "", key] => {
            let list = fields.entry(*name).or_insert_with(|| Value::Array(Vec::new()));
            if !list.is_array() {
                *list = Value::Array(Vec::new());
            }
            let Value::Array(values) = list else { return };
            match values.last_mut() {
                Some(Value::Object(last)) if !last.contains_key(*key) => {
                    last.insert((*key).to_owned(), Value::String(value));
                }
                _ => values.push(Value::Object(Map::from_iter([((*key).to_owned(), Value::String(value))]))),
            }
        }
        [name, rest @ ..] => {
            let inner = fields.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::{Map, Value, json};

    #[test]
    fn brackets_make_lists_and_objects() {
        let check = |text: &str, expected: Value| {
            let mut fields = Map::new();
            merge(&mut fields, text.as_bytes());
            assert_eq!(Value::Object(fields), expected, "{text}");
        };
        check("", json!({}));
        check("a=1&b=x+y%2Fz&a=2", json!({"a": "2", "b": "x y/z"}));
        check("scopes[]=api&scopes[]=read_api", json!({"scopes": ["api", "read_api"]}));
        check(
            "h[][key]=a&h[][value]=1&h[][key]=b&h[][value]=2",
            json!({"h": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}),
        );
        check("h[][key]=a&h[]=b&h[][key]=c", json!({"h": [{"key": "a"}, "b", {"key": "c"}]}));
        check("scopes%5B%5D=api", json!({"scopes": ["api"]}));
        check("p[a]=1&p[b]=2", json!({"p": {"a": "1", "b": "2"}}));
        check("p[d][]=1&p[d][]=2", json!({"p": {"d": ["1", "2"]}}));
        check("a=1&a[b]=2", json!({"a": {"b": "2"}}));
        check("a[b=1&a[b][c][d]=1&=x", json!({"": "x"}));
        check("a", json!({"a": ""}));
        check("a=%FF", json!({"a": "\u{fffd}"}));
    }
}
