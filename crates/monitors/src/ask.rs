//! One question to a server, and what its silence means.

use crate::config::SourceConfig;
use crate::limits::{ANSWER_BYTES_MAX, WORDS_MAX};
use bytes::Bytes;
use serde_json::Value;
use wigwag_ports::Egress;
use wigwag_ports::egress::{Answer, CertificateCheck, Keep, Method, Outgoing};

/// Asks for JSON; the error is a sentence's end that says what is wrong and what to do.
pub(crate) async fn get(
    egress: &dyn Egress,
    config: &SourceConfig,
    path: &str,
    headers: Vec<(&'static str, String)>,
) -> Result<Value, String> {
    let url = format!("{}{path}", config.url.trim_end_matches('/'));
    let mut all = vec![
        ("accept", "application/json".to_owned()),
        ("user-agent", concat!("Wigwag/", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    all.extend(headers);
    let request = Outgoing {
        method: Method::Get,
        target: egress.target(&url).map_err(|error| error.to_string())?,
        headers: all,
        custom_headers: Vec::new(),
        body: Bytes::new(),
        keep: Keep::Whole(ANSWER_BYTES_MAX),
        certificate: CertificateCheck::Verify,
        deadline: config.deadline,
    };
    let answer = egress.send(request).await.map_err(|error| format!("it is down: {error}"))?;
    judge(&answer)
}

fn judge(answer: &Answer) -> Result<Value, String> {
    match answer.status {
        200 => {}
        401 | 403 => {
            return Err(format!("it answers {}: check the token that is set for it", answer.status));
        }
        300..=399 => return Err(format!("it answers {}: give the URL that this leads to", answer.status)),
        404 => return Err("it answers 404: check the URL, and the project if there is one".into()),
        status => {
            let said = said(&answer.body).map_or(String::new(), |said| format!(" ({said})"));
            return Err(format!("it answers {status}{said}"));
        }
    }
    if answer.body_bytes_read > answer.body.len() as u64 {
        return Err(format!("its answer is longer than {} KiB", ANSWER_BYTES_MAX >> 10));
    }
    serde_json::from_slice(&answer.body).map_err(|_| "it answers something else than JSON".into())
}

/// What an error says of itself: Prometheus' `errorType` and `error`, others' `message`.
pub(crate) fn said(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let word = |field: &str| value[field].as_str().map(tame);
    match (word("errorType"), word("error").or_else(|| word("message"))) {
        (Some(kind), Some(error)) => Some(format!("{kind}: {error}")),
        (None, Some(error)) => Some(error),
        _ => None,
    }
}

/// A stranger's words, fit for people.
pub(crate) fn tame(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let plain = text.chars().map(|c| if steers(c) { ' ' } else { c });
    let cut: String = plain.take(WORDS_MAX).collect();
    cut.trim().to_owned()
}

/// An address that a page may link to.
pub(crate) fn link(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    ["http", "https"].contains(&url.scheme()).then(|| tame(text))
}

/// A text as part of a query or a path.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let encode = |byte: u8| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
