//! How verbs ask a server: one request, one bounded answer, and what a refusal says. Long lists come page by page.

mod paging;

use super::tame::tame_lines;
use crate::cli::Server;
use crate::exit;
use crate::limits::{ANSWER_BYTES_MAX, LISTED_MAX};
use anyhow::{Context, Result, anyhow};
use paging::next_page;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A server that a verb talks to.
pub(crate) struct Client {
    agent: ureq::Agent,
    server: Server,
    advice: &'static str,
}

/// A server answered, and not with what was asked for. Shows what it said.
#[derive(Debug)]
pub(crate) struct Answered {
    /// The status.
    pub(crate) status: u16,
    said: String,
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl std::error::Error for Answered {}

/// What to look at where no answer comes from the server that verbs talk to.
const IS_IT_RUNNING: &str = "is the server running? WIGWAG_URL says where";

/// Nothing that a verb asks takes longer, but chat commands.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl Client {
    /// A client for the server that the options name.
    pub(crate) fn new(server: &Server) -> Result<Self> {
        Self::with_token_of(server, "--token")
    }

    /// The same for a verb that has the token of this server from `option`.
    pub(crate) fn with_token_of(server: &Server, option: &str) -> Result<Self> {
        Self::made(server, option, ANSWER_WITHIN)
    }

    /// A client for another server than the one that verbs talk to. `option` is where its token comes from, `advice` what to
    /// look at where it does not answer.
    pub(crate) fn elsewhere(server: &Server, option: &str, advice: &'static str) -> Result<Self> {
        Ok(Self { advice, ..Self::made(server, option, ANSWER_WITHIN)? })
    }

    /// A client that waits so long for each answer.
    pub(crate) fn waiting(server: &Server, within: Duration) -> Result<Self> {
        Self::made(server, "--token", within)
    }

    fn made(server: &Server, option: &str, within: Duration) -> Result<Self> {
        if server.token.is_none() {
            return Err(anyhow!(exit::Usage(format!("no token: set WIGWAG_TOKEN or give {option}"))));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(within))
            .user_agent(concat!("wigwag/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Ok(Self { agent: config.into(), server: server.clone(), advice: IS_IT_RUNNING })
    }

    /// Sends `body` and gives the answer.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.post_text(path, &body.to_string())
    }

    /// The same with JSON that must stay as it was written.
    pub(crate) fn post_text(&self, path: &str, json: &str) -> Result<Value> {
        let request = self.with_token(self.agent.post(self.url(path)));
        self.answer(request.header("Content-Type", "application/json").send(json))
    }

    /// Sends `body` to be kept and gives the answer.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.with_token(self.agent.put(self.url(path)));
        self.answer(request.header("Content-Type", "application/json").send(body.to_string()))
    }

    /// Asks.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        Ok(self.page(path)?.0)
    }

    /// Every row of a list, page by page, at most [`LISTED_MAX`].
    pub(crate) fn all(&self, path: &str) -> Result<Vec<Value>> {
        let rows = self.first(path, LISTED_MAX + 1)?;
        if rows.len() > LISTED_MAX {
            return Err(anyhow!("{path} lists more than {LISTED_MAX} rows; narrow what is asked for"));
        }
        Ok(rows)
    }

    /// The first `count` rows of a list, over as many pages as that takes.
    pub(crate) fn first(&self, path: &str, count: usize) -> Result<Vec<Value>> {
        let with = if path.contains('?') { '&' } else { '?' };
        let (mut rows, mut number) = (Vec::new(), 1);
        loop {
            let (page, next) = self.page(&format!("{path}{with}per_page=100&page={number}"))?;
            let Value::Array(page) = page else {
                return Err(anyhow!("{}{path} does not answer with a list", self.server.url));
            };
            rows.extend(page);
            match next.filter(|next| *next > number && rows.len() < count) {
                Some(next) => number = next,
                None => break,
            }
        }
        rows.truncate(count);
        Ok(rows)
    }

    /// An answer, and the number of the page behind it.
    fn page(&self, path: &str) -> Result<(Value, Option<u64>)> {
        let sent = self.with_token(self.agent.get(self.url(path))).call();
        let next = sent.as_ref().ok().and_then(|answer| next_page(answer.headers()));
        Ok((self.answer(sent)?, next))
    }

    /// Removes.
    pub(crate) fn delete(&self, path: &str) -> Result<Value> {
        self.answer(self.with_token(self.agent.delete(self.url(path))).call())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url.trim_end_matches('/'))
    }

    fn with_token<Body>(&self, request: ureq::RequestBuilder<Body>) -> ureq::RequestBuilder<Body> {
        request.header("PRIVATE-TOKEN", self.server.token.as_deref().unwrap_or_default())
    }

    fn answer(&self, sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
        let mut answer =
            sent.with_context(|| format!("no answer from {}; {}", self.server.url, self.advice))?;
        let status = answer.status().as_u16();
        if let (301..=308, Some(to)) = (status, answer.headers().get("location")) {
            let to = tame_lines(&String::from_utf8_lossy(to.as_bytes()));
            let said = format!("{} leads to {to}; give the address that it leads to", self.server.url);
            return Err(Answered { status, said }.into());
        }
        let wait =
            answer.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = body.with_context(|| {
            format!("the server's answer broke off or is longer than {ANSWER_BYTES_MAX} bytes")
        })?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if (200..300).contains(&status) {
            return Ok(value);
        }
        let said = reason(status, &value);
        let said = match wait.filter(|_| !said.contains("try again in")) {
            Some(s) => {
                let said = said.trim_end_matches('.').trim_end_matches("Try again later").trim_end();
                format!("{}. Try again in {s} s.", said.trim_end_matches('.'))
            }
            None => said,
        };
        Err(Answered { status, said }.into())
    }

    /// Whether JSON is asked for.
    pub(crate) fn json(&self) -> bool {
        self.server.json
    }
}

