//! Who is looking: a cookie, since the make-believe platform asks nobody for a password.

use crate::demo::harbor::Viewer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use std::convert::Infallible;

const COOKIE: &str = "tidewharf_viewer";

/// The viewer of this request; the maintainer, if nobody was chosen.
pub(crate) struct Looking(pub(crate) Viewer);

impl<S: Sync> FromRequestParts<S> for Looking {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let chosen = pairs.filter(|(name, _)| *name == COOKIE).find_map(|(_, value)| Viewer::find(value));
        Ok(Self(chosen.unwrap_or(Viewer::Maintainer)))
    }
}

/// The cookie that chooses `viewer`.
pub(crate) fn cookie(viewer: Viewer) -> HeaderValue {
    let text = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax", viewer.username());
    HeaderValue::from_str(&text).expect("a username is plain ASCII")
}
