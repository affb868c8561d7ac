//! What holds for every answer and every change: the headers that keep a browser strict, and the check that a change was
//! asked for by a page of this very server.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Style and script come as files of this server; nothing is inline, nothing is framed, forms go nowhere else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the headers, and refuses changes that another site asks for.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let answer = match is_change(request.method()) && !is_own(request.headers()) {
        true => {
            let text = "This change was not asked for by a page of this server. Go back, reload the page, try again.\n";
            (StatusCode::FORBIDDEN, text).into_response()
        }
        false => next.run(request).await,
    };
    strict(answer)
}

/// Adds the headers alone.
pub(crate) async fn strict_only(request: Request, next: Next) -> Response {
    strict(next.run(request).await)
}

fn strict(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    answer
}

fn is_change(method: &Method) -> bool {
    !method.is_safe()
}

/// Whether a page of this server asked. Browsers say so by `Sec-Fetch-Site`; older ones, and plain http, by `Origin`.
/// Who says neither is no browser with a cookie of ours.
fn is_own(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        // `none`: the person did it without a page, such as by reloading the answer of a form.
        Some(b"same-origin" | b"none") => return true,
        Some(_) => return false,
        None => {}
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else { return false };
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::is_own;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn only_own_pages_change_anything() {
        let check = |sent: &[(&'static str, &'static str)], own| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            assert_eq!(is_own(&sent.iter().map(pair).collect::<HeaderMap>()), own, "{sent:?}");
        };
        let host = ("host", "w.example:8080");
        check(&[host], false);
        check(&[host, ("sec-fetch-site", "same-origin")], true);
        check(&[host, ("sec-fetch-site", "none")], true);
        check(&[host, ("sec-fetch-site", "same-site")], false);
        check(&[host, ("sec-fetch-site", "cross-site"), ("origin", "http://w.example:8080")], false);
        check(&[host, ("origin", "http://w.example:8080")], true);
        check(&[host, ("origin", "https://W.example:8080")], true);
        check(&[host, ("origin", "http://w.example")], false);
        check(&[host, ("origin", "http://evil.example")], false);
        check(&[host, ("origin", "null")], false);
        check(&[host, ("origin", "")], false);
        check(&[("origin", "http://w.example:8080")], false);
    }
}
