//! Answers: a page, another address, or what went wrong in the same look.

use crate::ask::Ask;
use crate::fields::query_string;
use crate::shell::{Nav, Shell};
use crate::words::sentence;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use wigwag_access::Source;
use wigwag_engine::EngineError;
use wigwag_ports::registry::PathKey;

/// What a page's function gives.
pub(crate) type Outcome = Result<Response, EngineError>;

/// The login page of this server.
pub(crate) const LOGIN: &str = "/-/login";

/// A page that is there.
pub(crate) fn page(template: &impl Template) -> Response {
    page_with(StatusCode::OK, template)
}

/// A page with another status than 200.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let text = "This page could not be made. The server's log says why; nothing was changed.\n";
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }
}

/// Leads to another address of this server.
pub(crate) fn see_other(location: &str) -> Response {
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Leads to the login page, which leads back to `next`.
pub(crate) fn to_login(next: &str) -> Response {
    let next = if next == "/" { "" } else { local(next) };
    match query_string(&[("next", next)]) {
        query if query.is_empty() => see_other(LOGIN),
        query => see_other(&format!("{LOGIN}?{query}")),
    }
}

/// An address of this server to go on to; anything else is the overview.
pub(crate) fn local(next: &str) -> &str {
    const BYTES_MAX: usize = 2_048;
    let plain = next.len() <= BYTES_MAX && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if plain && next.starts_with('/') && !next.starts_with("//") && !next.starts_with(LOGIN) {
        next
    } else {
        "/"
    }
}

/// An address with a secret in it is told to nobody.
pub(crate) fn unreferred(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

/// What went wrong.
#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    shell: Shell,
    status: u16,
    title: String,
    text: String,
    advice: String,
    /// Where to go on: words and address.
    ways: Vec<(String, String)>,
}

/// The page for an error of somebody who is signed in.
pub(crate) async fn problem(ask: &Ask, error: &EngineError) -> Response {
    if matches!(error, EngineError::Unauthorized) {
        return to_login(&ask.path);
    }
    if let (Some(source), EngineError::NotFound(_) | EngineError::Forbidden(_)) = (ask.limit(), error) {
        return beyond_limit(ask, source).await;
    }
    let shell = Shell::of(ask, Nav::None);
    answer_with(told(shell, error), error)
}

/// The page for an error of somebody who is not known yet.
pub(crate) fn unavailable(error: &EngineError) -> Response {
    answer_with(told(Shell::outside(), error), error)
}

fn answer_with(problem: Problem, error: &EngineError) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    retry_after(page_with(status, &problem), error)
}

/// The answer to what was asked for too often, or too early, says when to come back.
pub(crate) fn retry_after(mut answer: Response, error: &EngineError) -> Response {
    if let EngineError::TooMany { retry_after } | EngineError::Unavailable { retry_after, .. } = error {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    answer
}

/// The status, what happened, and what to do.
fn told(shell: Shell, error: &EngineError) -> Problem {
    let text = sentence(&error.to_string());
    let (status, title, text, advice) = match error {
        EngineError::Unauthorized => (401, "You are not signed in", text, "Sign in, then try again."),
        EngineError::Forbidden(_) => (403, "You may not do this", text, ""),
        EngineError::NotFound(what) => (
            404,
            "There is nothing here",
            format!("There is no such {what}, or you may not see it."),
            "Check the address, or ask an owner of the project for a role in it.",
        ),
        EngineError::Invalid { .. } => (422, "That cannot be", text, "Go back and change it."),
        EngineError::Conflict(_) => {
            (409, "That clashes with something", text, "Go back, reload, and try again.")
        }
        EngineError::TooLarge(_) => (413, "That is too large", text, ""),
        EngineError::TooMany { .. } => (429, "Too often", text, ""),
        EngineError::Unavailable { .. } => {
            (503, "Not now", text, "Events that were accepted are safe and go out when it is over.")
        }
    };
    Problem {
        shell,
        status,
        title: title.into(),
        text,
        advice: advice.into(),
        ways: vec![("Overview".into(), "/".into())],
    }
}

/// What a session says that a banner's button made, everywhere but on its hook pages.
async fn beyond_limit(ask: &Ask, source: Source) -> Response {
    let path = match source {
        Source::Project(id) => ask
            .engine
            .find_project(PathKey::Id(id))
            .await
            .ok()
            .flatten()
            .map(|placed| placed.project.full_path.clone()),
        Source::Group(id) => {
            let line = ask.engine.find_group(PathKey::Id(id)).await.ok().flatten();
            line.and_then(|line| line.first().map(|group| group.full_path.clone()))
        }
    };
    let mut ways = Vec::new();
    ways.extend(path.as_ref().map(|path| (format!("Hooks of {path}"), format!("/{path}"))));
    ways.push((
        "Sign in for more".to_owned(),
        format!("{LOGIN}?{}", query_string(&[("next", local(&ask.path))])),
    ));
    let named = path.unwrap_or_else(|| "one project".to_owned());
    let problem = Problem {
        shell: Shell::of(ask, Nav::None),
        status: 403,
        title: "This needs a full sign-in".into(),
        text: format!("You came by a banner's button. It opens the hook pages of {named} and nothing else."),
        advice: String::new(),
        ways,
    };
    page_with(StatusCode::FORBIDDEN, &problem)
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_addresses_of_this_server_are_gone_on_to() {
        let check = |next: &str, gone_to: &str| assert_eq!(local(next), gone_to, "{next:?}");
        check("/a/b?c=d#e", "/a/b?c=d#e");
        check("/", "/");
        check("", "/");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("/a\\b", "/");
        check("https://evil.example", "/");
        check("javascript:alert(1)", "/");
        check("/a\r\nSet-Cookie: x=y", "/");
        check("/\t/evil.example", "/");
        check("/-/login", "/");
        check("/-/login?next=/-/login", "/");
        check("/é", "/");
        check(&format!("/{}", "a".repeat(2_048)), "/");
        check(&format!("/{}", "a".repeat(2_047)), &format!("/{}", "a".repeat(2_047)));
    }
}
