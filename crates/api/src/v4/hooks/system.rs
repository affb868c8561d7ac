//! The hooks of the system: every project's events.

use crate::Api;
use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4};
use crate::v4::hooks::{self as shared, Named};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_engine::Engine;
use wigwag_hooks::HookScope;
use wigwag_wire::hooks::{Hook, HookEvent, HookEventQuery, HookInput, ResendResult, TestResult, ValueInput};
use wigwag_wire::server::PageQuery;

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete, test_push))
        .routes(routes!(test))
        .routes(routes!(events))
        .routes(routes!(event))
        .routes(routes!(resend))
        .routes(routes!(set_url_variable, remove_url_variable))
        .routes(routes!(set_custom_header, remove_custom_header))
}

/// Hooks, by id.
#[utoipa::path(get, path = "/api/v4/hooks", tag = "hooks", params(PageQuery),
    responses((status = 200, body = [Hook]), V4Errors))]
async fn list(State(engine): State<Engine>, uri: Uri, call: V4<IgnoredAny>) -> Result<Response, V4Error> {
    let scope = HookScope::System;
    shared::list(&engine, scope, &uri, &call).await
}

/// Makes a hook.
#[utoipa::path(post, path = "/api/v4/hooks", tag = "hooks",
    request_body(content((HookInput = "application/json"), (HookInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Hook), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    call: V4<HookInput>,
) -> Result<(StatusCode, Json<Hook>), V4Error> {
    let scope = HookScope::System;
    let hook = shared::create(&engine, scope, call).await?;
    Ok((StatusCode::CREATED, Json(hook)))
}

/// One hook.
#[utoipa::path(get, path = "/api/v4/hooks/{hook_id}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook.")),
    responses((status = 200, body = Hook), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    call: V4<IgnoredAny>,
) -> Result<Json<Hook>, V4Error> {
    let scope = HookScope::System;
    shared::get(&engine, scope, hook, &call).await.map(Json)
}

/// Changes what is given of a hook; what is not given stays.
#[utoipa::path(put, path = "/api/v4/hooks/{hook_id}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook.")),
    request_body(content((HookInput = "application/json"), (HookInput = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = Hook), V4Errors))]
async fn update(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    call: V4<HookInput>,
) -> Result<Json<Hook>, V4Error> {
    let scope = HookScope::System;
    shared::update(&engine, scope, hook, call).await.map(Json)
}

/// Deletes a hook; what waits for it is cancelled.
#[utoipa::path(delete, path = "/api/v4/hooks/{hook_id}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook.")),
    responses((status = 204), V4Errors))]
async fn delete(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let scope = HookScope::System;
    shared::delete(&engine, scope, hook, &call).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a made-up event now: 201 if the receiver said 2xx, else 422 with its words.
#[utoipa::path(post, path = "/api/v4/hooks/{hook_id}/test/{trigger}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("trigger" = String, Path, description = "Such as `push_events`, or an event type that the hook wants.")),
    responses((status = 201, body = TestResult), V4Errors))]
async fn test(
    State(engine): State<Engine>,
    At((hook, trigger)): At<(i64, String)>,
    call: V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    let scope = HookScope::System;
    shared::test(&engine, scope, hook, &trigger, &call).await
}

/// Sends a made-up push event now, as GitLab's system hooks have it.
#[utoipa::path(post, path = "/api/v4/hooks/{hook_id}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook.")),
    responses((status = 201, body = TestResult), (status = 422, body = TestResult), V4Errors))]
async fn test_push(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    call: V4<IgnoredAny>,
) -> Result<Response, V4Error> {
    shared::test(&engine, HookScope::System, hook, "push_events", &call).await
}

/// What was sent to the hook, newest first, with the answers; at most 20 a page.
#[utoipa::path(get, path = "/api/v4/hooks/{hook_id}/events", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), HookEventQuery, PageQuery),
    responses((status = 200, body = [HookEvent]), V4Errors))]
