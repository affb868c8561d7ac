use super::viewer::viewer;
use crate::Api;
use crate::errors::{Problem, V1Errors};
use crate::extract::Query;
use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_callouts::Callout;
use wigwag_engine::Engine;
use wigwag_engine::callouts::Viewer;
use wigwag_wire::embed::EmbedQuery;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(fragment))
}

#[derive(Template)]
#[template(path = "callout.html")]
struct Fragment<'a> {
    callouts: &'a [Callout],
    base: &'a str,
    token: &'a str,
}

/// The banner as a piece of HTML, for a server that includes it in its page; empty where nothing shows.
#[utoipa::path(get, path = "/embed/callout", tag = "embed", security(()), params(EmbedQuery),
    responses((status = 200, body = String, content_type = "text/html"), V1Errors))]
async fn fragment(
    State(engine): State<Engine>,
    headers: HeaderMap,
    Query(query): Query<EmbedQuery>,
) -> Result<impl IntoResponse, Problem> {
    let token = query.token.unwrap_or_default();
    let shown = match viewer(&engine, &headers, Some(token.clone())).await? {
        Some((caller, source)) => {
            engine.callouts(&caller, &Viewer::Oneself, source, query.page.as_deref()).await?
        }
        None => Vec::new(),
    };
    let fragment = Fragment { callouts: &shown, base: &engine.settings().external_url, token: &token };
    let html = fragment.render().expect("texts always render into a string");
    Ok(([(CACHE_CONTROL, "no-store")], Html(html)))
}
