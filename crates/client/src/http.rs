//! The two requests: the stream, and the report of exposures. Both go to the one server that the operator named.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::timeout;
use wigwag_base::Secret;

use crate::limits::{
    ANSWER_TIME_MAX, CONNECT_TIME_MAX, REFUSAL_BYTES_MAX, REFUSAL_CHARACTERS_MAX, RETRY_AFTER_MAX,
};
use crate::tls;
use crate::trouble::Trouble;

/// Where the server is and who we are.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Without a slash at its end.
    pub(crate) url: String,
    pub(crate) token: Option<Secret<String>>,
    /// Certificates of authorities to trust besides, or instead of, the machine's: PEM.
    pub(crate) authorities: Option<Vec<u8>>,
    pub(crate) environment: Option<String>,
}

/// Speaks to one server.
pub(crate) struct Http {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    stream: Uri,
    exposures: Uri,
    authorization: Option<HeaderValue>,
}

impl Http {
    /// # Errors
    /// What of `server` cannot work, in words for whoever configured it.
    pub(crate) fn new(server: &Server) -> Result<Self, String> {
        let uri = |path: &str| -> Result<Uri, String> {
            let url = server.url.trim_end_matches('/');
            let uri: Uri = format!("{url}{path}").parse().map_err(|error| {
                format!("the URL `{url}` is not of the form https://wigwag.example.com: {error}")
            })?;
            match (uri.scheme_str(), uri.host()) {
                (Some("http" | "https"), Some(_)) if !url.contains(['?', '#', '@']) => Ok(uri),
                _ => Err(format!("the URL `{url}` is not of the form https://wigwag.example.com")),
            }
        };
        let query = server.environment.as_deref().map_or_else(String::new, |environment| {
            format!("?environment={}", utf8_percent_encode(environment, NON_ALPHANUMERIC))
        });
        let authorization = |token: &Secret<String>| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
                .map_err(|_| "the token holds what no header may, such as a line's end".to_owned())?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        };
        let stream = uri(&format!("/v1/flags/stream{query}"))?;
        let exposures = uri("/v1/flags/exposures")?;
        let authorization = server.token.as_ref().map(authorization).transpose()?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIME_MAX));
        let tls = match stream.scheme_str() {
            Some("https") => tls::config(server.authorities.as_deref())?,
            _ => tls::trusting_nobody()?,
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(1)
            .build(connector);
        Ok(Self { client, stream, exposures, authorization })
    }

    /// Opens the stream, from `last` on if the server still can.
    pub(crate) async fn stream(&self, last: Option<&str>) -> Result<Incoming, Trouble> {
        let mut request = self.request(Method::GET, &self.stream, Full::default());
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static(EVENT_STREAM));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // A version that no header may hold cannot be resumed from; a whole snapshot comes then.
        if let Some(last) = last.and_then(|last| HeaderValue::from_str(last).ok()) {
            headers.insert("last-event-id", last);
        }
        let answer = self.send(request).await?;
        let kind = answer.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        match essence.eq_ignore_ascii_case(EVENT_STREAM) {
            true => Ok(answer.into_body()),
            false => Err(Trouble::NoStream(short(kind))),
        }
    }

    /// Sends one report.
    pub(crate) async fn report(&self, json: Vec<u8>) -> Result<(), Trouble> {
        let mut request = self.request(Method::POST, &self.exposures, Full::new(json.into()));
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self.send(request).await?;
        // Read to its end, so that the connection can serve the next report.
        let _ = read_start(answer.into_body()).await;
        Ok(())
    }

    fn request(&self, method: Method, uri: &Uri, body: Full<Bytes>) -> Request<Full<Bytes>> {
        let mut request = Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (method, uri.clone());
        let agent = HeaderValue::from_static(concat!("wigwag-client/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(header::USER_AGENT, agent);
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization.clone());
        }
        request
    }

    /// The answer, if it is a success; what the server says, if it is none.
    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Trouble> {
        let answer = match timeout(ANSWER_TIME_MAX, self.client.request(request)).await {
            Err(_) => return Err(Trouble::AnswerTimeout),
            Ok(Err(error)) => return Err(unreachable(&error)),
            Ok(Ok(answer)) => answer,
        };
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let retry_after = retry_after(answer.headers());
        let moved = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(short);
        let body = timeout(ANSWER_TIME_MAX, read_start(answer.into_body())).await.unwrap_or_default();
        let says = match (status, moved) {
            (status, Some(to)) if status.is_redirection() => {
                Some(format!("moved to `{to}`; set that as the URL"))
            }
            (StatusCode::UNAUTHORIZED, _) => Some(advice(&body, "is the token right, and still valid?")),
            (StatusCode::FORBIDDEN, _) => {
                Some(advice(&body, "the token needs the scope flags:read, and access to the environment"))
            }
            (StatusCode::NOT_FOUND, _) => Some(advice(&body, "are the URL and the environment right?")),
            _ => said(&body),
        };
        Err(Trouble::Refused { status: status.as_u16(), says, retry_after })
    }
}

