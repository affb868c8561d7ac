//! A body that a hook's owner wrote, with places for values of the payload.
//!
//! `{"text": "{{user.name}} pushed {{commits.0.id}}", "count": {{total}}}`: what stands between the braces is a path of
//! keys and of places in lists, parted by dots. Its value is put in as JSON, a text without its outer quotes; a path that
//! leads nowhere is null, as in GitLab. What is put in is not searched for places again.

use crate::limits::{RENDERED_BYTES_MAX, TEMPLATE_CHARACTERS_MAX};
use bytes::Bytes;
use serde_json::value::RawValue;
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
    /// Longer than [`RENDERED_BYTES_MAX`] with the values of this payload.
    RenderedTooLong,
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
            Self::RenderedTooLong => {
                write!(f, "makes more than {RENDERED_BYTES_MAX} bytes of this payload")
            }
        }
    }
}

impl std::error::Error for TemplateError {}

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
        let root = Node::new(raw);
        let mut body = Vec::new();
        for part in &self.parts {
            let text = match part {
                Part::Text(text) => text.as_str(),
                Part::Value(path) => root.at(path).map_or("null", unquoted),
            };
            if body.len() + text.len() > RENDERED_BYTES_MAX {
                return Err(TemplateError::RenderedTooLong);
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
    raw: &'a RawValue,
    inner: OnceCell<Inner<'a>>,
}

enum Inner<'a> {
    Object(HashMap<String, Node<'a>>),
    List(Vec<Node<'a>>),
    Scalar,
}

impl<'a> Node<'a> {
    fn new(raw: &'a RawValue) -> Self {
        Self { raw, inner: OnceCell::new() }
    }

    /// The JSON text at a path.
    fn at(&self, path: &[String]) -> Option<&'a str> {
        let Some((key, rest)) = path.split_first() else { return Some(self.raw.get()) };
        match self.inner.get_or_init(|| Inner::of(self.raw)) {
            Inner::Object(fields) => fields.get(key)?.at(rest),
            Inner::List(values) => values.get(key.parse::<usize>().ok()?)?.at(rest),
            Inner::Scalar => None,
        }
    }
}

impl<'a> Inner<'a> {
    fn of(raw: &'a RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let fields = serde_json::from_str::<HashMap<String, &RawValue>>(text).unwrap_or_default();
                Self::Object(fields.into_iter().map(|(key, raw)| (key, Node::new(raw))).collect())
            }
            Some(b'[') => {
                let values = serde_json::from_str::<Vec<&RawValue>>(text).unwrap_or_default();
                Self::List(values.into_iter().map(Node::new).collect())
            }
            _ => Self::Scalar,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Template, TemplateError};
    use crate::limits::{RENDERED_BYTES_MAX, TEMPLATE_CHARACTERS_MAX};
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
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
        let many = format!("\"{}\"", "{{a}}".repeat(RENDERED_BYTES_MAX >> 20));
        let template = Template::parse(&many).unwrap();
        assert!(template.render(large.as_bytes()).is_err(), "the quotes are over the limit");
        let fewer = format!("\"{}\"", "{{a}}".repeat((RENDERED_BYTES_MAX >> 20) - 1));
        assert!(Template::parse(&fewer).unwrap().render(large.as_bytes()).is_ok());
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
