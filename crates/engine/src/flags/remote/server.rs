//! Talking to the other server: one request, one answer, and what an answer means.

use super::known::Answers;
use crate::limits::{REMOTE_ANSWER_BYTES_MAX, REMOTE_DEADLINE, REMOTE_PAGES_MAX, REMOTE_WORDS_MAX};
use crate::{EngineError, Remote};
use bytes::Bytes;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::Secret;
use wigwag_flags::FlagName;
use wigwag_ports::Egress;
use wigwag_ports::egress::{Answer, CertificateCheck, EgressError, Keep, Method, Outgoing};

/// Features that one page is asked to have, which is the most that GitLab gives.
const PER_PAGE: u32 = 100;

/// Another server, and the client that reaches it alone.
pub(super) struct RemoteServer {
    url: String,
    token: Secret<String>,
    user_agent: String,
    egress: Arc<dyn Egress>,
}

/// What a request for a change came to, if not to the change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum RemoteError {
    /// It never got there: nothing was done.
    Unreached(String),
    /// It went out, and no answer came back: whether it was done is not known.
    Unanswered(String),
    /// It was refused: nothing was done.
    Refused {
        /// The status.
        status: u16,
        /// What the server said, or what the status means.
        words: String,
        /// When to come back, where the server says so.
        retry_after: Option<Duration>,
    },
    /// The answer is none that such a server gives.
    Nonsense(String),
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreached(words) | Self::Unanswered(words) | Self::Nonsense(words) => f.write_str(words),
            Self::Refused { status, words, .. } => write!(f, "it answers {status}: {words}"),
        }
    }
}

/// One answer of a list that was read, to be asked for again only if it has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Seen {
    etag: Option<String>,
    next: Option<u32>,
    body: Bytes,
}

/// The answers of one reading of everything.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Reading {
    pages: Vec<Seen>,
    /// `None` if the server does not tell them.
    definitions: Option<Seen>,
}

impl Reading {
    /// Whether it says the same as `other`, byte for byte.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let bodies = |reading: &Self| -> Vec<Option<Bytes>> {
            let pages = reading.pages.iter().map(|page| Some(page.body.clone()));
            pages.chain([reading.definitions.as_ref().map(|seen| seen.body.clone())]).collect()
        };
        bodies(self) == bodies(other)
    }

    /// What there is to take apart.
    pub(super) fn answers(&self) -> Answers<'_> {
        Answers {
            features: self.pages.iter().map(|page| &page.body[..]).collect(),
            definitions: self.definitions.as_ref().map(|seen| &seen.body[..]),
        }
    }
}

impl RemoteServer {
    pub(super) fn new(remote: &Remote, user_agent: &str, egress: &dyn Egress) -> Result<Self, EngineError> {
        let url = remote.url.trim_end_matches('/').to_owned();
        let egress = egress.only(&url).map_err(|error| EngineError::Invalid {
            field: "environments",
            rule: format!("name a server that cannot be asked: {url}: {error}"),
        })?;
        Ok(Self { url, token: remote.token.clone(), user_agent: user_agent.to_owned(), egress })
    }

    /// What stands before `/api/v4` there.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Reads all features and definitions, asking only for what differs from `before`.
    pub(super) async fn read(&self, before: &Reading) -> Result<Reading, RemoteError> {
        match tokio::time::timeout(REMOTE_DEADLINE, self.read_all(before)).await {
            Ok(read) => read,
            Err(_) => Err(too_slow()),
        }
    }

    async fn read_all(&self, before: &Reading) -> Result<Reading, RemoteError> {
        let mut pages: Vec<Seen> = Vec::new();
        let mut bytes = 0;
        loop {
            let number = pages.len() as u32 + 1;
            if number > REMOTE_PAGES_MAX {
                let text = format!("it lists more than {REMOTE_PAGES_MAX} pages of features");
                return Err(RemoteError::Nonsense(text));
            }
            let path = format!("/api/v4/features?per_page={PER_PAGE}&page={number}");
            let page = self.look(&path, before.pages.get(pages.len())).await?;
            bytes += page.body.len();
            if bytes > REMOTE_ANSWER_BYTES_MAX {
                return Err(too_long());
            }
            let next = page.next;
            pages.push(page);
            match next {
                None => break,
                Some(next) if next == number + 1 => {}
                Some(next) => {
                    let text = format!("it says that page {next} of its features follows page {number}");
                    return Err(RemoteError::Nonsense(text));
                }
            }
        }
        let definitions = match self.look("/api/v4/features/definitions", before.definitions.as_ref()).await {
            Ok(seen) => Some(seen),
            // Older versions have no such list, and some tokens may not ask for it.
            Err(RemoteError::Refused { status: 403..=405, .. }) => None,
            Err(other) => return Err(other),
        };
        Ok(Reading { pages, definitions })
    }

    async fn look(&self, path: &str, before: Option<&Seen>) -> Result<Seen, RemoteError> {
        let etag = before.and_then(|seen| seen.etag.clone());
        let headers = etag.map(|etag| ("if-none-match", etag)).into_iter().collect();
        let answer = self.ask(Method::Get, path, headers, Bytes::new()).await?;
        match (answer.status, before) {
            (304, Some(before)) if before.etag.is_some() => Ok(before.clone()),
            (200, _) => Ok(Seen {
                etag: header(&answer, "etag").map(str::to_owned),
                next: next_page(&answer)?,
                body: answer.body,
            }),
            (status, _) => {
                Err(RemoteError::Nonsense(format!("it answers {status} where it should list its features")))
            }
        }
    }

