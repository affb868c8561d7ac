//! Flags, as GitLab's clients read and set them. The same routes below `/environments/:environment` speak of that
//! environment; the bare ones of the one that the token is bound to, else of the server's own.

mod change;

use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Action, Direction, Principal};
use wigwag_engine::flags::{FlagChange, Mode, Occasion, TargetNames, UnknownFlag};
use wigwag_engine::{Engine, EngineError};
use wigwag_flags::{Change, FlagName, Note, Origin};
use wigwag_wire::features::{Definition, Feature, FeatureInput};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(definitions))
        .routes(routes!(get, set, delete))
        .routes(routes!(list_in))
        .routes(routes!(definitions_in))
        .routes(routes!(get_in, set_in, delete_in))
}

/// The flags of which something is stored in the token's environment, else the server's own.
#[utoipa::path(get, path = "/api/v4/features", tag = "features", responses((status = 200, body = [Feature]), V4Errors))]
async fn list(State(engine): State<Engine>, call: V4<IgnoredAny>) -> Result<Json<Vec<Feature>>, V4Error> {
    stored(&engine, &own(&engine, &call.caller)?, &call.caller)
}

/// The flags of which something is stored in an environment.
#[utoipa::path(get, path = "/environments/{environment}/api/v4/features", tag = "features",
    params(("environment" = String, Path)), responses((status = 200, body = [Feature]), V4Errors))]
async fn list_in(
    State(engine): State<Engine>,
    At(environment): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Vec<Feature>>, V4Error> {
    stored(&engine, &environment, &call.caller)
}

/// What owners wrote down of their flags.
#[utoipa::path(get, path = "/api/v4/features/definitions", tag = "features",
    responses((status = 200, body = [Definition]), V4Errors))]
async fn definitions(
    State(engine): State<Engine>,
    call: V4<IgnoredAny>,
) -> Result<Json<Vec<Definition>>, V4Error> {
    defined(&engine, &own(&engine, &call.caller)?, &call.caller)
}

/// What owners wrote down of the flags of an environment.
#[utoipa::path(get, path = "/environments/{environment}/api/v4/features/definitions", tag = "features",
    params(("environment" = String, Path)), responses((status = 200, body = [Definition]), V4Errors))]
async fn definitions_in(
    State(engine): State<Engine>,
    At(environment): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Vec<Definition>>, V4Error> {
    defined(&engine, &environment, &call.caller)
}

/// One flag in the token's environment, else the server's own.
#[utoipa::path(get, path = "/api/v4/features/{name}", tag = "features", params(("name" = String, Path)),
    responses((status = 200, body = Feature), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(name): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<Feature>, V4Error> {
    one(&engine, &own(&engine, &call.caller)?, &name, &call.caller)
}

/// One flag in an environment.
#[utoipa::path(get, path = "/environments/{environment}/api/v4/features/{name}", tag = "features",
    params(("environment" = String, Path), ("name" = String, Path)),
    responses((status = 200, body = Feature), V4Errors))]
async fn get_in(
    State(engine): State<Engine>,
    At((environment, name)): At<(String, String)>,
    call: V4<IgnoredAny>,
) -> Result<Json<Feature>, V4Error> {
    one(&engine, &environment, &name, &call.caller)
}

/// Sets a flag in the token's environment, else the server's own.
#[utoipa::path(post, path = "/api/v4/features/{name}", tag = "features", params(("name" = String, Path)),
    request_body(content((FeatureInput = "application/json"), (FeatureInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Feature), V4Errors))]
async fn set(
    State(engine): State<Engine>,
    At(name): At<String>,
    call: V4<FeatureInput>,
) -> Result<(StatusCode, Json<Feature>), V4Error> {
    let environment = own(&engine, &call.caller)?;
    changed(&engine, &environment, &name, call).await
}

/// Sets a flag in an environment.
#[utoipa::path(post, path = "/environments/{environment}/api/v4/features/{name}", tag = "features",
    params(("environment" = String, Path), ("name" = String, Path)),
    request_body(content((FeatureInput = "application/json"), (FeatureInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Feature), V4Errors))]
async fn set_in(
    State(engine): State<Engine>,
    At((environment, name)): At<(String, String)>,
    call: V4<FeatureInput>,
) -> Result<(StatusCode, Json<Feature>), V4Error> {
    changed(&engine, &environment, &name, call).await
}

