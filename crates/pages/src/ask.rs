//! Who asks for what: the signed-in user and what came with the request.

use crate::answer::{see_other, to_login};
use crate::fields::Fields;
use crate::limits::FORM_BYTES_MAX;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use wigwag_access::{Principal, SessionLimit, Source, User, UserRole, Via};
use wigwag_base::{Secret, Timestamp};
use wigwag_engine::{Credential, Engine, EngineError};
use wigwag_ports::registry::UserKey;

/// A request of somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Ask {
    /// The use cases.
    pub(crate) engine: Engine,
    /// Who asks.
    pub(crate) principal: Principal,
    /// The same as people read it.
    pub(crate) user: Arc<User>,
    /// When.
    pub(crate) now: Timestamp,
    /// Whether something shall change.
    pub(crate) method: Method,
    /// The address without query.
    pub(crate) path: String,
    /// The query's fields.
    pub(crate) query: Fields,
    /// The form's fields.
    pub(crate) form: Fields,
    /// The session of a banner's button that came along with a full one.
    button: Option<Secret<String>>,
}

impl Ask {
    /// Reads a request.
    ///
    /// # Errors
    /// The answer for who is not signed in, or whose form is too large.
    pub(crate) async fn of(engine: Engine, request: Request) -> Result<Self, Response> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let here = match head.method == Method::GET || head.method == Method::HEAD {
            true => head.uri.path_and_query().map_or(path.clone(), ToString::to_string),
            false => path.clone(),
        };
        let (principal, user) = match signed_in(&engine, &head.headers).await {
            Ok(Some(known)) => known,
            Ok(None) => return Err(to_login(&here)),
            Err(error) => return Err(crate::answer::unavailable(&error)),
        };
        let Ok(body) = axum::body::to_bytes(body, FORM_BYTES_MAX).await else {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, "The form is too large.\n").into_response());
        };
        let query = Fields::read(head.uri.query().unwrap_or_default().as_bytes());
        let now = engine.now();
        let button = session_cookie(engine.session_cookie_names()[1], &head.headers);
        let form = Fields::read(&body);
        Ok(Self { engine, principal, user, now, method: head.method, path, query, form, button })
    }

    /// The same, asked by the user of a banner's button: for what the fully signed-in one, somebody else, may not do.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn by_button(&self) -> Result<Option<Self>, EngineError> {
        let Some(button) = self.button.as_ref().filter(|_| self.limit().is_none()) else { return Ok(None) };
        let Some((principal, user)) = of_session(&self.engine, button.clone()).await? else {
            return Ok(None);
        };
        let is_another = principal.user != self.principal.user;
        Ok(is_another.then(|| Self { principal, user, ..self.clone() }))
    }

    /// The one project or group whose hook pages a banner's button opened, if this session is such a one.
    pub(crate) const fn limit(&self) -> Option<Source> {
        match self.principal.via {
            Via::Session(SessionLimit::HookPages(source)) => Some(source),
            _ => None,
        }
    }

    /// Whether the user administers the server, and this session reaches that far.
    pub(crate) fn is_admin(&self) -> bool {
        self.user.role == UserRole::Admin && self.limit().is_none()
    }
}

/// Who is signed in, if anybody is.
///
/// # Errors
/// The store's, when it had to be asked.
pub(crate) async fn signed_in(
    engine: &Engine,
    headers: &HeaderMap,
) -> Result<Option<(Principal, Arc<User>)>, EngineError> {
    for cookie in session_cookies(engine, headers) {
        if let Some(known) = of_session(engine, cookie).await? {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

async fn of_session(
    engine: &Engine,
    cookie: Secret<String>,
) -> Result<Option<(Principal, Arc<User>)>, EngineError> {
    match engine.authenticate(&Credential::SessionCookie(cookie)).await {
        Ok(principal) => {
            let user = engine.find_user(UserKey::Id(principal.user)).await?;
            Ok(user.map(|user| (principal, user)))
        }
        Err(EngineError::Unauthorized) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The values of the cookies that may hold a session, the fuller one first.
pub(crate) fn session_cookies(engine: &Engine, headers: &HeaderMap) -> Vec<Secret<String>> {
    engine.session_cookie_names().into_iter().filter_map(|name| session_cookie(name, headers)).collect()
}

fn session_cookie(name: &str, headers: &HeaderMap) -> Option<Secret<String>> {
    let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| Secret::new(value.to_owned()))
}

/// Sends a page's change back to a page.
pub(crate) fn done(location: &str) -> Result<Response, EngineError> {
    Ok(see_other(location))
}
