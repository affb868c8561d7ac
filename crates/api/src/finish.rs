//! What holds for every request, the pages' too: an id, a span, tidy paths, and a panic that ends one request alone.

use crate::errors;
use crate::limits::REQUEST_ID_CHARACTERS_MAX;
use axum::Router;
use axum::extract::Request;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::Response;
use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tower::{Service, ServiceExt};
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The whole service around all routes. To be called once, last.
pub fn finish(routes: Router) -> Router {
    Router::new().fallback_service(Finish { routes })
}

/// One service for all of it: every further one would move each request once more.
#[derive(Clone)]
struct Finish {
    routes: Router,
}

impl Service<Request> for Finish {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let routes = self.routes.clone();
        Box::pin(async move { Ok(identify(routes, tidy_path(request)).await) })
    }
}

/// Clients of GitLab's API send repeated and trailing slashes there.
fn tidy_path(mut request: Request) -> Request {
    let path = request.uri().path();
    let theirs = path.starts_with("/api/v4/") || path.starts_with("/environments/");
    if !theirs || !(path.contains("//") || path.ends_with('/')) {
        return request;
    }
    let mut tidy = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        tidy.push('/');
        tidy.push_str(part);
    }
    if let Some(query) = request.uri().query() {
        tidy.push('?');
        tidy.push_str(query);
    }
    if let Ok(uri) = tidy.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// Gives each request an id (the caller's own, if it is harmless) and logs what becomes of it under that id.
async fn identify(routes: Router, request: Request) -> Response {
    let id =
        request.headers().get(&REQUEST_ID).filter(|id| is_harmless(id)).cloned().unwrap_or_else(fresh_id);
    let span =
        tracing::info_span!("request", id = ?id, method = %request.method(), path = request.uri().path());
    let mut response = answered(routes, request).instrument(span.clone()).await;
    tracing::debug!(parent: &span, status = response.status().as_u16(), "answered");
    response.headers_mut().insert(REQUEST_ID, id);
    // What strangers wrote is in many answers, and none of it is a page.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What the routes answer; a panic there is an answer too.
async fn answered(routes: Router, request: Request) -> Response {
    let mut answering = std::pin::pin!(routes.oneshot(request));
    std::future::poll_fn(|context| {
        // After a panic it is dropped and not asked again.
        match catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context))) {
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(response),
            Ok(Poll::Ready(Err(never))) => match never {},
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(panicked(&*panic)),
        }
    })
    .await
}

fn is_harmless(id: &HeaderValue) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=REQUEST_ID_CHARACTERS_MAX).contains(&id.len()) && id.as_bytes().iter().all(plain)
}

/// Rising numbers under a start of their own: enough to find one request in one log.
fn fresh_id() -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    HeaderValue::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
    tracing::error!(panic = text, "a request panicked");
    errors::internal()
}

#[cfg(test)]
mod tests {
    use super::tidy_path;
    use axum::body::Body;
    use axum::extract::Request;

    #[test]
    fn repeated_and_trailing_slashes_go_where_gitlabs_clients_send_them() {
        let check = |sent: &str, routed: &str| {
            let request = Request::builder().uri(sent).body(Body::empty()).unwrap();
            assert_eq!(tidy_path(request).uri().to_string(), routed);
        };
        check("/api/v4/features//name?a=b//", "/api/v4/features/name?a=b//");
        check("/api/v4/features/name/", "/api/v4/features/name");
        check("/environments/dev/api/v4//features/", "/environments/dev/api/v4/features");
        check("/api/v4/projects/a%2Fb/", "/api/v4/projects/a%2Fb");
        check("/v1/audit/", "/v1/audit/");
        check("/projects//x", "/projects//x");
    }
}
