//! Hooks: what the routes of projects, groups and the system do alike. The system's own routes lie in `system`.

mod system;

pub(super) use system::routes;

use crate::convert;
use crate::errors::V4Error;
use crate::extract::V4;
use crate::listing::listing;
use axum::Json;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde_json::json;
use wigwag_access::Principal;
use wigwag_base::{AttemptId, HookId, Page, PageOf, Secret};
use wigwag_engine::hook_admin::{HookFields, NamedEdit};
use wigwag_engine::{AttemptQuery, Engine, EngineError};
use wigwag_hooks::hook_input::is_same_header;
use wigwag_hooks::{HookScope, Outcome};
use wigwag_ports::log::StatusClass;
use wigwag_wire::hooks::{Hook, HookEvent, HookEventQuery, HookInput, ResendResult, ValueInput};

pub(super) async fn list(
    engine: &Engine,
    scope: HookScope,
    uri: &Uri,
    call: &V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let found = engine.hooks(&call.caller, scope, call.page).await?;
    Ok(listing(engine.settings(), uri, found, convert::hook))
}

pub(super) async fn create(engine: &Engine, scope: HookScope, call: V4<HookInput>) -> Result<Hook, V4Error> {
    if call.input.url.is_none() {
        return Err(V4Error::missing("url"));
    }
    let fields = convert::hook_fields(call.input, engine.settings()).map_err(refused)?;
    let hook = engine.create_hook(&call.caller, scope, fields).await.map_err(refused)?;
    Ok(convert::hook(&hook))
}

pub(super) async fn get(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: &V4<IgnoredAny>,
) -> Result<Hook, V4Error> {
    Ok(convert::hook(&engine.hook(&call.caller, scope, HookId(hook)).await?))
}

pub(super) async fn update(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: V4<HookInput>,
) -> Result<Hook, V4Error> {
    let fields = convert::hook_fields(call.input, engine.settings()).map_err(refused)?;
    let hook = engine.update_hook(&call.caller, scope, HookId(hook), fields).await.map_err(refused)?;
    Ok(convert::hook(&hook))
}

pub(super) async fn delete(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    call: &V4<IgnoredAny>,
) -> Result<(), V4Error> {
    Ok(engine.delete_hook(&call.caller, scope, HookId(hook)).await?)
}

pub(super) async fn test(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    trigger: &str,
    call: &V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let tested = engine.test_hook(&call.caller, scope, HookId(hook), trigger).await;
    let attempt =
        tested.map_err(|error| V4Error::told(error, |field, rule| V4Error::invalid(field, &rule)))?;
    let (status, result) = convert::test_result(&attempt);
    Ok((status, Json(result)).into_response())
}

/// The two kinds of values that have names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Named {
    UrlVariable,
    CustomHeader,
}

/// Gives one name a value.
pub(super) async fn set_named(
    engine: &Engine,
    scope: HookScope,
    (hook, kind, key): (i64, Named, String),
    call: V4<ValueInput>,
) -> Result<StatusCode, V4Error> {
    let Some(value) = call.input.value else { return Err(V4Error::missing("value")) };
    edit_named(engine, scope, hook, &call.caller, kind, NamedEdit::Set(key, Secret::new(value))).await
}

/// Takes one name away.
pub(super) async fn remove_named(
    engine: &Engine,
    scope: HookScope,
    (hook, kind, key): (i64, Named, String),
    call: &V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let view = engine.hook(&call.caller, scope, HookId(hook)).await?;
    let is_there = match kind {
        Named::UrlVariable => view.hook.url_variables.iter().any(|variable| variable.name == key),
        Named::CustomHeader => {
            view.hook.custom_headers.iter().any(|header| is_same_header(&header.name, &key))
        }
    };
    if !is_there {
        return Err(EngineError::NotFound("key").into());
    }
    edit_named(engine, scope, hook, &call.caller, kind, NamedEdit::Remove(key)).await
}

