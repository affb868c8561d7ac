use super::events::advertised;
use super::failure::{Failure, OfrepErrors};
use super::single::evaluation;
use super::{request, tag};
use crate::Api;
use crate::extract::{At, environment};
use crate::feed::Feeds;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wigwag_access::Principal;
use wigwag_engine::Engine;
use wigwag_wire::ofrep::{BulkEvaluation, BulkMetadata, EvaluationInput, RefetchQuery};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(evaluate)).routes(routes!(evaluate_in))
}

/// Evaluates every flag for `targetingKey` and `actors` together. `If-None-Match` with the tag of an answer before is
/// answered 304 while neither the flags nor the context changed.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", tag = "ofrep", params(RefetchQuery),
    security(("bearer" = []), ("api_key" = []), ("private_token" = [])), request_body = EvaluationInput<'static>,
    responses((status = 200, body = BulkEvaluation<'static>), (status = 304), OfrepErrors))]
async fn evaluate(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    request: Request,
) -> Result<Response, Failure> {
    answer(&engine, &feeds, None, request).await
}

/// Evaluates every flag in an environment.
#[utoipa::path(post, path = "/environments/{environment}/ofrep/v1/evaluate/flags", tag = "ofrep",
    params(("environment" = String, Path), RefetchQuery),
    security(("bearer" = []), ("api_key" = []), ("private_token" = [])), request_body = EvaluationInput<'static>,
    responses((status = 200, body = BulkEvaluation<'static>), (status = 304), OfrepErrors))]
async fn evaluate_in(
    State(engine): State<Engine>,
    State(feeds): State<Arc<Feeds>>,
    At(environment): At<String>,
    request: Request,
) -> Result<Response, Failure> {
    answer(&engine, &feeds, Some(&environment), request).await
}

async fn answer(
    engine: &Engine,
    feeds: &Feeds,
    given: Option<&str>,
    asked: Request,
) -> Result<Response, Failure> {
    let (parts, body) = asked.into_parts();
    let caller = request::caller(engine, &parts.headers).await?;
    let environment = environment(engine, &caller, given)?;
    let body = request::body(body).await?;
    let input = request::read(&body)?;
    let actors = request::actors(&input)?;
    let number = engine.flag_snapshot(&caller, &environment)?.version();
    let ticket = engine.stream_ticket(&caller, &environment);
    let tag_of = |number| tag::tag(&environment, number, &actors, ticket.as_deref());
    let current = tag_of(number);
    let seen = parts.headers.get(IF_NONE_MATCH).and_then(|sent| sent.to_str().ok());
    if seen.is_some_and(|seen| tag::names(seen, &current)) && !is_ahead(&parts.uri, &feeds.version(number)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, header(&current))]).into_response());
    }
    let mut text = b"{\"flags\":[".to_vec();
    let number = write_flags(&mut text, engine, &caller, &environment, &actors)?;
    text.extend_from_slice(b"],\"eventStreams\":");
    write(&mut text, &advertised(ticket.as_deref()));
    text.extend_from_slice(b",\"metadata\":");
    let version = feeds.version(number);
    write(&mut text, &BulkMetadata { environment: environment.clone(), version });
    text.push(b'}');
    let tag = tag_of(number);
    let kind = HeaderValue::from_static("application/json");
    Ok(([(CONTENT_TYPE, kind), (ETAG, header(&tag))], text).into_response())
}

/// Whether the client was told of another version than this node has: then what it has is old, whatever its tag says.
fn is_ahead(uri: &Uri, version: &str) -> bool {
    let told = request::parameter(uri, "flagConfigEtag");
    told.is_some_and(|told| told.trim_matches('"') != version)
}

/// Writes what each flag decides, and gives the version of the flags that decided.
fn write_flags(
    text: &mut Vec<u8>,
    engine: &Engine,
    caller: &Principal,
    environment: &str,
    actors: &[&str],
) -> Result<u64, Failure> {
    let mut separator: &[u8] = b"";
    let number = engine.evaluate_flags(caller, environment, actors, |name, decision| {
        text.extend_from_slice(separator);
        write(text, &evaluation(name.as_str(), decision));
        separator = b",";
    })?;
    Ok(number)
}

fn write(text: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(text, value).expect("these types hold texts, numbers and lists only");
}

fn header(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).expect("a tag is made of hexadecimal digits")
}
