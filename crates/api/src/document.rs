//! The OpenAPI document.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use std::sync::LazyLock;
use utoipa::ToSchema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, SecurityRequirement};
use wigwag_wire::errors::{Problem, V4Error};

/// The document of all routes, in OpenAPI 3.1.
pub fn document() -> OpenApi {
    let mut document = crate::routes().merge(crate::embed::banner_routes()).into_openapi();
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
    let header = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("PRIVATE-TOKEN")));
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.security_schemes.insert("private_token".into(), header.into());
    components.security_schemes.insert("bearer".into(), bearer.into());
    let either = ["private_token", "bearer"].map(|name| SecurityRequirement::new(name, [] as [&str; 0]));
    document.security = Some(either.into());
    document
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