async fn events(
    State(engine): State<Engine>,
    At(hook): At<i64>,
    uri: Uri,
    call: V4<HookEventQuery>,
) -> Result<Response, V4Error> {
    let scope = HookScope::System;
    shared::events(&engine, scope, hook, &uri, call).await
}

/// One of them, whole; beyond GitLab's.
#[utoipa::path(get, path = "/api/v4/hooks/{hook_id}/events/{event_id}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("event_id" = i64, Path, description = "Its number in the list of what was sent.")),
    responses((status = 200, body = HookEvent), V4Errors))]
async fn event(
    State(engine): State<Engine>,
    At((hook, event)): At<(i64, i64)>,
    call: V4<IgnoredAny>,
) -> Result<Json<HookEvent>, V4Error> {
    let scope = HookScope::System;
    shared::event(&engine, scope, hook, event, &call).await.map(Json)
}

/// Sends what was sent before once more, under the same id: 201 with the receiver's status, 422 if none came or the hook's
/// URL is another one by now. Five tests and resends a minute.
#[utoipa::path(post, path = "/api/v4/hooks/{hook_id}/events/{event_id}/resend", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("event_id" = i64, Path, description = "Its number in the list of what was sent.")),
    responses((status = 201, body = ResendResult), V4Errors))]
async fn resend(
    State(engine): State<Engine>,
    At((hook, event)): At<(i64, i64)>,
    call: V4<IgnoredAny>,
) -> Result<(StatusCode, Json<ResendResult>), V4Error> {
    shared::resend(&engine, HookScope::System, hook, event, &call).await
}

/// Gives a `{name}` of the URL its value.
#[utoipa::path(put, path = "/api/v4/hooks/{hook_id}/url_variables/{key}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("key" = String, Path, description = "The name.")),
    request_body(content((ValueInput = "application/json"), (ValueInput = "application/x-www-form-urlencoded"))),
    responses((status = 204), V4Errors))]
async fn set_url_variable(
    State(engine): State<Engine>,
    At((hook, key)): At<(i64, String)>,
    call: V4<ValueInput>,
) -> Result<StatusCode, V4Error> {
    let scope = HookScope::System;
    shared::set_named(&engine, scope, (hook, Named::UrlVariable, key), call).await
}

/// Takes a `{name}` of the URL away.
#[utoipa::path(delete, path = "/api/v4/hooks/{hook_id}/url_variables/{key}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("key" = String, Path, description = "The name.")),
    responses((status = 204), V4Errors))]
async fn remove_url_variable(
    State(engine): State<Engine>,
    At((hook, key)): At<(i64, String)>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let scope = HookScope::System;
    shared::remove_named(&engine, scope, (hook, Named::UrlVariable, key), &call).await
}

/// Gives a header of the owner's own its value.
#[utoipa::path(put, path = "/api/v4/hooks/{hook_id}/custom_headers/{key}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("key" = String, Path, description = "The name.")),
    request_body(content((ValueInput = "application/json"), (ValueInput = "application/x-www-form-urlencoded"))),
    responses((status = 204), V4Errors))]
async fn set_custom_header(
    State(engine): State<Engine>,
    At((hook, key)): At<(i64, String)>,
    call: V4<ValueInput>,
) -> Result<StatusCode, V4Error> {
    let scope = HookScope::System;
    shared::set_named(&engine, scope, (hook, Named::CustomHeader, key), call).await
}

/// Takes a header of the owner's own away.
#[utoipa::path(delete, path = "/api/v4/hooks/{hook_id}/custom_headers/{key}", tag = "hooks", params(("hook_id" = i64, Path, description = "The hook."), ("key" = String, Path, description = "The name.")),
    responses((status = 204), V4Errors))]
async fn remove_custom_header(
    State(engine): State<Engine>,
    At((hook, key)): At<(i64, String)>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let scope = HookScope::System;
    shared::remove_named(&engine, scope, (hook, Named::CustomHeader, key), &call).await
}
