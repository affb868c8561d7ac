//! Publishing: the hot path. The body is read once and parsed once; the payload's bytes are taken out of it as they are.

use crate::errors::{Problem, V1Errors};
use crate::extract::{At, BodyError, Caller, ProjectRef, broken, media_type, project_key, read_body};
use crate::limits::EVENT_ENVELOPE_BYTES_MAX;
use crate::{Api, convert};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::collections::HashMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_base::{EventId, ProjectId};
use wigwag_engine::intake::{Accepted, Incoming, Novelty, Refused};
use wigwag_engine::limits::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX, JSON_DEPTH_MAX};
use wigwag_engine::{Engine, EngineError};
use wigwag_wire::events::{
    Accepted as Answer, EventAccepted, EventInput, EventInputSchema, EventStory, EventsAccepted,
};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(publish)).routes(routes!(story))
}

/// Publishes an event, or a batch of them as NDJSON: all or none. The answer comes when they are on disk.
#[utoipa::path(post, path = "/v1/projects/{id}/events", tag = "events",
    params(("id" = String, Path, description = "Id or URL-encoded full path.")),
    request_body(content((EventInputSchema = "application/json"), (String = "application/x-ndjson"))),
    responses(
        (status = 200, description = "The same event was accepted before with this key.", body = EventAccepted),
        (status = 202, body = Answer),
        V1Errors))]
async fn publish(
    State(engine): State<Engine>,
    At(id): At<String>,
    Caller(caller): Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    let project = engine.publishing_project(&caller, project_key(&id)).await?;
    let chain = chain(&engine, &headers);
    if media_type(&headers) == "application/x-ndjson" {
        let body = read(body, BATCH_BYTES_MAX).await?;
        return batch(&engine, project, chain, &body).await;
    }
    let body = read(body, engine.settings().event_bytes_max.saturating_add(EVENT_ENVELOPE_BYTES_MAX)).await?;
    let event = event(&body, chain, |payload| body.slice_ref(payload.as_bytes()))?;
    let accepted = engine.publish(project, vec![event]).await.map_err(|refused| refused.error)?;
    let Some(Accepted { id, novelty }) = accepted.first().copied() else {
        return Err(EngineError::Conflict("the event was not accepted".into()).into());
    };
    let status = match novelty {
        Novelty::New => StatusCode::ACCEPTED,
        Novelty::Repeated => StatusCode::OK,
    };
    Ok((status, Json(Answer::One(EventAccepted { id: id.0 }))))
}

/// What became of an event: for every hook whether it wanted it, where its delivery stands, and why.
#[utoipa::path(get, path = "/v1/projects/{id}/events/{event_id}", tag = "events",
    params(("id" = String, Path, description = "Id or URL-encoded full path."), ("event_id" = i64, Path)),
    responses((status = 200, body = EventStory), V1Errors))]
async fn story(
    State(engine): State<Engine>,
    At((id, event)): At<(String, i64)>,
    Caller(caller): Caller,
) -> Result<Json<EventStory>, Problem> {
    let project = ProjectRef::visible(&engine, &caller, &id).await?;
    let story = engine.event_story(&caller, project, EventId(event)).await?;
    Ok(Json(convert::event_story(&story)))
}

async fn batch(
    engine: &Engine,
    project: ProjectId,
    chain: Option<[u8; 16]>,
    body: &Bytes,
) -> Result<(StatusCode, Json<Answer>), Problem> {
    let mut events = Vec::new();
    let mut lines = Vec::new();
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if events.len() == BATCH_EVENTS_MAX {
            let detail = format!("A request holds at most {BATCH_EVENTS_MAX} events; send several.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail));
        }
        // A copy: one payload that waits in memory must not hold the whole batch there.
        let read = event(line, chain, |payload| Bytes::copy_from_slice(payload.as_bytes()));
        let read =
            read.map_err(|problem| problem.with_status(StatusCode::UNPROCESSABLE_ENTITY).at_line(index + 1))?;
        events.push(read);
        lines.push(index + 1);
    }
    if events.is_empty() {
        return Err(Problem::invalid("body", "holds no event; send one JSON object a line"));
    }
    let accepted = engine.publish(project, events).await.map_err(|Refused { index, error }| {
        let line = index.and_then(|index| lines.get(index));
        line.map_or_else(|| Problem::from(error.clone()), |line| Problem::from(error.clone()).at_line(*line))
    })?;
    let ids = accepted.into_iter().map(|accepted| accepted.id.0).collect();
    Ok((StatusCode::ACCEPTED, Json(Answer::Batch(EventsAccepted { ids }))))
}