async fn edit_named(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    caller: &Principal,
    kind: Named,
    edit: NamedEdit,
) -> Result<StatusCode, V4Error> {
    let fields = match kind {
        Named::UrlVariable => HookFields { url_variables: vec![edit], ..HookFields::default() },
        Named::CustomHeader => HookFields { custom_headers: vec![edit], ..HookFields::default() },
    };
    engine.update_hook(caller, scope, HookId(hook), fields).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rows of a page of what was sent to a hook: each has its whole body.
const EVENTS_PER_PAGE_MAX: u32 = 20;

/// Bytes of bodies on such a page, but for the last of them; further rows have none.
const EVENTS_BYTES_PER_PAGE_MAX: usize = 4 << 20;

pub(super) async fn events(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    uri: &Uri,
    call: V4<HookEventQuery>,
) -> Result<Response, V4Error> {
    let V4 { caller, input, page } = call;
    let query = attempt_query(input)?;
    let page = Page::new(page.number, page.per_page.min(EVENTS_PER_PAGE_MAX));
    let found = engine.attempts(&caller, scope, HookId(hook), query, page).await?;
    let mut rows = Vec::with_capacity(found.rows.len());
    let mut bytes = 0;
    for row in &found.rows {
        if bytes >= EVENTS_BYTES_PER_PAGE_MAX {
            rows.push(convert::hook_event(row));
            continue;
        }
        // One that retention took meanwhile is left out.
        match engine.attempt(&caller, scope, HookId(hook), row.id).await {
            Ok(attempt) => {
                bytes += attempt.request_body.bytes().map_or(0, bytes::Bytes::len);
                rows.push(convert::hook_event(&attempt));
            }
            Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let found = PageOf { rows, page: found.page, total: found.total };
    Ok(listing(engine.settings(), uri, found, Clone::clone))
}

/// One of them.
pub(super) async fn event(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    event: i64,
    call: &V4<IgnoredAny>,
) -> Result<HookEvent, V4Error> {
    let attempt = engine.attempt(&call.caller, scope, HookId(hook), AttemptId(event)).await?;
    Ok(convert::hook_event(&attempt))
}

pub(super) async fn resend(
    engine: &Engine,
    scope: HookScope,
    hook: i64,
    event: i64,
    call: &V4<IgnoredAny>,
) -> Result<(StatusCode, Json<ResendResult>), V4Error> {
    let refused = |text: String| V4Error::message(StatusCode::UNPROCESSABLE_ENTITY, text);
    let sent = engine.resend(&call.caller, scope, HookId(hook), AttemptId(event)).await;
    let attempt =
        sent.map_err(|error| V4Error::told(error, |field, rule| refused(format!("{field} {rule}"))))?;
    match (attempt.outcome.response(), &attempt.outcome) {
        (Some(response), _) => {
            Ok((StatusCode::CREATED, Json(ResendResult { response_status: response.status })))
        }
        (None, Outcome::Failure(failure)) => Err(refused(failure.text.clone())),
        (None, Outcome::Success(_)) => Err(refused("nothing came back".into())),
    }
}

const WORD_RULE: &str = "does not have a valid value";

fn attempt_query(input: HookEventQuery) -> Result<AttemptQuery, V4Error> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let time = |field, text: Option<String>| {
        let read = |text: String| convert::day_or_time(&text).ok_or(V4Error::invalid(field, WORD_RULE));
        given(text).map(read).transpose()
    };
    let status = |word: String| status_class(&word).ok_or(V4Error::invalid("status", WORD_RULE));
    Ok(AttemptQuery {
        status: given(input.status).map(status).transpose()?,
        event: None,
        event_type: given(input.event_type),
        since: time("since", input.since)?,
        until: time("until", input.until)?,
    })
}

fn status_class(word: &str) -> Option<StatusClass> {
    match word {
        "successful" => Some(StatusClass::Successful),
        "client_failure" => Some(StatusClass::ClientFailure),
        "server_failure" => Some(StatusClass::ServerFailure),
        code => code.parse().ok().filter(|code| (100..600).contains(code)).map(StatusClass::Code),
    }
}

/// GitLab refuses a hook's URL with 422 and one text, other fields with 422 by field.
fn refused(error: EngineError) -> V4Error {
    const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
    match error {
        EngineError::Invalid { field: "url", rule } if rule == "is missing" => V4Error::missing("url"),
        EngineError::Invalid { field: "url", rule } => {
            V4Error::error(REFUSED, format!("Invalid url given: {rule}"))
        }
        EngineError::Invalid { field, rule } => V4Error::message(REFUSED, json!({ field: [rule] })),
        EngineError::Conflict(text) => V4Error::message(REFUSED, json!({ "base": [text] })),
        other => other.into(),
    }
}
