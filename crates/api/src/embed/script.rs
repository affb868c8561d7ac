use crate::Api;
use crate::limits::SCRIPT_AGE;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The component, as it is sent.
const SCRIPT: &str = include_str!("../../assets/callout.js");

/// Changes with the file.
static TAG: LazyLock<String> = LazyLock::new(|| {
    // FNV-1a: it must tell two versions apart, not withstand anybody.
    let hash = SCRIPT.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:x}\"")
});

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(script))
}

/// The banner as a web component. It holds nothing secret, so every origin may load it.
#[utoipa::path(get, path = "/embed/callout.js", tag = "embed", security(()),
    responses((status = 200, body = String, content_type = "text/javascript"), (status = 304)))]
async fn script(headers: HeaderMap) -> Response {
    let same = headers.get(IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == TAG.as_bytes());
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { SCRIPT.into_response() };
    let age = format!("public, max-age={}", SCRIPT_AGE.as_secs());
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(CONTENT_TYPE, "text/javascript; charset=utf-8");
    set(CACHE_CONTROL, &age);
    set(ETAG, &TAG);
    set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    response
}
