use crate::errors::{V4Error, V4Errors};
use crate::extract::{At, V4, project_key, user_key};
use crate::{Api, convert};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::{Scope, Scopes};
use wigwag_engine::{Engine, TokenInput as NewToken};
use wigwag_wire::tokens::{Token, TokenInput};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Makes a token for a user: for oneself, or for anybody by an admin. Its text is told this once.
#[utoipa::path(post, path = "/api/v4/users/{id}/personal_access_tokens", tag = "tokens",
    params(("id" = String, Path, description = "The user's id or username.")),
    request_body(content((TokenInput = "application/json"), (TokenInput = "application/x-www-form-urlencoded"))),
    responses((status = 201, body = Token), V4Errors))]
async fn create(
    State(engine): State<Engine>,
    At(id): At<String>,
    call: V4<TokenInput>,
) -> Result<(StatusCode, Json<Token>), V4Error> {
    let V4 { caller, input, .. } = call;
    let name = input.name.ok_or_else(|| V4Error::missing("name"))?;
    let scopes = scopes(&input.scopes.ok_or_else(|| V4Error::missing("scopes"))?)?;
    let expires_at = match input.expires_at.as_deref() {
        None | Some("") => None,
        Some(text) => {
            let wrong = || V4Error::invalid("expires_at", "is invalid; write a day such as 2027-01-31");
            Some(convert::day_or_time(text).ok_or_else(wrong)?)
        }
    };
    let project = match input.project {
        Some(project) => Some(engine.project(&caller, project_key(&project)).await?.project.id),
        None => None,
    };
    let user = match user_key(&id) {
        wigwag_ports::registry::UserKey::Id(user) => user,
        username => engine.user(&caller, username).await?.id,
    };
    let token = NewToken { name, scopes, expires_at, project, environments: input.environments };
    let made = engine.create_token(&caller, user, token).await?;
    let text = made.text.expose().clone();
    Ok((StatusCode::CREATED, Json(convert::token(&made.token, engine.now(), Some(text)))))
}

fn scopes(names: &[String]) -> Result<Scopes, V4Error> {
    let scopes: Result<Scopes, _> = names.iter().map(|name| name.parse::<Scope>()).collect();
    scopes.map_err(|unknown| V4Error::invalid("scopes", &format!("does not have a valid value: {unknown}")))
}
