use crate::errors;
use axum::extract::{FromRequestParts, OriginalUri, Path};
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

/// What the path names; a segment that cannot be read (not UTF-8, no number) names nothing that exists.
pub(crate) struct At<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(errors::not_found(OriginalUri(parts.uri.clone())).await),
        }
    }
}
