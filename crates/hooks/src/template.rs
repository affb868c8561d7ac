//! A body that a hook's owner wrote, with places for values of the payload.
//!
//! `{"text": "{{user.name}} pushed {{commits.0.id}}", "count": {{total}}}`: what stands between the braces is a path of
//! keys and of places in lists, parted by dots. Its value is put in as JSON, a text without its outer quotes; a path that
//! leads nowhere is null, as in GitLab. What is put in is not searched for places again.

use crate::json;
use crate::limits::{RENDERED_BYTES_ALWAYS, RENDERED_BYTES_MAX, RENDERED_TIMES_MAX, TEMPLATE_CHARACTERS_MAX};
use bytes::Bytes;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt;

/// A template that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    Value(Vec<String>),
}

/// Why a text is no template, or why a payload does not fit it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TemplateError {
    /// Longer than [`TEMPLATE_CHARACTERS_MAX`].
    TooLong,
    /// `{{}}`, a path with nothing between two dots, or one with braces or quotes: a piece of JSON and no path.
    NoPath(String),
    /// No JSON whatever the values are; what the parser says.
    NotJson(String),
    /// The payload itself is no JSON; what the parser says.
    Payload(String),
    /// No JSON with the values of this payload; what the parser says.
    Rendered(String),
    /// Longer with the values of this payload than this, which its length allows.
    RenderedTooLong(usize),
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "is too long (maximum is {TEMPLATE_CHARACTERS_MAX} characters)"),
            Self::NoPath(place) => {
                write!(
                    f,
                    "names no value in {place}; write a path such as {{{{user.name}}}} or {{{{commits.0.id}}}}"
                )
            }
            Self::NotJson(error) => write!(f, "must be JSON once its places are filled: {error}"),
            Self::Payload(error) => write!(f, "cannot be filled, since the payload is no JSON: {error}"),
            Self::Rendered(error) => write!(
                f,
                "does not make JSON of this payload: {error}. A value inside a text must be one without quotes: a text, a number, true, false or null"
            ),
            Self::RenderedTooLong(bytes_max) => write!(
                f,
                "makes more than {bytes_max} bytes of this payload, {RENDERED_TIMES_MAX} times its length"
            ),
        }
    }
}

impl std::error::Error for TemplateError {}