async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    read_body(body, bytes_max).await.map_err(|error| match error {
        BodyError::TooLarge => Problem::too_large(bytes_max),
        BodyError::Broken => broken(),
    })
}

/// One event out of its JSON; `take` gives the payload's bytes.
fn event(
    json: &[u8],
    chain: Option<[u8; 16]>,
    take: impl FnOnce(&str) -> Bytes,
) -> Result<Incoming, Problem> {
    let input: EventInput<'_> = serde_json::from_slice(json).map_err(|error| match error.classify() {
        Category::Data => field_problem(json, &error),
        Category::Io | Category::Syntax | Category::Eof => Problem::malformed(&error),
    })?;
    // The reader takes a list of the fields' values for an object; a client that sends one means something else.
    if !is_object(json) {
        return Err(no_object());
    }
    let payload = input.payload.get();
    if is_deeper_than(payload.as_bytes(), JSON_DEPTH_MAX) {
        return Err(Problem::invalid("payload", &format!("is nested deeper than {JSON_DEPTH_MAX} levels")));
    }
    Ok(Incoming {
        event_type: input.event_type.into_owned(),
        payload: take(payload),
        idempotency_key: input.idempotency_key.map(std::borrow::Cow::into_owned),
        chain,
    })
}

/// A field that is missing, twice there or of the wrong type. Slow, for what is refused anyway: the parser's words name
/// the first two, and a second look at the values the third.
fn field_problem(json: &[u8], error: &serde_json::Error) -> Problem {
    if !is_object(json) {
        return no_object();
    }
    let text = error.to_string();
    let told = |of: &str, name: &str| text.starts_with(&format!("{of} field `{name}`"));
    for name in ["type", "payload", "idempotency_key"] {
        if told("missing", name) {
            return Problem::invalid(name, "is missing");
        }
        if told("duplicate", name) {
            return Problem::invalid(name, "is there twice");
        }
    }
    let values: HashMap<String, &RawValue> = serde_json::from_slice(json).unwrap_or_default();
    let is_text = |name: &&str| values.get(*name).is_none_or(|value| value.get().starts_with('"'));
    match ["type", "idempotency_key"].iter().find(|name| !is_text(name)) {
        Some(name) => Problem::invalid(name, "must be a text"),
        None => Problem::invalid("body", &format!("is wrong: {text}")),
    }
}

/// Whether checked JSON is an object.
fn is_object(json: &[u8]) -> bool {
    json.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

fn no_object() -> Problem {
    Problem::invalid("body", "must be a JSON object")
}

/// Whether checked JSON is nested deeper than `depth_max`. Counting brackets is enough for nearly all of it.
fn is_deeper_than(json: &[u8], depth_max: usize) -> bool {
    if json.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() <= depth_max {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > depth_max {
                    return true;
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// The chain that a request of ours brought to the publisher, if it hands it on.
fn chain(engine: &Engine, headers: &HeaderMap) -> Option<[u8; 16]> {
    let name = format!("{}Event-UUID", engine.settings().header_prefix);
    let text = headers.get(name.as_str())?.to_str().ok()?;
    uuid::Uuid::try_parse(text.trim()).ok().map(uuid::Uuid::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::is_deeper_than;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        let check =
            |json: &str, deeper: bool| assert_eq!(is_deeper_than(json.as_bytes(), 3), deeper, "{json}");
        check("[[[]]]", false);
        check("[[[[]]]]", true);
        check(r#"[{"a":[1]},[[]],{}]"#, false);
        check(r#"["[[[[[[", "\"[[[[", "\\", [[]]]"#, false);
        check(r#"["\\", [[[]]]]"#, true);
        check("5", false);
    }
}
