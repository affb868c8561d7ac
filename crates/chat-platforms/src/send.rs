//! Sending JSON to a chat, and what an answer means.

use crate::limits::{ANSWER_BYTES_MAX, RETRY_AFTER_MAX, SEND_DEADLINE};
use bytes::Bytes;
use serde_json::Value;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_ports::Egress;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::egress::{Answer, CertificateCheck, EgressError, Keep, Method, Outgoing};

/// Asks with a token, or without.
pub(crate) async fn ask(
    egress: &dyn Egress,
    method: Method,
    url: &str,
    token: Option<&Secret<String>>,
    body: Bytes,
) -> Result<Answer, ChatOutError> {
    let target = egress.target(url).map_err(never)?;
    let mut headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("accept", "application/json".to_owned()),
        ("user-agent", concat!("Wigwag/", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    headers.extend(token.map(|token| ("authorization", format!("Bearer {}", token.expose()))));
    let request = Outgoing {
        method,
        target,
        headers,
        custom_headers: Vec::new(),
        body,
        keep: Keep::Whole(ANSWER_BYTES_MAX),
        certificate: CertificateCheck::Verify,
        identity: None,
        deadline: SEND_DEADLINE,
    };
    let answer = egress.send(request).await.map_err(unsent)?;
    match answer.status {
        200..=299 => Ok(answer),
        429 => {
            let after = retry_after(&answer).unwrap_or(Duration::from_secs(30));
            Err(ChatOutError::Later {
                reason: "it answers 429: too many messages".into(),
                after: Some(after),
            })
        }
        status @ 500..=599 => Err(later(format!("it answers {status}"))),
        // A token that is changed for another, a bot that is not invited yet: people mend that.
        status @ (401 | 403 | 408) => Err(later(format!("it answers {status}: {}", words(&answer)))),
        status => Err(ChatOutError::Never(format!("it answers {status}: {}", words(&answer)))),
    }
}

/// The JSON of an answer.
pub(crate) fn json(answer: &Answer) -> Result<Value, ChatOutError> {
    serde_json::from_slice(&answer.body).map_err(|_| later("it answers something else than JSON".into()))
}

pub(crate) fn later(reason: String) -> ChatOutError {
    ChatOutError::Later { reason, after: None }
}

fn never(error: EgressError) -> ChatOutError {
    ChatOutError::Never(error.to_string())
}

fn unsent(error: EgressError) -> ChatOutError {
    match error {
        EgressError::BadUrl(_) | EgressError::Forbidden { .. } | EgressError::BadHeader(_) => never(error),
        other => later(other.to_string()),
    }
}

fn retry_after(answer: &Answer) -> Option<Duration> {
    let (_, value) = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// What a chat says of a refusal, tamed and short: Slack's webhooks answer in plain words.
fn words(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    crate::plain::cut(&crate::plain::tame(text.trim()).replace('\n', " "), 200)
}
