//! Whoever opens the platform may throw its switches, so nobody else's page may do it for them: the request must name
//! this server as its host, and what changes something must come from its own pages.

use anyhow::{Context, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;

/// By what this server is known.
pub(crate) struct Guard {
    hosts: [String; 2],
    policy: HeaderValue,
}

impl Guard {
    /// The names under which `address` may be asked, and the pages' policy: themselves, and Wigwag for the banner.
    pub(crate) fn new(address: SocketAddr, wigwag: &str) -> Result<Self> {
        let policy = format!(
            "default-src 'none'; script-src 'self' {wigwag}; connect-src 'self' {wigwag}; style-src 'self'; \
             img-src 'self'; form-action 'self' {wigwag}; base-uri 'none'; frame-ancestors 'none'"
        );
        let policy =
            HeaderValue::from_str(&policy).context("the address of Wigwag cannot stand in a header")?;
        Ok(Self { hosts: [address.to_string(), format!("localhost:{}", address.port())], policy })
    }

    fn admits(&self, method: &Method, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let known = |host: &str| self.hosts.iter().any(|known| known == host);
        let named = text(header::HOST).is_some_and(known);
        let own = match text(header::ORIGIN) {
            Some(origin) => origin.strip_prefix("http://").is_some_and(known),
            None => text(header::HeaderName::from_static("sec-fetch-site"))
                .is_none_or(|site| site == "same-origin"),
        };
        named && (matches!(*method, Method::GET | Method::HEAD) || own)
    }
}

/// Turns others away, and gives every page its policy.
pub(crate) async fn guard(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if !guard.admits(request.method(), request.headers()) {
        let text = format!("The demo answers its own pages only; open http://{}\n", guard.hosts[0]);
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, guard.policy.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Guard;
    use axum::http::{HeaderMap, HeaderName, Method};

    #[test]
    fn only_its_own_pages_change_something() {
        let guard = Guard::new("127.0.0.1:8081".parse().unwrap(), "http://127.0.0.1:8080").unwrap();
        let check = |method: Method, headers: &[(&'static str, &str)], admitted: bool| {
            let named = |(name, value): &(&'static str, &str)| {
                (HeaderName::from_static(name), value.parse().unwrap())
            };
            let map: HeaderMap = headers.iter().map(named).collect();
            assert_eq!(guard.admits(&method, &map), admitted, "{method} {headers:?}");
        };
        let host = ("host", "127.0.0.1:8081");
        check(Method::GET, &[host], true);
        check(Method::GET, &[("host", "localhost:8081")], true);
        check(Method::GET, &[("host", "rebound.example:8081")], false);
        check(Method::GET, &[], false);
        check(Method::POST, &[host], true);
        check(Method::POST, &[host, ("origin", "http://127.0.0.1:8081")], true);
        check(Method::POST, &[host, ("origin", "http://127.0.0.1:8080")], false);
        check(Method::POST, &[host, ("origin", "null")], false);
        check(Method::POST, &[host, ("sec-fetch-site", "cross-site")], false);
        check(Method::POST, &[host, ("sec-fetch-site", "same-origin")], true);
    }
}
