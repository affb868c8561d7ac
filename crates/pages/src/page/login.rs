//! Signing in, by password or one-time link, and out.

use crate::answer::{LOGIN, local, page_with, retry_after, see_other, unavailable, unreferred};
use crate::ask::{session_cookies, signed_in};
use crate::fields::Fields;
use crate::shell::{Nav, Notice, Shell, Tone};
use crate::words::sentence;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use wigwag_base::Secret;
use wigwag_engine::{Engine, EngineError, NewSession};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    shell: Shell,
    next: String,
    login: String,
    /// Why the cookie of a session would not come back, if so.
    unsafe_address: Option<String>,
}

#[derive(Template)]
#[template(path = "login_link.html")]
struct LinkPage {
    shell: Shell,
    /// The address that takes the link; none if there was a try and it failed.
    action: Option<String>,
}

/// Asks for name and password; who is signed in already goes on.
pub(crate) async fn form(
    State(engine): State<Engine>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Fields::read(query.unwrap_or_default().as_bytes());
    let next = local(query.get("next").unwrap_or("/"));
    let limited = |known: &(wigwag_access::Principal, _)| {
        !matches!(known.0.via, wigwag_access::Via::Session(wigwag_access::SessionLimit::Unlimited))
    };
    match signed_in(&engine, &headers).await {
        Ok(Some(known)) if !limited(&known) => see_other(next),
        Ok(_) => {
            let left =
                query.get("left").map(|_| Notice { tone: Tone::Plain, text: "You are signed out.".into() });
            show(&engine, &headers, StatusCode::OK, next, "", left)
        }
        Err(error) => unavailable(&error),
    }
}

/// Takes name and password.
pub(crate) async fn submit(State(engine): State<Engine>, headers: HeaderMap, body: Bytes) -> Response {
    let form = Fields::read(&body);
    let next = local(form.get("next").unwrap_or("/"));
    let login = form.get("login").unwrap_or_default().trim();
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let (status, text) = match engine.sign_in(login, &password).await {
        Ok(session) => return go_on(&engine, &headers, &session, next).await,
        Err(EngineError::Unauthorized) => (
            StatusCode::UNAUTHORIZED,
            "That name and password do not go together. Without a password, ask an admin for a login link."
                .to_owned(),
        ),
        Err(error @ EngineError::TooMany { .. }) => {
            let notice = Notice { tone: Tone::Bad, text: sentence(&error.to_string()) };
            let shown = show(&engine, &headers, StatusCode::TOO_MANY_REQUESTS, next, login, Some(notice));
            return retry_after(shown, &error);
        }
        Err(error) => return unavailable(&error),
    };
    show(&engine, &headers, status, next, login, Some(Notice { tone: Tone::Bad, text }))
}

/// Shows what a one-time link does. It is taken by the button alone, so that a preview of the link does not use it up.
pub(crate) async fn link(Path(secret): Path<String>) -> Response {
    let page = LinkPage { shell: Shell::outside(), action: Some(format!("{LOGIN}/link/{}", plain(&secret))) };
    unreferred(page_with(StatusCode::OK, &page))
}

/// Takes a one-time link.
pub(crate) async fn take_link(
    State(engine): State<Engine>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    match engine.take_login_link(&Secret::new(secret)).await {
        Ok(session) => go_on(&engine, &headers, &session, "/").await,
        Err(EngineError::Unauthorized) => unreferred(page_with(
            StatusCode::UNAUTHORIZED,
            &LinkPage { shell: Shell::outside(), action: None },
        )),
        Err(error) => unavailable(&error),
    }
}

/// Signs out.
pub(crate) async fn leave(State(engine): State<Engine>, headers: HeaderMap) -> Response {
    for cookie in session_cookies(&engine, &headers) {
        if let Err(error) = engine.end_session(&cookie).await {
            return unavailable(&error);
        }
    }
    let answer = see_other(&format!("{LOGIN}?left=1"));
    engine.session_cookies_gone().iter().fold(answer, |answer, gone| with_cookie(answer, gone))
}

/// Ends the sessions that were, and gives the new one.
async fn go_on(engine: &Engine, headers: &HeaderMap, session: &NewSession, next: &str) -> Response {
    for before in session_cookies(engine, headers) {
        if let Err(error) = engine.end_session(&before).await {
            tracing::warn!(%error, "the session before could not be ended");
        }
    }
    with_cookie(see_other(next), &engine.session_cookie(session))
}

fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// What of a secret may stand in an address; a real one holds nothing else.
fn plain(secret: &str) -> String {
    secret.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')).collect()
}

fn show(
    engine: &Engine,
    headers: &HeaderMap,
    status: StatusCode,
    next: &str,
    login: &str,
    notice: Option<Notice>,
) -> Response {
    let page = LoginPage {
        shell: Shell { nav: Nav::None, ..Shell::outside() }.telling(notice),
        next: next.to_owned(),
        login: login.to_owned(),
        unsafe_address: unsafe_address(engine, headers),
    };
    page_with(status, &page)
}

/// A server that expects https gives a cookie that plain http does not carry: signing in would end here again.
fn unsafe_address(engine: &Engine, headers: &HeaderMap) -> Option<String> {
    let external = &engine.settings().external_url;
    let expected = external.strip_prefix("https://")?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    (!expected.eq_ignore_ascii_case(host)).then(|| external.clone())
}
