use super::v1::page_of;
use super::{body, caller, form, multipart};
use crate::errors::V4Error;
use crate::limits::BODY_BYTES_MAX;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wigwag_access::Principal;
use wigwag_base::Page;
use wigwag_engine::Engine;
use wigwag_wire::server::PageQuery;

/// A call under `/api/v4`: who asks, and the parameters of query and body together (the body's win).
pub(crate) struct V4<T> {
    /// Who asks.
    pub(crate) caller: Principal,
    /// The parameters.
    pub(crate) input: T,
    /// The page that is asked for.
    pub(crate) page: Page,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for V4<T>
where
    Engine: FromRef<S>,
{
    type Rejection = V4Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, V4Error> {
        let engine = Engine::from_ref(state);
        let (parts, content) = request.into_parts();
        let mut fields = Map::new();
        form::merge(&mut fields, parts.uri.query().unwrap_or_default().as_bytes());
        let query_sudo = caller::sudo_among(&fields);
        let mut principal = caller::caller(&engine, &parts.headers, query_sudo.as_deref()).await?;
        merge_body(&mut fields, &parts.headers, content).await?;
        if let (Some(who), None) = (caller::sudo_among(&fields), principal.sudo_by) {
            principal = engine.sudo(&principal, who.trim()).await?;
        }
        let page = page_of(read::<PageQuery>(&fields)?);
        Ok(Self { caller: principal, input: read(&fields)?, page })
    }
}

async fn merge_body(
    fields: &mut Map<String, Value>,
    headers: &HeaderMap,
    content: axum::body::Body,
) -> Result<(), V4Error> {
    let media_type = body::media_type(headers);
    let bytes = body::read(content, BODY_BYTES_MAX).await.map_err(|error| match error {
        body::BodyError::TooLarge => {
            let text = format!("413 Payload Too Large: at most {BODY_BYTES_MAX} bytes");
            V4Error::message(StatusCode::PAYLOAD_TOO_LARGE, text)
        }
        body::BodyError::Broken => V4Error::message(StatusCode::BAD_REQUEST, "400 Bad Request"),
    })?;
    match media_type.as_str() {
        _ if bytes.is_empty() => {}
        "application/json" => merge_json(fields, &bytes)?,
        "application/x-www-form-urlencoded" => form::merge(fields, &bytes),
        "multipart/form-data" => {
            let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let merged = multipart::merge(fields, content_type.unwrap_or_default(), bytes).await;
            merged.map_err(|error| {
                let text = format!("The request body is no valid multipart form: {error}");
                V4Error::error(StatusCode::BAD_REQUEST, text)
            })?;
        }
        "" if bytes.first() == Some(&b'{') => merge_json(fields, &bytes)?,
        "" => form::merge(fields, &bytes),
        other => {
            let text = format!("The provided content-type '{other}' is not supported.");
            return Err(V4Error::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
    }
    Ok(())
}

fn merge_json(fields: &mut Map<String, Value>, bytes: &[u8]) -> Result<(), V4Error> {
    let bad = |text: String| V4Error::error(StatusCode::BAD_REQUEST, text);
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(given)) => fields.extend(given),
        Ok(_) => return Err(bad("The request body must be a JSON object".into())),
        Err(error) => return Err(bad(format!("The request body is not valid JSON: {error}"))),
    }
    Ok(())
}

/// The parameters that `T` knows; an error names the one that is wrong.
fn read<T: DeserializeOwned>(fields: &Map<String, Value>) -> Result<T, V4Error> {
    serde_path_to_error::deserialize(fields).map_err(|error| {
        let (path, text) = (error.path().to_string(), super::unquoted(&error.inner().to_string()));
        match path.as_str() {
            "." | "?" => V4Error::error(StatusCode::BAD_REQUEST, text),
            field => V4Error::error(StatusCode::BAD_REQUEST, format!("{field} is invalid: {text}")),
        }
    })
}