/// Forgets what is stored of a flag in the token's environment, else the server's own: back to its default.
#[utoipa::path(delete, path = "/api/v4/features/{name}", tag = "features", params(("name" = String, Path)),
    responses((status = 204), V4Errors))]
async fn delete(
    State(engine): State<Engine>,
    At(name): At<String>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    let environment = own(&engine, &call.caller)?;
    forgotten(&engine, &environment, &name, &call.caller).await
}

/// Forgets what is stored of a flag in an environment: back to its default.
#[utoipa::path(delete, path = "/environments/{environment}/api/v4/features/{name}", tag = "features",
    params(("environment" = String, Path), ("name" = String, Path)),
    responses((status = 204), V4Errors))]
async fn delete_in(
    State(engine): State<Engine>,
    At((environment, name)): At<(String, String)>,
    call: V4<IgnoredAny>,
) -> Result<StatusCode, V4Error> {
    forgotten(&engine, &environment, &name, &call.caller).await
}

/// The environment of a path that names none.
fn own(engine: &Engine, caller: &Principal) -> Result<String, V4Error> {
    engine.environment_of(caller).map_err(change::told)
}

fn stored(engine: &Engine, environment: &str, caller: &Principal) -> Result<Json<Vec<Feature>>, V4Error> {
    let flags = engine.flags(caller, environment)?;
    Ok(Json(flags.iter().filter(|flag| flag.stored.is_some()).map(convert::feature).collect()))
}

fn defined(engine: &Engine, environment: &str, caller: &Principal) -> Result<Json<Vec<Definition>>, V4Error> {
    let all = engine.flag_definitions(caller, environment)?;
    Ok(Json(all.iter().map(|definition| convert::definition(definition)).collect()))
}

fn one(engine: &Engine, environment: &str, name: &str, caller: &Principal) -> Result<Json<Feature>, V4Error> {
    Ok(Json(convert::feature(&engine.flag(caller, environment, name)?)))
}

async fn changed(
    engine: &Engine,
    environment: &str,
    name: &str,
    call: V4<FeatureInput>,
) -> Result<(StatusCode, Json<Feature>), V4Error> {
    let unknown = if call.input.force == Some(true) { UnknownFlag::Accept } else { UnknownFlag::Refuse };
    known(engine, environment)?;
    // Before names are looked up: a refusal of one tells the nearest that exists.
    engine.allow_in(&call.caller, Action::WriteFlags(Direction::OffWard), environment)?;
    let change = change::change(engine, environment, call.input).await?;
    write(engine, environment, name, &call.caller, change, unknown).await?;
    Ok((StatusCode::CREATED, one(engine, environment, name, &call.caller)?))
}

async fn forgotten(
    engine: &Engine,
    environment: &str,
    name: &str,
    caller: &Principal,
) -> Result<StatusCode, V4Error> {
    known(engine, environment)?;
    let change = (Change::Delete, TargetNames::default());
    write(engine, environment, name, caller, change, UnknownFlag::Accept).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn write(
    engine: &Engine,
    environment: &str,
    name: &str,
    caller: &Principal,
    (change, names): (Change, TargetNames),
    unknown: UnknownFlag,
) -> Result<(), V4Error> {
    let flag: FlagName = name.parse().map_err(|error| change::bad_request(&format!("name {error}")))?;
    let removes_opt_out = matches!(change, Change::RemoveOptOut(_));
    let change = FlagChange { environment: environment.to_owned(), flag, change, names };
    let occasion = Occasion {
        via: "api".into(),
        origin: Origin::Rest,
        reason: None,
        unknown,
        mode: Mode::Make,
        spoken: None,
    };
    let written = engine.set_flags(caller, vec![change], occasion).await.map_err(change::told)?;
    // GitLab refuses it too: whoever removes an opt-out that is not there may have another one in mind.
    if removes_opt_out && written.iter().any(|one| one.notes.contains(&Note::Unchanged)) {
        return Err(change::bad_request("none of them opted out"));
    }
    Ok(())
}

fn known(engine: &Engine, environment: &str) -> Result<(), V4Error> {
    let known = engine.flag_board().base_of(environment).is_some();
    if known { Ok(()) } else { Err(EngineError::NotFound("environment").into()) }
}