    /// Sets a flag; the body of the answer.
    pub(super) async fn set(&self, flag: &FlagName, fields: &Value) -> Result<Bytes, RemoteError> {
        let headers = vec![("content-type", "application/json".to_owned())];
        let path = format!("/api/v4/features/{flag}");
        Ok(self.ask(Method::Post, &path, headers, fields.to_string().into()).await?.body)
    }

    /// Forgets what is stored of a flag.
    pub(super) async fn delete(&self, flag: &FlagName) -> Result<(), RemoteError> {
        let path = format!("/api/v4/features/{flag}");
        self.ask(Method::Delete, &path, Vec::new(), Bytes::new()).await.map(|_| ())
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        more: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Result<Answer, RemoteError> {
        let url = format!("{}{path}", self.url);
        let target = self.egress.target(&url).map_err(unsent)?;
        let mut headers = vec![
            ("private-token", self.token.expose().clone()),
            ("accept", "application/json".to_owned()),
            ("user-agent", self.user_agent.clone()),
        ];
        headers.extend(more);
        let request = Outgoing {
            method,
            target,
            headers,
            custom_headers: Vec::new(),
            body,
            keep: Keep::Whole(REMOTE_ANSWER_BYTES_MAX),
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: REMOTE_DEADLINE,
        };
        judge(self.egress.send(request).await.map_err(unsent)?)
    }
}

/// What an error of the way there says of the request.
fn unsent(error: EgressError) -> RemoteError {
    match error {
        EgressError::Tls(words) => {
            RemoteError::Unreached(format!("TLS failed: {words}. Check its certificate"))
        }
        EgressError::NoTls | EgressError::TimedOut { phase: "TLS handshake", .. } => {
            RemoteError::Unreached(error.to_string())
        }
        EgressError::BadUrl(_) | EgressError::BadHeader(_) | EgressError::Forbidden { .. } => {
            RemoteError::Unreached(error.to_string())
        }
        EgressError::Refused(address) => RemoteError::Unreached(format!("connection refused by {address}")),
        EgressError::HostUnreachable(host) => RemoteError::Unreached(format!("no way to the host {host}")),
        error if error.is_connect_failure() || error.is_ours() => RemoteError::Unreached(error.to_string()),
        EgressError::TimedOut { .. } => too_slow(),
        error => RemoteError::Unanswered(error.to_string()),
    }
}

/// Lets success pass, and finds words for everything else.
fn judge(answer: Answer) -> Result<Answer, RemoteError> {
    let status = answer.status;
    let refused = |words: String, retry_after| Err(RemoteError::Refused { status, words, retry_after });
    match status {
        200..=299 | 304 if answer.body_bytes_read > answer.body.len() as u64 => Err(too_long()),
        200..=299 | 304 => Ok(answer),
        300..=399 => {
            let to = header(&answer, "location").map(|to| format!(" to {}", shown(to))).unwrap_or_default();
            refused(format!("it redirects{to}; give the URL that this leads to"), None)
        }
        429 => {
            let seconds = header(&answer, "retry-after").and_then(|text| text.parse().ok());
            refused(said(&answer, "too many requests"), seconds.map(Duration::from_secs))
        }
        401 => refused(said(&answer, "it does not take the token that this server has for it"), None),
        403 => refused(said(&answer, "the token that this server has for it may not do that"), None),
        404 => refused(said(&answer, "it has no features API at this URL"), None),
        _ => refused(said(&answer, "it says no more"), None),
    }
}

/// What the server says, in words of its own where it has some.
fn said(answer: &Answer, otherwise: &str) -> String {
    let Ok(Value::Object(map)) = serde_json::from_slice(&answer.body) else { return otherwise.to_owned() };
    let words = ["reason", "message", "error_description", "error", "detail", "title"]
        .into_iter()
        .find_map(|field| map.get(field))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    // The status by its name alone says nothing that the number has not said.
    let bare = ["Unauthorized", "Forbidden", "Not Found", "Too Many Requests", ""];
    let says = |words: &String| {
        let rest = words.trim_start_matches(|c: char| c.is_ascii_digit());
        !bare.iter().any(|name| rest.trim().eq_ignore_ascii_case(name))
    };
    let words = words.map(|words| shown(&words).trim_end_matches('.').to_owned());
    words.filter(says).unwrap_or_else(|| otherwise.to_owned())
}

/// A stranger's words, fit for a log and a page.
fn shown(words: &str) -> String {
    let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(REMOTE_WORDS_MAX).collect::<String>().trim().to_owned()
}

fn too_slow() -> RemoteError {
    RemoteError::Unanswered(format!("it did not answer within {} s", REMOTE_DEADLINE.as_secs()))
}

fn too_long() -> RemoteError {
    let text = format!("its answer is longer than {} MiB", REMOTE_ANSWER_BYTES_MAX >> 20);
    RemoteError::Nonsense(text)
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let found = answer.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// The page after this one: `X-Next-Page`, as GitLab and we have it.
fn next_page(answer: &Answer) -> Result<Option<u32>, RemoteError> {
    let Some(text) = header(answer, "x-next-page") else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| {
        RemoteError::Nonsense(format!("it says that page {:?} of its features follows", shown(text)))
    })
}
