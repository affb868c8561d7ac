//! A case as data: requests in a row, and what is expected of each answer. How it is written: `conformance/README.md`.

use crate::limits::PADDED_BYTES_MAX;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// A state of a flag that every case may rely on.
pub(crate) struct Given {
    /// The environment, where it is not the server's own.
    pub(crate) environment: Option<String>,
    /// The flag.
    pub(crate) flag: String,
    /// What is stored: a state, or null for nothing.
    pub(crate) state: Value,
}

/// One case.
pub(crate) struct Case {
    /// What it shows, as a sentence.
    pub(crate) name: String,
    /// Who asks for it.
    pub(crate) asks: Asks,
    /// What happens, in order.
    pub(crate) steps: Vec<Step>,
}

/// Who asks for what a case shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asks {
    /// The protocol: every server should pass.
    Protocol,
    /// Wigwag promises it beyond.
    Wigwag,
}

impl Asks {
    /// Whether another server need not care.
    pub(crate) fn is_ours(self) -> bool {
        self == Self::Wigwag
    }
}

/// One step of a case.
pub(crate) enum Step {
    /// A flag changes.
    Change(Given),
    /// Something is asked.
    Ask(Box<Ask>),
}

/// A request and what is expected of its answer.
pub(crate) struct Ask {
    /// The method.
    pub(crate) method: String,
    /// Below the server's address.
    pub(crate) path: String,
    /// How the token is sent.
    pub(crate) token: TokenAs,
    /// Further headers; `{name}` stands for what a step before kept.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Body,
    /// Patterns: of the status, of headers by name, of the body.
    pub(crate) status: Value,
    pub(crate) response_headers: Map<String, Value>,
    pub(crate) response_body: Option<Value>,
    /// Headers of the answer that later steps refer to, by the name they are kept under.
    pub(crate) keep: Vec<(String, String)>,
}

/// How a request says who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenAs {
    /// `Authorization: Bearer`.
    Bearer,
    /// `X-API-Key`.
    ApiKey,
    /// Not at all.
    Missing,
    /// With a token that nobody was given.
    Unknown,
}

/// What is sent.
pub(crate) enum Body {
    /// Nothing.
    None,
    /// A text that may be no JSON at all.
    Text(String),
    /// JSON, with a field `padding` in its context that makes the whole so many bytes long.
    Padded { value: Value, bytes: usize },
}

impl Body {
    /// The bytes that are sent.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text.clone()),
            Self::Padded { value, bytes } => {
                let mut padded = value.clone();
                padded["context"]["padding"] = Value::from("");
                let missing = bytes.saturating_sub(padded.to_string().len());
                padded["context"]["padding"] = Value::from("x".repeat(missing));
                Some(padded.to_string())
            }
        }
    }
}

/// Reads a given state.
pub(crate) fn given(value: &Value) -> Result<Given> {
    let fields = fields(value, &["flag", "environment", "means", "state"])?;
    Ok(Given {
        environment: fields.get("environment").map(|name| text(name, "environment")).transpose()?,
        flag: text(fields.get("flag").context("flag is missing")?, "flag")?,
        state: fields.get("state").context("state is missing (null forgets what is stored)")?.clone(),
    })
}

/// Reads a case.
pub(crate) fn case(value: &Value) -> Result<Case> {
    let name = text(value.get("name").context("name is missing")?, "name")?;
    read_case(value, name.clone()).with_context(|| format!("case {name:?}"))
}

fn read_case(value: &Value, name: String) -> Result<Case> {
    let fields = fields(value, &["name", "asks", "steps", "request", "expect"])?;
    let asks = match fields.get("asks").and_then(Value::as_str) {
        Some("protocol") => Asks::Protocol,
        Some("wigwag") => Asks::Wigwag,
        _ => bail!("asks must be \"protocol\" or \"wigwag\""),
    };
    let steps = match (fields.get("steps"), fields.contains_key("request")) {
        (Some(Value::Array(steps)), false) => steps.iter().map(step).collect::<Result<Vec<_>>>()?,
        (None, true) => {
            let one = ["request", "expect"].iter().filter_map(|key| Some((*key, fields.get(*key)?)));
            vec![step(
                &one.map(|(key, value)| (key.to_owned(), value.clone())).collect::<Map<_, _>>().into(),
            )?]
        }
        _ => bail!("there must be either a list of steps or one request"),
    };
    if steps.is_empty() {
        bail!("it has no steps");
    }
    Ok(Case { name, asks, steps })
}

