//! The OpenAPI document.

use crate::errors::{V1Errors, V4Errors};
use crate::ofrep::OfrepErrors;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, InfoBuilder, OpenApi, PathItem, Ref, RefOr, Response, SecurityRequirement,
};
use utoipa::{IntoResponses, ToSchema};
use wigwag_wire::errors::{Problem, V4Error};
use wigwag_wire::ofrep::EvaluationFailure;

/// The document of all routes, in OpenAPI 3.1.
pub fn document() -> OpenApi {
    let mut document =
        crate::routes().merge(crate::embed::banner_routes()).merge(crate::ofrep::routes()).into_openapi();
    document.info = InfoBuilder::new()
        .title("Wigwag")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Delivers a platform's web-hooks, tells the right people when one fails, and rolls features out behind \
             flags. Under /api/v4 shapes and errors are GitLab's; under /v1 errors are RFC 9457 problem documents.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    // What only error answers name is not found through the routes.
    add::<V4Error>(components);
    add::<Problem>(components);
    add::<EvaluationFailure<'_>>(components);
    let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("PRIVATE-TOKEN")));
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.security_schemes.insert("private_token".into(), header.into());
    components.security_schemes.insert("bearer".into(), bearer.into());
    let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
    components.security_schemes.insert("api_key".into(), key.into());
    let either = ["private_token", "bearer"].map(|name| SecurityRequirement::new(name, [] as [&str; 0]));
    document.security = Some(either.into());
    name_operations(&mut document);
    name_shared_answers(&mut document);
    document
}

/// Ids are made of method and path: unique, and the same as long as the route is.
fn name_operations(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let words: Vec<&str> =
            path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("{method}_{}", words.join("_")));
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, .. } = item;
    let all = [("get", get), ("put", put), ("post", post), ("delete", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The errors of a family stand once in the document and are referred to by every route.
fn name_shared_answers(document: &mut OpenApi) {
    let families =
        [("V4", V4Errors::responses()), ("V1", V1Errors::responses()), ("Ofrep", OfrepErrors::responses())];
    let shared: Vec<(String, String, RefOr<Response>)> = families
        .into_iter()
        .flat_map(|(family, answers)| {
            answers.into_iter().map(move |(status, answer)| (format!("{family}{status}"), status, answer))
        })
        .collect();
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            for (status, answer) in &mut operation.responses.responses {
                let same = |(_, of, one): &&(String, String, RefOr<Response>)| of == status && one == answer;
                if let Some((name, ..)) = shared.iter().find(same) {
                    *answer = RefOr::Ref(Ref::from_response_name(name));
                }
            }
        }
    }
    let components = document.components.get_or_insert_default();
    components.responses.extend(shared.into_iter().map(|(name, _, answer)| (name, answer)));
}

fn add<T: ToSchema>(components: &mut Components) {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

/// The document as it is served and kept as a snapshot.
static TEXT: LazyLock<String> =
    LazyLock::new(|| document().to_pretty_json().expect("the document holds texts and numbers only"));

pub(crate) async fn answer() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], TEXT.as_str())
}
