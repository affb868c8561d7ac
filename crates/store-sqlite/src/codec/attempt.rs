//! An attempt: one row, with what is empty left out.

use super::{codes, push_bytes, take_bytes, time};
use crate::error::odd;
use bytes::Bytes;
use rusqlite::{Result, Row};
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, HookId, ProjectId};
use wigwag_hooks::{
    Attempt, AttemptKind, EventType, Failure, FailureClass, Outcome, PastAttempt, Response, SentBody,
};

/// The stored class of a success.
pub(crate) const SUCCESS: i64 = 0;

codes!(kind_code, kind, AttemptKind {
    AttemptKind::First = 0,
    AttemptKind::Retry = 1,
    AttemptKind::Probe = 2,
    AttemptKind::Test = 3,
    AttemptKind::Resend = 4,
});
codes!(class_code, class, FailureClass {
    FailureClass::ClientError = 1,
    FailureClass::Gone = 2,
    FailureClass::ServerError = 3,
    FailureClass::Redirect = 4,
    FailureClass::OddStatus = 5,
    FailureClass::Timeout = 6,
    FailureClass::Dns = 7,
    FailureClass::Connection = 8,
    FailureClass::Tls = 9,
    FailureClass::Forbidden = 10,
    FailureClass::BadRequest = 11,
    FailureClass::Ours = 12,
});

/// Headers as lengths and texts; `None` where there are none.
pub(crate) fn headers_blob(headers: &[(String, String)]) -> Option<Vec<u8>> {
    if headers.is_empty() {
        return None;
    }
    let mut bytes =
        Vec::with_capacity(headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum());
    for (name, value) in headers {
        push_bytes(&mut bytes, name.as_bytes());
        push_bytes(&mut bytes, value.as_bytes());
    }
    Some(bytes)
}

fn headers(row: &Row<'_>, column: &str) -> Result<Vec<(String, String)>> {
    let Some(blob) = row.get_ref(column)?.as_blob_or_null().map_err(|_| odd("headers"))? else {
        return Ok(Vec::new());
    };
    let (mut rest, mut headers) = (blob, Vec::new());
    while !rest.is_empty() {
        headers.push((text(&mut rest)?, text(&mut rest)?));
    }
    Ok(headers)
}

fn text(rest: &mut &[u8]) -> Result<String> {
    String::from_utf8(take_bytes(rest)?.to_vec()).map_err(|_| odd("header"))
}

/// `None` where there is nothing.
pub(crate) fn body_blob(body: &Bytes) -> Option<&[u8]> {
    (!body.is_empty()).then_some(&body[..])
}

/// `NULL` for the payload, and nothing where nothing was made.
pub(crate) fn sent_blob(body: &SentBody) -> Option<&[u8]> {
    match body {
        SentBody::Payload => None,
        SentBody::Own(body) => Some(body),
        SentBody::Unmade => Some(&[]),
    }
}

fn sent_body(row: &Row<'_>) -> Result<SentBody> {
    let body: Option<Vec<u8>> = row.get("request_body")?;
    Ok(match body {
        None => SentBody::Payload,
        Some(body) if body.is_empty() => SentBody::Unmade,
        Some(body) => SentBody::Own(body.into()),
    })
}

/// A blob column; empty where it is NULL.
pub(crate) fn body(row: &Row<'_>, column: &str) -> Result<Bytes> {
    Ok(row.get::<_, Option<Vec<u8>>>(column)?.unwrap_or_default().into())
}

/// A stored event type.
pub(crate) fn event_type(row: &Row<'_>, column: &str) -> Result<EventType> {
    let text = row.get_ref(column)?.as_str().map_err(|_| odd("event type"))?;
    EventType::new(text).ok_or_else(|| odd("event type"))
}

/// Reads a whole row of `attempts`.
pub(crate) fn attempt(row: &Row<'_>) -> Result<Attempt> {
    let micros = u64::try_from(row.get::<_, i64>("duration_us")?).map_err(|_| odd("duration"))?;
    Ok(Attempt {
        id: AttemptId(row.get("id")?),
        event: row.get::<_, Option<i64>>("event_id")?.map(EventId),
        hook: HookId(row.get("hook_id")?),
        project: row.get::<_, Option<i64>>("project_id")?.map(ProjectId),
        event_type: event_type(row, "event_type")?,
        kind: kind(row.get("kind")?)?,
        url: row.get("url")?,
        request_headers: headers(row, "request_headers")?,
        request_body: sent_body(row)?,
        started_at: time(row, "started_at")?,
        duration: Duration::from_micros(micros),
        outcome: outcome(row, response(row)?)?,
    })
}

/// Reads what is small of a row of `attempts`.
pub(crate) fn past_attempt(row: &Row<'_>) -> Result<PastAttempt> {
    let micros = u64::try_from(row.get::<_, i64>("duration_us")?).map_err(|_| odd("duration"))?;
    let status = row.get::<_, Option<u16>>("status")?;
    let response = status.map(|status| Response { status, headers: Vec::new(), body: Bytes::new() });
    Ok(PastAttempt {
        id: AttemptId(row.get("id")?),
        event: row.get::<_, Option<i64>>("event_id")?.map(EventId),
        kind: kind(row.get("kind")?)?,
        started_at: time(row, "started_at")?,
        duration: Duration::from_micros(micros),
        outcome: outcome(row, response)?,
    })
}

fn response(row: &Row<'_>) -> Result<Option<Response>> {
    Ok(match row.get::<_, Option<u16>>("status")? {
        Some(status) => Some(Response {
            status,
            headers: headers(row, "response_headers")?,
            body: body(row, "response_body")?,
        }),
        None => None,
    })
}

fn outcome(row: &Row<'_>, response: Option<Response>) -> Result<Outcome> {
    match (row.get("class")?, response) {
        (SUCCESS, Some(response)) => Ok(Outcome::Success(response)),
        (SUCCESS, None) => Err(odd("success")),
        (code, response) => {
            let retry_after = row.get::<_, Option<i64>>("retry_after_ms")?;
            Ok(Outcome::Failure(Failure {
                class: class(code)?,
                text: row.get::<_, Option<String>>("error")?.unwrap_or_default(),
                response,
                retry_after: retry_after.map(|ms| Duration::from_millis(ms.unsigned_abs())),
            }))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{SUCCESS, class, class_code, kind, kind_code};
    use wigwag_hooks::{AttemptKind, FailureClass};

    #[test]
    fn every_word_has_its_own_number() {
        for value in FailureClass::ALL {
            assert_eq!(class(class_code(value)).unwrap(), value);
            assert_ne!(class_code(value), SUCCESS);
        }
        for value in AttemptKind::ALL {
            assert_eq!(kind(kind_code(value)).unwrap(), value);
        }
        assert!(class(99).is_err() && kind(-1).is_err());
    }
}
