//! What keeps a source from saying anything, and the sentence for it: what it is, and what to do.

use crate::limits::{ANSWER_BYTES_MAX, RETRY_AFTER_MAX, TEXT_CHARS_MAX};
use crate::place::Kind;
use crate::text::{link, tame};
use serde_json::Value;
use std::time::{Duration, SystemTime};
use wigwag_ports::egress::{Answer, EgressError};

/// Why nothing can be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// No answer came.
    Down(String),
    /// No whole answer came within the deadline.
    Slow(Duration),
    /// This server may not send there at all.
    Unsendable(String),
    /// 401 or 403.
    Unauthorised(u16),
    /// It is asked more often than it answers; after how long to come back, if it said so.
    Limited(u16, Option<Duration>),
    /// 3xx, and where to. Never followed: another place may not be given the token.
    Redirects(u16, Option<String>),
    /// Another status, what the server said, and after how long to come back.
    Status(u16, Option<String>, Option<Duration>),
    /// The answer is longer than what is read.
    TooLong,
    /// The answer is no JSON, but of this type, if it has one.
    NoJson(Option<String>),
    /// The answer is JSON, but not this.
    NotA(&'static str),
    /// It answered, and the answer tells nothing: the rest of the sentence.
    Untold(String),
}

impl Trouble {
    /// The sentence, about a server of this kind at this address.
    pub(crate) fn told(&self, kind: &Kind, at: &str) -> String {
        let Kind { name, check, narrow, .. } = kind;
        let who = format!("{name} at {at}");
        let said = |said: &Option<String>| said.as_ref().map_or(String::new(), |said| format!(" ({said})"));
        match self {
            Self::Down(why) => {
                format!("{who} does not answer: {why}. Check that it runs and can be reached from here")
            }
            Self::Slow(deadline) => format!(
                "{who} did not answer within {} s. Look at its load, or raise deadline_s",
                deadline.as_secs_f64()
            ),
            Self::Unsendable(why) => format!("{who} cannot be asked: {why}. Check its settings"),
            Self::Unauthorised(401) => {
                format!("{who} answers 401: it does not take what it is shown. Check the token")
            }
            Self::Unauthorised(status) => {
                format!("{who} answers {status}: the token may not do that. Check what it is allowed")
            }
            Self::Limited(status, after) => format!(
                "{who} answers {status}: it was asked too often. Try again {}",
                after.map_or("later".into(), |after| format!("in {} s", after.as_secs()))
            ),
            Self::Redirects(status, to) => {
                let to = to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
                format!("{who} answers {status}: it redirects{to}. Give the URL that this leads to")
            }
            Self::Status(404, words, _) => {
                format!("{who} answers 404{}: it has no such thing. Check its URL. {check}", said(words))
            }
            Self::Status(status @ 400..=499, words, _) => {
                format!("{who} answers {status}{}: it does not understand the request. {check}", said(words))
            }
            Self::Status(status, words, _) => {
                format!("{who} answers {status}{}. Look at its log", said(words))
            }
            Self::TooLong => {
                format!("{who} answers with more than {} MiB. {narrow}", ANSWER_BYTES_MAX >> 20)
            }
            Self::NoJson(of) => {
                let of = of.as_ref().map(|of| format!(" ({of})")).unwrap_or_default();
                format!("{who} answers with something else than JSON{of}. Is this the address of its API?")
            }
            Self::NotA(thing) => {
                format!("{who} answers with something else than {thing}. Is this the address of its API?")
            }
            Self::Untold(rest) => format!("{who} {rest}"),
        }
    }
}

