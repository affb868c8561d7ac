use super::API_KEY;
use super::failure::Failure;
use crate::extract::{BodyError, private_token, read_body};
use crate::limits::{ACTORS_PER_EVALUATION_MAX, CONTEXT_BYTES_MAX};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Uri};
use serde_json::error::Category;
use wigwag_access::Principal;
use wigwag_base::Secret;
use wigwag_engine::{Credential, Engine, EngineError};
use wigwag_wire::ofrep::EvaluationInput;

/// Who asks: by `PRIVATE-TOKEN`, `Authorization: Bearer` or `X-API-Key`.
pub(super) async fn caller(engine: &Engine, headers: &HeaderMap) -> Result<Principal, EngineError> {
    let key = || Some(Secret::new(headers.get(API_KEY)?.to_str().ok()?.trim().to_owned()));
    let token = private_token(headers).or_else(key).ok_or(EngineError::Unauthorized)?;
    engine.authenticate(&Credential::PrivateToken(token)).await
}

/// A parameter of the query.
pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query()?.as_bytes();
    let found = url::form_urlencoded::parse(query).find(|(parameter, _)| parameter == name);
    found.map(|(_, value)| value.into_owned())
}

/// The body of a request; a larger one than a context may be is not read.
pub(super) async fn body(body: Body) -> Result<Bytes, Failure> {
    read_body(body, CONTEXT_BYTES_MAX).await.map_err(|error| match error {
        BodyError::TooLarge => Failure::too_large(),
        BodyError::Broken => Failure::parse("The request's body broke off before its end."),
    })
}

/// What a request asks about; an empty body asks about nobody.
pub(super) fn read(body: &[u8]) -> Result<EvaluationInput<'_>, Failure> {
    match body.trim_ascii_start().first() {
        None => return Ok(EvaluationInput::default()),
        Some(b'[') => return Err(Failure::invalid_context("The request's body must be a JSON object.")),
        Some(_) => {}
    }
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => Failure::invalid_context(format!("The evaluation context is wrong: {error}.")),
        Category::Io | Category::Syntax | Category::Eof => {
            Failure::parse(format!("The request's body is not valid JSON: {error}."))
        }
    })
}

/// The actors of a context, each once: `targetingKey` and `actors` together.
pub(super) fn actors<'a>(input: &'a EvaluationInput<'_>) -> Result<Vec<&'a str>, Failure> {
    let Some(context) = &input.context else { return Ok(Vec::new()) };
    let listed = context.actors.as_deref().unwrap_or_default();
    let mut actors: Vec<&str> = Vec::with_capacity(listed.len() + 1);
    for actor in context.targeting_key.iter().chain(listed) {
        let actor = &*actor.0;
        if !actor.is_empty() && !actors.contains(&actor) {
            if actors.len() == ACTORS_PER_EVALUATION_MAX {
                let details =
                    format!("The evaluation context names more than {ACTORS_PER_EVALUATION_MAX} actors.");
                return Err(Failure::invalid_context(details));
            }
            actors.push(actor);
        }
    }
    Ok(actors)
}

#[cfg(test)]
mod tests {
    use super::{actors, read};
    use crate::limits::ACTORS_PER_EVALUATION_MAX;

    fn asked(body: &str) -> Result<Vec<String>, String> {
        let input = read(body.as_bytes()).map_err(|failure| format!("{failure:?}"))?;
        let actors = actors(&input).map_err(|failure| format!("{failure:?}"))?;
        Ok(actors.into_iter().map(str::to_owned).collect())
    }

    #[test]
    fn the_targeting_key_and_the_actors_are_asked_about_together() {
        let check = |body: &str, is: &[&str]| assert_eq!(asked(body).unwrap(), is, "{body}");
        check("", &[]);
        check("{}", &[]);
        check(r#"{"context":null}"#, &[]);
        check(r#"{"context":{"targetingKey":"User:5","plan":{"a":[1]}}}"#, &["User:5"]);
        check(
            r#"{"context":{"actors":["Project:1","User:5"],"targetingKey":"User:5"}}"#,
            &["User:5", "Project:1"],
        );
        check(r#"{"context":{"targetingKey":"","actors":[""]}}"#, &[]);
        check(r#"{"context":{"targetingKey":"gr\u00f6\u00dfe\n"}}"#, &["größe\n"]);
    }

    #[test]
    fn what_is_no_context_is_refused() {
        let check = |body: &str, code: &str| {
            let told = asked(body).unwrap_err();
            assert!(told.contains(code), "{body}: {told}");
        };
        check("{", "PARSE_ERROR");
        check("no", "PARSE_ERROR");
        check(&format!("{{\"context\":{{\"a\":{}1", "[".repeat(200)), "PARSE_ERROR");
        check("[]", "INVALID_CONTEXT");
        check(r#"{"context":"x"}"#, "INVALID_CONTEXT");
        check(r#"{"context":["User:5"]}"#, "INVALID_CONTEXT");
        check(r#"{"context":{"targetingKey":5}}"#, "INVALID_CONTEXT");
        check(r#"{"context":{"actors":"User:5"}}"#, "INVALID_CONTEXT");
        check(r#"{"context":{"actors":[5]}}"#, "INVALID_CONTEXT");
    }

    #[test]
    fn the_number_of_actors_is_bounded() {
        let of = |count: usize| {
            let ids: Vec<String> = (0..count).map(|id| format!("\"U:{id}\"")).collect();
            format!("{{\"context\":{{\"actors\":[{}]}}}}", ids.join(","))
        };
        assert_eq!(asked(&of(ACTORS_PER_EVALUATION_MAX)).unwrap().len(), ACTORS_PER_EVALUATION_MAX);
        assert!(asked(&of(ACTORS_PER_EVALUATION_MAX + 1)).unwrap_err().contains("INVALID_CONTEXT"));
    }
}