fn step(value: &Value) -> Result<Step> {
    if let Some(change) = value.get("change") {
        fields(value, &["change"])?;
        return Ok(Step::Change(given(change)?));
    }
    let parts = fields(value, &["request", "expect", "keep"])?;
    let request = fields(
        parts.get("request").context("a step is a change or a request")?,
        &["method", "path", "token", "headers", "body", "text", "padded_to"],
    )?;
    let expect = fields(parts.get("expect").context("expect is missing")?, &["status", "headers", "body"])?;
    let method = request.get("method").map_or(Ok("POST".to_owned()), |method| text(method, "method"))?;
    Ok(Step::Ask(Box::new(Ask {
        method,
        path: text(request.get("path").context("path is missing")?, "path")?,
        token: token(request.get("token"))?,
        headers: pairs(request.get("headers"), "headers")?,
        body: body(request)?,
        status: expect.get("status").context("a status must be expected")?.clone(),
        response_headers: match expect.get("headers") {
            Some(headers) => headers.as_object().context("headers must be an object")?.clone(),
            None => Map::new(),
        },
        response_body: expect.get("body").cloned(),
        keep: pairs(parts.get("keep"), "keep")?,
    })))
}

fn token(value: Option<&Value>) -> Result<TokenAs> {
    match value.map(|value| value.as_str()) {
        None | Some(Some("bearer")) => Ok(TokenAs::Bearer),
        Some(Some("api-key")) => Ok(TokenAs::ApiKey),
        Some(Some("missing")) => Ok(TokenAs::Missing),
        Some(Some("unknown")) => Ok(TokenAs::Unknown),
        Some(_) => bail!("token must be bearer, api-key, missing or unknown"),
    }
}

fn body(request: &Map<String, Value>) -> Result<Body> {
    let padded = request.get("padded_to").map(|bytes| bytes.as_u64().context("padded_to must be a number"));
    match (request.get("body"), request.get("text"), padded.transpose()?) {
        (None, None, None) => Ok(Body::None),
        (Some(value), None, None) => Ok(Body::Text(value.to_string())),
        (None, Some(value), None) => Ok(Body::Text(text(value, "text")?)),
        (Some(value), None, Some(bytes)) if bytes <= PADDED_BYTES_MAX && value["context"].is_object() => {
            Ok(Body::Padded { value: value.clone(), bytes: usize::try_from(bytes)? })
        }
        _ => bail!(
            "a request has a body or a text; padded_to takes a body with a context and {PADDED_BYTES_MAX} at most"
        ),
    }
}

fn pairs(value: Option<&Value>, what: &str) -> Result<Vec<(String, String)>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let object = value.as_object().with_context(|| format!("{what} must be an object"))?;
    object.iter().map(|(name, value)| Ok((name.clone(), text(value, name)?))).collect()
}

fn text(value: &Value, what: &str) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("{what} must be a text"))?.to_owned())
}

/// The fields of an object, if it has no others than these.
fn fields<'a>(value: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>> {
    let object = value.as_object().with_context(|| format!("{value} must be an object"))?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => bail!("there is no {key:?}; there are {}", known.join(", ")),
        None => Ok(object),
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, case};
    use serde_json::json;

    #[test]
    fn a_padded_body_is_exactly_so_long() {
        let check = |bytes: usize| {
            let value = json!({ "context": { "targetingKey": "User:1" } });
            assert_eq!(Body::Padded { value, bytes }.text().unwrap().len(), bytes);
        };
        check(100);
        check(65_536);
    }

    #[test]
    fn mistakes_in_a_file_are_named() {
        let check = |value: serde_json::Value, told: &str| {
            let Err(error) = case(&value) else { panic!("{value} was read") };
            let error = format!("{error:#}");
            assert!(error.contains(told), "{error}");
        };
        check(json!({}), "name is missing");
        check(json!({ "name": "a" }), "case \"a\": asks must be");
        check(json!({ "name": "a", "asks": "protocol" }), "either a list of steps or one request");
        check(json!({ "name": "a", "asks": "protocol", "steps": [] }), "it has no steps");
        check(json!({ "name": "a", "asks": "protocol", "stepps": [] }), "there is no \"stepps\"");
        let step = |step: serde_json::Value| json!({ "name": "a", "asks": "wigwag", "steps": [step] });
        check(step(json!({ "request": { "path": "/" } })), "expect is missing");
        check(step(json!({ "request": { "path": "/" }, "expect": {} })), "a status must be expected");
        check(step(json!({ "change": { "flag": "f" } })), "state is missing");
        let twice = json!({ "path": "/", "body": {}, "text": "" });
        check(step(json!({ "request": twice, "expect": { "status": 200 } })), "a body or a text");
    }
}