impl From<EgressError> for Trouble {
    /// In words about a server of the settings: those of the port are about hooks.
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::TimedOut { deadline, .. } => Self::Slow(deadline),
            EgressError::Refused(_) => Self::Down("nothing listens there".into()),
            EgressError::HostUnreachable(_) => Self::Down("there is no way to the host".into()),
            EgressError::NameNotFound { .. } => {
                Self::Down("its name does not exist or has no address".into())
            }
            EgressError::Tls(why) => Self::Down(format!("TLS failed: {}", tame(&why, TEXT_CHARS_MAX))),
            EgressError::NoTls => Self::Down("it does not speak TLS at this port".into()),
            EgressError::Protocol(why) => {
                Self::Down(format!("it speaks no valid HTTP/1.1: {}", tame(&why, TEXT_CHARS_MAX)))
            }
            EgressError::BadUrl(_) | EgressError::Forbidden { .. } | EgressError::BadHeader(_) => {
                Self::Unsendable(error.to_string().trim_end_matches('.').to_owned())
            }
            EgressError::ResolverUnavailable
            | EgressError::NetworkUnreachable
            | EgressError::OutOfResources(_)
            | EgressError::ConnectionLost => Self::Down(error.to_string()),
        }
    }
}

/// The JSON of an answer, if it is one that can be read.
pub(crate) fn judge(answer: &Answer) -> Result<Value, Trouble> {
    match answer.status {
        200..=299 => {}
        status @ 300..=399 => {
            return Err(Trouble::Redirects(status, header(answer, "location").and_then(place)));
        }
        status @ (403 | 429) if is_limited(answer) => {
            return Err(Trouble::Limited(status, retry_after(answer)));
        }
        status @ (401 | 403) => return Err(Trouble::Unauthorised(status)),
        status => return Err(Trouble::Status(status, said(answer), retry_after(answer))),
    }
    if answer.body_bytes_read > answer.body.len() as u64 {
        return Err(Trouble::TooLong);
    }
    let of = header(answer, "content-type");
    // A page to sign in at is 200 too.
    if of.is_some_and(|of| !is_json(of)) {
        return Err(Trouble::NoJson(of.map(|of| tame(of, TEXT_CHARS_MAX))));
    }
    // The parser's own bound on depth is 128.
    serde_json::from_slice(&answer.body).map_err(|_| Trouble::NoJson(None))
}

/// Where a redirect leads to: a link, or a path of the same server.
fn place(location: &str) -> Option<String> {
    let path = location.starts_with('/').then(|| tame(location, TEXT_CHARS_MAX));
    link(location).or(path)
}

/// `application/json`, `application/vnd.github+json; charset=utf-8`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let subtype = essence.split_once('/').map_or("", |(_, subtype)| subtype);
    subtype.eq_ignore_ascii_case("json") || subtype.to_ascii_lowercase().ends_with("+json")
}

/// 429 always; 403 as GitHub means it.
fn is_limited(answer: &Answer) -> bool {
    answer.status == 429
        || header(answer, "retry-after").is_some()
        || header(answer, "x-ratelimit-remaining").is_some_and(|left| left == "0")
}

/// The wait that the server asks for (RFC 9110: seconds, or a date), within its bound.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let text = header(answer, "retry-after")?;
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds ask for more than the bound.
        text.parse().map_or(RETRY_AFTER_MAX, Duration::from_secs)
    } else {
        httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok()?
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// What the server says about its status: Prometheus in `errorType` and `error`, Alertmanager as a bare text, others
/// in `message` or `error`.
fn said(answer: &Answer) -> Option<String> {
    let words = match serde_json::from_slice(&answer.body).ok()? {
        Value::String(text) => text,
        Value::Object(map) => {
            let text = |field: &str| map.get(field).and_then(Value::as_str);
            match (text("errorType"), text("error").or_else(|| text("message"))) {
                (Some(of), Some(words)) => format!("{of}: {words}"),
                (_, words) => words?.to_owned(),
            }
        }
        _ => return None,
    };
    let words = tame(&words, TEXT_CHARS_MAX).trim_end_matches('.').to_owned();
    // The status again: `404 Not Found` says nothing that the number has not said.
    Some(words).filter(|words| !words.is_empty() && !words.starts_with(&answer.status.to_string()))
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
