mod personal_access_tokens;

use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4, user_key};
use crate::listing::listing;
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::de::IgnoredAny;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Principal, User as KnownUser, UserRole};
use wigwag_base::{Page, PageOf, Secret};
use wigwag_engine::{Engine, EngineError, UserInput as NewUser};
use wigwag_ports::registry::UserKey;
use wigwag_wire::server::PageQuery;
use wigwag_wire::users::{User, UserInput, UserQuery};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get))
        .merge(personal_access_tokens::routes())
}

/// Users by id.
#[utoipa::path(get, path = "/api/v4/users", tag = "users", params(UserQuery, PageQuery),
    responses((status = 200, body = [User]), V4Errors))]
async fn list(State(engine): State<Engine>, uri: Uri, call: V4<UserQuery>) -> Result<Response, V4Error> {
    let V4 { caller, input, page } = call;
    let show = |user: &KnownUser| shown(user, &caller, &engine);
    let Some(username) = input.username else {
        let found = engine.users(&caller, input.search, page).await?;
        return Ok(listing(engine.settings(), &uri, found, show));
    };
    let rows = match engine.user(&caller, UserKey::Username(username)).await {
        Ok(user) => vec![user],
        Err(EngineError::NotFound(_)) => Vec::new(),
        Err(other) => return Err(other.into()),
    };
    let found = PageOf { total: rows.len() as u64, rows, page: Page::new(1, page.per_page) };
    Ok(listing(engine.settings(), &uri, found, |user| show(user)))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v4/users", tag = "users",
    request_body(content((UserInput = "application/json"), (UserInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = User), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    call: V4<UserInput>,
) -> Result<(StatusCode, Json<User>), V4Error> {
    let V4 { caller, input, .. } = call;
    let required = |value: Option<String>, field| value.ok_or_else(|| V4Error::missing(field));
    let new = NewUser {
        email: required(input.email, "email")?,
        name: required(input.name, "name")?,
        username: required(input.username, "username")?,
        role: if input.admin == Some(true) { UserRole::Admin } else { UserRole::Regular },
        password: input.password.filter(|password| !password.is_empty()).map(Secret::new),
    };
    let user = engine.create_user(&caller, new).await.map_err(|error| V4Error::told(error, told))?;
    Ok((StatusCode::CREATED, Json(shown(&user, &caller, &engine))))
}

/// One user, by id or username.
#[utoipa::path(get, path = "/api/v4/users/{id}", tag = "users",
    params(("id" = String, Path, description = "Id or username.")),
    responses((status = 200, body = User), V4Errors))]
async fn get(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<IgnoredAny>,
) -> Result<Json<User>, V4Error> {
    let user = engine.user(&call.caller, user_key(&id)).await?;
    Ok(Json(shown(&user, &call.caller, &engine)))
}

fn shown(user: &KnownUser, caller: &Principal, engine: &Engine) -> User {
    let sees_all = caller.role == UserRole::Admin || caller.user == user.id;
    convert::user(user, engine.settings(), sees_all)
}

/// What is taken is a conflict; whatever else is wrong is told by field.
fn told(field: &'static str, rule: String) -> V4Error {
    if rule == "has already been taken" {
        let field = if field == "email" { "Email" } else { "Username" };
        return V4Error::message(StatusCode::CONFLICT, format!("{field} {rule}"));
    }
    EngineError::Invalid { field, rule }.into()
}
