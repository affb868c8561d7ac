//! One server that the operator named: a client that reaches it alone, and one request, one answer.

use crate::config::SourceConfig;
use crate::limits::{ANSWER_BYTES_MAX, TOKEN_BYTES_MAX};
use crate::trouble::{Trouble, judge};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use wigwag_base::Secret;
use wigwag_ports::Egress;
use wigwag_ports::egress::{Answer, CertificateCheck, EgressError, Keep, Method, Outgoing, Target};

/// What servers of one kind have in common.
pub(crate) struct Kind {
    /// What people call it.
    pub(crate) name: &'static str,
    /// The header that shows a token.
    pub(crate) token_header: TokenHeader,
    /// Headers of its API.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// What to check if it finds the request wrong.
    pub(crate) check: &'static str,
    /// What to do about too long an answer.
    pub(crate) narrow: &'static str,
}

/// How a token is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenHeader {
    /// `Authorization: Bearer TOKEN`.
    Bearer,
    /// `PRIVATE-TOKEN: TOKEN`.
    Private,
}

/// One server.
pub(crate) struct Place {
    kind: &'static Kind,
    /// Its URL without a slash at the end; may hold credentials.
    base: String,
    /// The same without credentials.
    shown: String,
    /// Host and port.
    at: String,
    egress: Arc<dyn Egress>,
    headers: Vec<(&'static str, String)>,
    /// How long all that is asked may take together.
    pub(crate) deadline: Duration,
}

impl Place {
    /// The server of a source.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub(crate) fn of(
        config: &SourceConfig,
        kind: &'static Kind,
        egress: &dyn Egress,
    ) -> Result<Self, String> {
        Self::new(kind, &config.url, config.token.as_ref(), config.deadline, egress)
    }

    /// A server.
    ///
    /// # Errors
    /// `FIELD: RULE`.
    pub(crate) fn new(
        kind: &'static Kind,
        url: &str,
        token: Option<&Secret<String>>,
        deadline: Duration,
        egress: &dyn Egress,
    ) -> Result<Self, String> {
        let wrong = |rule: String| format!("url: {rule}");
        let base = url.trim_end_matches('/').to_owned();
        let egress = egress.only(&base).map_err(|error| wrong(error.to_string()))?;
        let target = egress.target(&base).map_err(|error| wrong(error.to_string()))?;
        if base.contains('?') {
            return Err(wrong("must end before the \"?\": paths of the API are put behind it".into()));
        }
        if target.basic_auth.is_some() && token.is_some() && kind.token_header == TokenHeader::Bearer {
            return Err(wrong("holds credentials, and there is a token too; give one of them".into()));
        }
        let mut headers: Vec<_> =
            kind.headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        headers.push(("user-agent", concat!("Wigwag/", env!("CARGO_PKG_VERSION")).to_owned()));
        headers.extend(token.map(|token| token_header(kind, token)).transpose()?);
        let shown = without_credentials(&base);
        Ok(Self { kind, base, shown, at: target.authority.clone(), egress, headers, deadline })
    }

    /// Where `path` (with its query) of this server is.
    ///
    /// # Errors
    /// As [`Egress::target`].
    pub(crate) fn target(&self, path: &str) -> Result<Arc<Target>, EgressError> {
        self.egress.target(&format!("{}{path}", self.base))
    }

    /// A page of this server, as a link for people.
    pub(crate) fn page(&self, path: &str) -> Option<String> {
        crate::text::link(&format!("{}{path}", self.shown))
    }

    /// Asks for JSON.
    pub(crate) async fn get(&self, target: Arc<Target>) -> Result<Value, Trouble> {
        let answer = self.send(Method::Get, target, Vec::new(), Bytes::new()).await?;
        judge(&answer)
    }

    /// Sends one request.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: Arc<Target>,
        more: Vec<(&'static str, String)>,
        body: Bytes,
    ) -> Result<Answer, Trouble> {
        let headers = self.headers.iter().cloned().chain(more).collect();
        let request = Outgoing {
            method,
            target,
            headers,
            custom_headers: Vec::new(),
            body,
            keep: Keep::Whole(ANSWER_BYTES_MAX),
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: self.deadline,
        };
        self.egress.send(request).await.map_err(Trouble::from)
    }

    /// A trouble with this server, as a sentence.
    pub(crate) fn told(&self, trouble: &Trouble) -> String {
        trouble.told(self.kind, &self.at)
    }
}

fn token_header(kind: &Kind, token: &Secret<String>) -> Result<(&'static str, String), String> {
    let token = token.expose();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("token: is empty or holds a character that no token has, such as a line break".into());
    }
    if token.len() > TOKEN_BYTES_MAX {
        return Err(format!("token: must have at most {TOKEN_BYTES_MAX} bytes"));
    }
    Ok(match kind.token_header {
        TokenHeader::Bearer => ("authorization", format!("Bearer {token}")),
        TokenHeader::Private => ("private-token", token.clone()),
    })
}

fn without_credentials(base: &str) -> String {
    let Ok(mut url) = Url::parse(base) else { return String::new() };
    // These fail only for URLs without a host, to which nothing is sent.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    String::from(url).trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn credentials_are_not_shown() {
        let check = |base: &str, shown: &str| assert_eq!(without_credentials(base), shown, "{base}");
        check("http://127.0.0.1:9090", "http://127.0.0.1:9090");
        check("https://ann:secret@example.com/prometheus", "https://example.com/prometheus");
        check("https://:secret@example.com", "https://example.com");
    }
}
