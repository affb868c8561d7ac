//! A walk over JSON that was checked when it came in: nothing of it is copied, and only what is asked for is read.

use std::borrow::Cow;

/// The members of an object, each with its key and its value's text; none if it is no object.
pub(crate) fn members(json: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut walk = Walk::into(json, '{');
    std::iter::from_fn(move || Some((text_of(walk.next()?), walk.next()?)))
}

/// The values of a list, each as its text; none if it is no list.
pub(crate) fn values(json: &str) -> impl Iterator<Item = &str> {
    let mut walk = Walk::into(json, '[');
    std::iter::from_fn(move || walk.next())
}

/// What a JSON text means. One that means no text (half of a surrogate pair) is taken as it is written.
pub(crate) fn text_of(json: &str) -> Cow<'_, str> {
    let inner = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(json).map_or(Cow::Borrowed(inner), Cow::Owned)
}

/// What is left of an object or a list.
struct Walk<'a>(&'a str);

const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

impl<'a> Walk<'a> {
    fn into(json: &'a str, open: char) -> Self {
        Self(json.trim_start_matches(SPACE).strip_prefix(open).unwrap_or_default())
    }

    /// The next value, or the next key.
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start_matches(|c| SPACE.contains(&c) || c == ',' || c == ':');
        let (value, rest) = rest.split_at_checked(value_length(rest.as_bytes())?)?;
        self.0 = rest;
        Some(value)
    }
}

/// How long the value is that these bytes begin with; `None` at the end of what holds it.
fn value_length(json: &[u8]) -> Option<usize> {
    match json.first()? {
        b'"' => text_length(json),
        b'{' | b'[' => nested_length(json),
        b'}' | b']' => None,
        _ => {
            let is_end = |byte: &u8| matches!(byte, b',' | b':' | b'}' | b']') || byte.is_ascii_whitespace();
            Some(json.iter().position(is_end).unwrap_or(json.len()))
        }
    }
}

/// From the opening quote to behind the closing one.
fn text_length(json: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// From the opening bracket to behind the one that closes it.
fn nested_length(json: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match json.get(at)? {
            b'"' => {
                at += text_length(&json[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{members, text_of, values};
    use proptest::prelude::*;
    use serde_json::Value;

    #[test]
    fn an_object_gives_its_members_and_a_list_its_values() {
        let json =
            r#" { "a" : 1.50 , "b\u0063":"x\"}\\", "":{"c":[{}, "]"]},"l":[ 1,true ,null], "\ud800": 2 } "#;
        let found: Vec<(String, &str)> =
            members(json).map(|(key, value)| (key.into_owned(), value)).collect();
        let expected = [
            ("a", "1.50"),
            ("bc", r#""x\"}\\""#),
            ("", r#"{"c":[{}, "]"]}"#),
            ("l", "[ 1,true ,null]"),
            (r"\ud800", "2"),
        ];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(
            values("[1 ,\t[2,3],\n{\"a\":4} ,\"5\"]").collect::<Vec<_>>(),
            ["1", "[2,3]", "{\"a\":4}", "\"5\""]
        );
        for none in ["", " ", "5", "\"{\"", "[1]", "{}", "[]", "{"] {
            assert_eq!(members(none).count(), 0, "{none}");
        }
        assert_eq!(values("{}").count(), 0);
        assert_eq!(text_of(r#""a\n\u00fc""#), "a\nü");
        assert_eq!(text_of(r#""\udfff x""#), r"\udfff x");
    }

    proptest! {
        #[test]
        fn nothing_panics(json in "[{}\\[\\]\"\\\\a:, ü]{0,40}") {
            members(&json).for_each(drop);
            values(&json).for_each(drop);
            text_of(&json);
        }

        #[test]
        fn all_is_found_that_another_reader_finds(
            map in prop::collection::btree_map(any::<String>(), any::<(Option<i64>, String, Vec<bool>)>(), 0..6),
            is_pretty in any::<bool>(),
        ) {
            let value = serde_json::json!(map);
            let json = if is_pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
            let found: serde_json::Map<String, Value> = members(&json)
                .map(|(key, value)| (key.into_owned(), serde_json::from_str(value).unwrap()))
                .collect();
            prop_assert_eq!(Value::Object(found), value);
        }
    }
}