/// What was typed, as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A query of what is given.
pub(crate) fn query<const N: usize>(pairs: [(&str, Option<String>); N]) -> String {
    let given = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.map(|(name, value)| format!("{name}={}", segment(&value))).collect::<Vec<_>>().join("&")
}

/// What a refusal says, in either error shape.
fn reason(status: u16, value: &Value) -> String {
    let told = ["detail", "message", "error", "title"].iter().find_map(|key| value.get(key));
    match told {
        Some(Value::String(text)) => tame_lines(text),
        // GitLab's: fields with what is wrong with each, or one word `error`.
        Some(Value::Object(fields)) => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let all = |value: &Value| match value {
                Value::Array(rules) => rules.iter().map(text).collect::<Vec<_>>().join(", "),
                other => text(other),
            };
            let told = |(name, value): (&String, &Value)| match name.as_str() {
                "error" | "base" => all(value),
                name => format!("{name} {}", all(value)),
            };
            tame_lines(&fields.iter().map(told).collect::<Vec<_>>().join("; "))
        }
        Some(other) => tame_lines(&other.to_string()),
        None => format!("the server answered {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, reason};
    use crate::cli::Server;
    use crate::limits::ANSWER_BYTES_MAX;
    use serde_json::json;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// What a client makes of an answer of so many bytes.
    fn of_length(bytes: u64) -> Result<usize, String> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(&stream).lines();
            while !lines.next().unwrap().unwrap().is_empty() {}
            let text = format!("\"{}\"", "x".repeat(usize::try_from(bytes).unwrap() - 2));
            // Whoever stops reading closes the connection.
            let _ = write!(&stream, "HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\n\r\n{text}");
        });
        let server = Server { url, token: Some("t".into()), json: false };
        let answer = Client::new(&server).unwrap().get("/");
        answering.join().unwrap();
        answer.map(|value| value.as_str().unwrap().len()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn long_answers_are_refused() {
        assert_eq!(of_length(ANSWER_BYTES_MAX), Ok(usize::try_from(ANSWER_BYTES_MAX).unwrap() - 2));
        let refused = of_length(ANSWER_BYTES_MAX + 1).unwrap_err();
        assert!(refused.contains("is longer than 67108864 bytes"), "{refused}");
    }

    #[test]
    fn a_refusal_commands_no_terminal() {
        assert_eq!(reason(422, &json!({ "detail": "a\u{1b}[2Jb" })), "a\u{fffd}[2Jb");
        assert_eq!(reason(502, &json!(null)), "the server answered 502");
    }

    #[test]
    fn what_is_wrong_with_fields_is_told_in_words() {
        let refused = json!({ "message": { "url": ["is missing", "is odd"], "name": "is too long" } });
        assert_eq!(reason(422, &refused), "name is too long; url is missing, is odd");
        assert_eq!(reason(429, &json!({ "message": { "error": "Too often." } })), "Too often.");
    }
}