/// Bytes of a body that may be made of a payload of `payload_bytes`.
const fn rendered_bytes_max(payload_bytes: usize) -> usize {
    let bytes = payload_bytes.saturating_mul(RENDERED_TIMES_MAX);
    match bytes {
        0..=RENDERED_BYTES_ALWAYS => RENDERED_BYTES_ALWAYS,
        RENDERED_BYTES_MAX.. => RENDERED_BYTES_MAX,
        _ => bytes,
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError::TooLong`], [`TemplateError::NoPath`], [`TemplateError::NotJson`].
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.chars().count() > TEMPLATE_CHARACTERS_MAX {
            return Err(TemplateError::TooLong);
        }
        let template = Self { text: text.to_owned(), parts: parts(text)? };
        // A value is not known yet: null fits wherever any value does but behind a sign, where a number does.
        template.is_json_with("null").or_else(|error| template.is_json_with("0").map_err(|_| error))?;
        Ok(template)
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn is_json_with(&self, value: &str) -> Result<(), TemplateError> {
        let filled: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Value(_) => value,
            })
            .collect();
        is_json(filled.as_bytes()).map_err(TemplateError::NotJson)
    }

    /// The body for a payload.
    ///
    /// # Errors
    /// [`TemplateError::Payload`], [`TemplateError::Rendered`], [`TemplateError::RenderedTooLong`].
    pub fn render(&self, payload: &[u8]) -> Result<Bytes, TemplateError> {
        let raw: &RawValue =
            serde_json::from_slice(payload).map_err(|error| TemplateError::Payload(error.to_string()))?;
        let root = Node::new(raw.get());
        let bytes_max = rendered_bytes_max(payload.len());
        let mut body = Vec::new();
        for part in &self.parts {
            let text = match part {
                Part::Text(text) => text.as_str(),
                Part::Value(path) => root.at(path).map_or("null", unquoted),
            };
            if body.len() + text.len() > bytes_max {
                return Err(TemplateError::RenderedTooLong(bytes_max));
            }
            body.extend_from_slice(text.as_bytes());
        }
        is_json(&body).map_err(TemplateError::Rendered)?;
        Ok(body.into())
    }
}

fn is_json(text: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<&RawValue>(text).map(drop).map_err(|error| error.to_string())
}

/// The template in its parts. Braces that are not closed are text.
fn parts(text: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, place)) = rest.split_once("{{") {
        let Some(end) = place.find("}}") else { break };
        let path = place[..end].trim();
        let keys: Vec<String> = path.split('.').map(|key| key.trim().to_owned()).collect();
        if keys.iter().any(|key| key.is_empty() || key.contains(['"', '{', '}'])) {
            return Err(TemplateError::NoPath(format!("{{{{{}}}}}", &place[..end])));
        }
        parts.extend([Part::Text(before.to_owned()), Part::Value(keys)]);
        rest = &place[end + 2..];
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

/// A JSON text without the quotes around a text.
fn unquoted(json: &str) -> &str {
    json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json)
}

/// A value of the payload as it stands there; what lies in it is read once, when something asks for it. So numbers and
/// texts go out as they came in, and the work is bounded by the payload's size times its depth.
struct Node<'a> {
    json: &'a str,
    inner: OnceCell<Inner<'a>>,
}

enum Inner<'a> {
    Object(HashMap<Cow<'a, str>, Node<'a>>),
    List(Vec<Node<'a>>),
    Scalar,
}

impl<'a> Node<'a> {
    fn new(json: &'a str) -> Self {
        Self { json, inner: OnceCell::new() }
    }

    /// The JSON text at a path.
    fn at(&self, path: &[String]) -> Option<&'a str> {
        let Some((key, rest)) = path.split_first() else { return Some(self.json) };
        match self.inner.get_or_init(|| Inner::of(self.json)) {
            Inner::Object(fields) => fields.get(key.as_str())?.at(rest),
            Inner::List(values) => values.get(key.parse::<usize>().ok()?)?.at(rest),
            Inner::Scalar => None,
        }
    }
}

impl<'a> Inner<'a> {
    fn of(json: &'a str) -> Self {
        match json.as_bytes().first() {
            Some(b'{') => {
                Self::Object(json::members(json).map(|(key, json)| (key, Node::new(json))).collect())
            }
            Some(b'[') => Self::List(json::values(json).map(Node::new).collect()),
            _ => Self::Scalar,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Template, TemplateError, rendered_bytes_max};
    use crate::limits::{
        RENDERED_BYTES_ALWAYS, RENDERED_BYTES_MAX, RENDERED_TIMES_MAX, TEMPLATE_CHARACTERS_MAX,
    };
    use proptest::prelude::*;

    const PAYLOAD: &str = r#"{ "user": {"name": "A \"B\" \u00e9 {{n}}", "admin": true}, "n": 12345678901234567890123,
        "list": [ {"id": "x"}, [1, 2] ], "none": null, "0": "zero", "a b": 1.10, "empty": "" }"#;

    fn check(template: &str, expected: &str) {
        let rendered = match Template::parse(template) {
            Ok(template) => template.render(PAYLOAD.as_bytes()),
            Err(error) => Err(error),
        };
        let text = match rendered {
            Ok(body) => String::from_utf8(body.to_vec()).unwrap(),
            Err(error) => format!("{error:?}").split('(').next().unwrap().to_owned(),
        };
        assert_eq!(text, expected, "{template}");
    }

    #[test]
    fn values_are_put_in_as_json() {
        check(r#"{"a": "{{user.name}}!"}"#, r#"{"a": "A \"B\" \u00e9 {{n}}!"}"#);
        check(
            r#"{"a":{{n}},"b":{{ a b }},"c":{{user.admin}}}"#,
            r#"{"a":12345678901234567890123,"b":1.10,"c":true}"#,
        );
        check(r#"{"a":"{{list.0.id}}","b":{{list.1.1}},"c":{{list.1}}}"#, r#"{"a":"x","b":2,"c":[1, 2]}"#);
        check(r#"{"a":"{{0}}","b":"{{empty}}"}"#, r#"{"a":"zero","b":""}"#);
        check(r#"{"n":-{{n}}}"#, r#"{"n":-12345678901234567890123}"#);
        check(r#"{{list}}"#, r#"[ {"id": "x"}, [1, 2] ]"#);
        check("{}", "{}");
        check(r#""{{""#, r#""{{""#);
    }

    #[test]
    fn what_is_not_there_is_null() {
        for path in
            ["x", "user.x", "none", "list.2", "list.-1", "list.x", "n.x", "user.name.x", "list.0.id.0"]
        {
            check(&format!("{{\"a\":{{{{{path}}}}}}}"), "{\"a\":null}");
        }
    }

    #[test]
    fn what_can_never_be_json_is_refused_at_once_and_what_is_none_now_when_it_is_sent() {
        for text in ["", "{{n}", "Hello {{n}}", "{\"a\":{{n}}", "{\"a\": {{n}} 1}", "{'a': 1}"] {
            check(text, "NotJson");
        }
        for text in [
            "{\"a\":\"{{}}\"}",
            "{\"a\":\"{{ }}\"}",
            "{\"a\":\"{{b..c}}\"}",
            "{\"a\":\"{{.b}}\"}",
            "{\"a\":{{\"b\":1}}}",
            "{\"a\":{{\"b\":1}}}",
            "{\"a\":{{}}}",
        ] {
            check(text, "NoPath");
        }
        check(r#"{"a":{{user.name}}}"#, "Rendered");
        check(r#"{"a":"{{list}}"}"#, "Rendered");
        let template = Template::parse("{{a}}").unwrap();
        assert!(matches!(template.render(b"no"), Err(TemplateError::Payload(_))));
    }

    #[test]
    fn lengths_are_bounded() {
        let at_limit = format!("\"{}\"", "ä".repeat(TEMPLATE_CHARACTERS_MAX - 2));
        assert!(Template::parse(&at_limit).is_ok());
        assert_eq!(Template::parse(&format!("{at_limit} ")), Err(TemplateError::TooLong));
    }

    #[test]
    fn what_is_made_is_bounded_by_the_payload() {
        let most = |(payload, made): (usize, usize)| assert_eq!(rendered_bytes_max(payload), made);
        let (small, large) =
            (RENDERED_BYTES_ALWAYS / RENDERED_TIMES_MAX, RENDERED_BYTES_MAX / RENDERED_TIMES_MAX);
        [(0, RENDERED_BYTES_ALWAYS), (small, 64 << 10), (small + 1, (64 << 10) + 4)]
            .into_iter()
            .for_each(most);
        [(large, 25 << 20), (large + 1, 25 << 20), (usize::MAX, 25 << 20)].into_iter().for_each(most);
        // A payload of n + 8 bytes makes a body of 2 + count * n.
        let made = |n: usize, count: usize| {
            let template = Template::parse(&format!("\"{}\"", "{{a}}".repeat(count))).unwrap();
            template.render(format!("{{\"a\":\"{}\"}}", "x".repeat(n)).as_bytes()).map(|body| body.len())
        };
        let too_long = |bytes| Err(TemplateError::RenderedTooLong(bytes));
        assert_eq!(made(1_000, 65), Ok(65_002));
        assert_eq!(made(1_000, 66), too_long(RENDERED_BYTES_ALWAYS));
        assert_eq!(made(32 << 10, 4), Ok((128 << 10) + 2));
        assert_eq!(made(32 << 10, 5), too_long(4 * ((32 << 10) + 8)));
        assert_eq!(made(32 << 10, 818), too_long(4 * ((32 << 10) + 8)), "it was 25 MiB of 32 KiB");
    }

    #[test]
    fn half_a_surrogate_pair_empties_no_object() {
        let payload = br#"{"\ud800":1,"user":{"\udfff":2,"name":"Ada"},"list":["\ud800",3]}"#;
        let render = |text: &str| Template::parse(text).unwrap().render(payload);
        assert_eq!(render(r#"{"a":"{{user.name}}","b":{{list.1}}}"#).unwrap(), r#"{"a":"Ada","b":3}"#);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_what_comes_out_is_json(text in "[{}\"a.0: ,\\[\\]1]{0,40}", payload in "[{}\"a:,\\[\\]1]{0,40}") {
            if let Ok(template) = Template::parse(&text)
                && let Ok(body) = template.render(payload.as_bytes())
            {
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            }
        }

        #[test]
        fn every_text_survives(value in any::<String>()) {
            let template = Template::parse("{\"a\": \"<{{v}}>\"}").unwrap();
            let payload = serde_json::json!({ "v": value }).to_string();
            let body: serde_json::Value = serde_json::from_slice(&template.render(payload.as_bytes()).unwrap()).unwrap();
            prop_assert_eq!(body["a"].as_str().unwrap(), format!("<{value}>"));
        }
    }
}