const EVENT_STREAM: &str = "text/event-stream";

/// What the innermost causes say; the outer ones only say that it was a request.
fn unreachable(error: &legacy::Error) -> Trouble {
    let causes = std::iter::successors(error.source(), |cause: &&(dyn Error + 'static)| (*cause).source());
    let mut says: Vec<String> = causes.map(ToString::to_string).collect();
    if says.iter().any(|says| says.contains("deadline has elapsed") || says.contains("timed out")) {
        return Trouble::ConnectTimeout;
    }
    says.dedup();
    if says.is_empty() {
        says.push(error.to_string());
    }
    Trouble::Unreachable(short(&says.join(": ")))
}

/// Whole seconds; a date is not heeded.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// The first bytes of a body; what cannot be read is left out.
async fn read_start(mut body: Incoming) -> Vec<u8> {
    let mut start = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let data = frame.data_ref().map_or(&[][..], |data| data);
        start.extend_from_slice(&data[..data.len().min(REFUSAL_BYTES_MAX - start.len())]);
        if start.len() == REFUSAL_BYTES_MAX {
            break;
        }
    }
    start
}

/// What a refusal's body says: a problem's `detail`, GitLab's `message`, or short plain text.
fn said(body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => ["detail", "message", "error"].iter().find_map(|key| json.get(key)?.as_str().map(short)),
        Err(_) => std::str::from_utf8(body).ok().filter(|text| !text.contains('<')).map(short),
    };
    text.filter(|text| !text.is_empty())
}

fn advice(body: &[u8], advice: &str) -> String {
    said(body).map_or_else(|| advice.to_owned(), |said| format!("{said} ({advice})"))
}

/// A server's text for a log line: one line, not long.
fn short(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(REFUSAL_CHARACTERS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wish_to_wait_is_heeded_up_to_a_bound() {
        let wish = |text: &'static str| {
            let headers = [(header::RETRY_AFTER, HeaderValue::from_static(text))].into_iter().collect();
            retry_after(&headers).map(|wish| wish.as_secs())
        };
        assert_eq!((wish("7"), wish(" 300 "), wish("301")), (Some(7), Some(300), Some(300)));
        assert_eq!((wish("99999999999999"), wish("soon"), wish("-1")), (Some(300), None, None));
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn what_a_refusal_says_is_told_in_one_short_line() {
        let check =
            |body: &str, tells: Option<&str>| assert_eq!(said(body.as_bytes()).as_deref(), tells, "{body}");
        check(r#"{"title": "x", "detail": "no such environment"}"#, Some("no such environment"));
        check(r#"{"message": "404 Not found"}"#, Some("404 Not found"));
        check(r#"{"message": {"name": ["is wrong"]}}"#, None);
        check("plain\r\nwords\u{1b}[31m", Some("plain  words [31m"));
        check("<html></html>", None);
        check("", None);
        let text = |length: usize| "x".repeat(length);
        check(&text(REFUSAL_CHARACTERS_MAX), Some(&text(REFUSAL_CHARACTERS_MAX)));
        check(&text(REFUSAL_CHARACTERS_MAX + 1), Some(&text(REFUSAL_CHARACTERS_MAX)));
        assert_eq!(said(b"\xff"), None);
    }
}
