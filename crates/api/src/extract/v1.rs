use super::{body, caller, form};
use crate::errors::Problem;
use crate::limits::BODY_BYTES_MAX;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wigwag_access::Principal;
use wigwag_base::Page;
use wigwag_engine::Engine;
use wigwag_wire::server::PageQuery;

/// Who asks, under `/v1`.
pub(crate) struct Caller(pub(crate) Principal);

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Engine: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let sudo = sudo_parameter(parts);
        Ok(Self(caller::caller(&Engine::from_ref(state), &parts.headers, sudo.as_deref()).await?))
    }
}

/// Who asks where a banner may ask too: by an API token, or by an embed token as bearer.
pub(crate) struct CalloutCaller(pub(crate) Principal);

impl<S: Send + Sync> FromRequestParts<S> for CalloutCaller
where
    Engine: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let sudo = sudo_parameter(parts);
        let engine = Engine::from_ref(state);
        Ok(Self(caller::embed_or_caller(&engine, &parts.headers, sudo.as_deref()).await?))
    }
}

/// The parameter `sudo` of the query. An encoded name is the same name.
fn sudo_parameter(parts: &Parts) -> Option<String> {
    let query = parts.uri.query().filter(|query| query.contains("sudo") || query.contains('%'))?;
    let mut fields = Map::new();
    form::merge(&mut fields, query.as_bytes());
    caller::sudo_among(&fields)
}

/// The parameters of the query.
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut fields = Map::new();
        form::merge(&mut fields, parts.uri.query().unwrap_or_default().as_bytes());
        read(&Value::Object(fields)).map(Self)
    }
}

/// The page that is asked for.
pub(crate) struct Paged(pub(crate) Page);

impl<S: Send + Sync> FromRequestParts<S> for Paged {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(page) = Query::<PageQuery>::from_request_parts(parts, state).await?;
        Ok(Self(page_of(page)))
    }
}

/// The page with its numbers brought into their range.
pub(crate) fn page_of(query: PageQuery) -> Page {
    let in_range = |number: i64| u32::try_from(number.max(1)).unwrap_or(u32::MAX);
    let per_page = query.per_page.map_or(Page::PER_PAGE_DEFAULT, in_range);
    Page::new(query.page.map_or(1, in_range), per_page)
}

/// A JSON body, whatever its content type says; an empty one is an empty object.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = body::read(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| match error {
            body::BodyError::TooLarge => Problem::too_large(BODY_BYTES_MAX),
            body::BodyError::Broken => broken(),
        })?;
        let bytes = if bytes.is_empty() { b"{}" } else { bytes.as_ref() };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| Problem::malformed(&error))?;
        if !value.is_object() {
            return Err(Problem::invalid("body", "must be a JSON object"));
        }
        read(&value).map(Self)
    }
}

/// A form's fields.
pub(crate) struct FormBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = body::read(request.into_body(), BODY_BYTES_MAX).await.map_err(|error| match error {
            body::BodyError::TooLarge => Problem::too_large(BODY_BYTES_MAX),
            body::BodyError::Broken => broken(),
        })?;
        let mut fields = Map::new();
        form::merge(&mut fields, &bytes);
        read(&Value::Object(fields)).map(Self)
    }
}

/// A body that broke off.
pub(crate) fn broken() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "broken_body", "The request's body broke off before its end.")
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (path, text) = (error.path().to_string(), super::unquoted(&error.inner().to_string()));
        if let Some(name) = text.strip_prefix("missing field `").and_then(|name| name.strip_suffix('`')) {
            return Problem::invalid(name, "is missing");
        }
        match path.as_str() {
            "." | "?" => Problem::invalid("body", &format!("is wrong: {text}")),
            field => Problem::invalid(field, &format!("is wrong: {text}")),
        }
    })
}
