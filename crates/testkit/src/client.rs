use crate::contract::{Contract, Judged};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Nothing that a test asks takes longer; a hang fails the test instead of holding it.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Asks a server, with one token. Every answer is held against the document.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
}

/// A request in the making.
#[derive(Debug)]
pub struct Request {
    address: SocketAddr,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    outside_of_document: bool,
}

/// A judged answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    asked: String,
}

impl Client {
    /// A client of any server; [`crate::Server`] makes those of its own.
    pub const fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self { address, token }
    }

    /// The same without a token.
    pub const fn anonymous(&self) -> Self {
        Self { address: self.address, token: None }
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { address: self.address, token: Some(token.to_owned()) }
    }

    /// Where its server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token in hand.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// A request to be completed.
    pub fn request(&self, method: &str, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            headers.insert("private-token", HeaderValue::from_str(token).unwrap());
        }
        Request {
            address: self.address,
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers,
            body: Bytes::new(),
            outside_of_document: false,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path).json(&body).send().await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.request("PUT", path).json(&body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }
}

impl Request {
    /// Adds a header, or replaces it.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// A form's body, as written.
    #[must_use]
    pub fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body.to_owned())
    }

    /// Any body.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_str(media_type).unwrap());
        self.body = body.into();
        self
    }

    /// The document knows no such route or method, and that is what the test is about.
    #[must_use]
    pub const fn outside_of_document(mut self) -> Self {
        self.outside_of_document = true;
        self
    }

    /// Sends it and judges the answer.
    ///
    /// # Panics
    /// If the document objects, or no answer comes.
    pub async fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        let (method, path) = (self.method.as_str().to_ascii_lowercase(), self.path.clone());
        let outside = self.outside_of_document;
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.exchange(asked.clone())).await;
        let answer = answer.unwrap_or_else(|_| panic!("{asked}: no answer within {ANSWER_WITHIN:?}"));
        let path = path.split('?').next().unwrap_or_default();
        let contract = Contract::shared();
        if outside {
            assert!(!contract.knows(&method, path), "{asked}: the document knows this route");
            return answer;
        }
        let judged = Judged {
            method: &method,
            path,
            status: answer.status.as_u16(),
            media_type: &answer.media_type(),
            body: &answer.body,
        };
        if let Some(objection) = contract.objection(judged) {
            panic!("{objection}\n{}", answer.text());
        }
        answer
    }

    async fn exchange(self, asked: String) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let driver = tokio::spawn(connection);
        let mut request = hyper::Request::builder()
            .method(self.method)
            .uri(self.path)
            .header("host", self.address.to_string())
            .body(Full::new(self.body))
            .unwrap();
        request.headers_mut().extend(self.headers);
        let response = sender.send_request(request).await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap_or_else(|error| panic!("{asked}: {error}")).to_bytes();
        driver.abort();
        Answer { status: head.status, headers: head.headers, body, asked }
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// If it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The media type without parameters.
    pub fn media_type(&self) -> String {
        self.header("content-type").split(';').next().unwrap_or_default().trim().to_owned()
    }

    /// The body of an answer that must have this status.
    ///
    /// # Panics
    /// If it has another one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The body of a 200.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.expect(200)
    }

    /// The body of a 201.
    #[track_caller]
    pub fn created(&self) -> Value {
        self.expect(201)
    }

    /// A 204.
    #[track_caller]
    pub fn done(&self) {
        self.expect(204);
    }

    /// The code of a problem document with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.media_type(), "application/problem+json", "{}: {}", self.asked, self.text());
        let problem = self.expect(status);
        assert_eq!(problem["status"], status);
        problem["code"].as_str().unwrap().to_owned()
    }
}
