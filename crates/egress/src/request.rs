//! An [`Outgoing`] as a request of hyper.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Uri};
use wigwag_ports::egress::{EgressError, Method, Outgoing};

/// The request, with `Host` first and the user's own headers last.
pub(crate) fn build(outgoing: &Outgoing) -> Result<Request<Full<Bytes>>, EgressError> {
    let target = &*outgoing.target;
    let path = PathAndQuery::try_from(target.path_and_query.as_str())
        .map_err(|_| EgressError::BadUrl("the URL's path or query cannot be sent".to_owned()))?;
    let mut request = Request::new(Full::new(outgoing.body.clone()));
    *request.method_mut() = match outgoing.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Delete => hyper::Method::DELETE,
    };
    *request.uri_mut() = Uri::from(path);
    *request.headers_mut() = headers(outgoing)?;
    Ok(request)
}

fn headers(outgoing: &Outgoing) -> Result<HeaderMap, EgressError> {
    let target = &*outgoing.target;
    let mut map = HeaderMap::with_capacity(3 + outgoing.headers.len() + outgoing.custom_headers.len());
    map.insert(HOST, value("host", &target.authority)?);
    for (name, text) in &outgoing.headers {
        map.append(header_name(name)?, value(name, text)?);
    }
    if outgoing.method == Method::Post {
        map.insert(CONTENT_LENGTH, HeaderValue::from(outgoing.body.len()));
    }
    if let Some(credentials) = &target.basic_auth
        && !outgoing.custom_headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
    {
        map.insert(AUTHORIZATION, value("authorization", credentials.expose())?);
    }
    for (name, text) in &outgoing.custom_headers {
        let taken = outgoing.headers.iter().any(|(ours, _)| is_same(ours, name));
        if taken || is_reserved(name) {
            return Err(EgressError::BadHeader(shown(name)));
        }
        map.append(header_name(name)?, value(name, text)?);
    }
    Ok(map)
}

/// Names that say how a message is framed, routed or encoded: a user's own value there could smuggle a second request.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 8] =
        ["host", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect"];
    const PREFIXES: [&str; 2] = ["content-", "proxy-"];
    NAMES.iter().any(|reserved| is_same(name, reserved))
        || PREFIXES.iter().any(|prefix| name.get(..prefix.len()).is_some_and(|start| is_same(start, prefix)))
}

/// Whether two names are one. `_` counts as `-`, as it does for receivers that read headers as variables (CGI, WSGI).
fn is_same(name: &str, other: &str) -> bool {
    let plain = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    name.len() == other.len() && name.bytes().map(plain).eq(other.bytes().map(plain))
}

fn header_name(name: &str) -> Result<HeaderName, EgressError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| EgressError::BadHeader(shown(name)))
}

fn value(name: &str, text: &str) -> Result<HeaderValue, EgressError> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| EgressError::BadHeader(shown(name)))
}

/// The name in a form that is safe in a log: a line break in it is why we are here.
fn shown(name: &str) -> String {
    name.escape_default().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::time::Duration;
    use wigwag_ports::egress::{CertificateCheck, Keep};

    fn check(custom: &[(&str, &str)], expected: &str) {
        let outgoing = Outgoing {
            method: Method::Post,
            target: Arc::new(crate::target::parse("https://u:p@example.com:8443/h?x=1").unwrap()),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-gitlab-event", "Push Hook".to_owned()),
            ],
            custom_headers: custom
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
            body: Bytes::from_static(b"{}"),
            keep: Keep::Beginning,
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: Duration::from_secs(1),
        };
        let shown = match build(&outgoing) {
            Ok(request) => request
                .headers()
                .iter()
                .map(|(name, value)| format!("{name}={}", String::from_utf8_lossy(value.as_bytes())))
                .collect::<Vec<_>>()
                .join(" "),
            Err(error) => error.to_string().split(": its").next().unwrap().to_owned(),
        };
        assert_eq!(shown, expected, "{custom:?}");
    }

    const OURS: &str =
        "host=example.com:8443 content-type=application/json x-gitlab-event=Push Hook content-length=2";

    #[test]
    fn custom_headers_come_last() {
        check(&[], &format!("{OURS} authorization=Basic dTpw"));
        check(&[("X-One", "1"), ("x-one", "ü")], &format!("{OURS} authorization=Basic dTpw x-one=1 x-one=ü"));
        check(&[("Authorization", "Bearer x")], &format!("{OURS} authorization=Bearer x"));
    }

    #[test]
    fn a_custom_header_cannot_replace_or_smuggle() {
        for name in [
            "Host",
            "Content-Type",
            "CONTENT-LENGTH",
            "content-encoding",
            "Transfer-Encoding",
            "Connection",
            "Keep-Alive",
            "Upgrade",
            "TE",
            "Trailer",
            "Expect",
            "Proxy-Authorization",
            "X-GitLab-Event",
            "X_Gitlab_Event",
            "Content_Length",
            "TRANSFER_ENCODING",
            "proxy_authorization",
            "",
            "a b",
            "a:b",
            "é",
        ] {
            check(&[(name, "x")], &format!("header {} cannot be sent", shown(name)));
        }
        check(&[("a\r\nb", "x")], "header a\\r\\nb cannot be sent");
        for text in ["a\r\nHost: evil", "a\nb", "a\rb", "a\0b"] {
            check(&[("x-one", text)], "header x-one cannot be sent");
        }
    }
}
