//! Outgoing HTTP: one request, one answer, one deadline over everything.

use async_trait::async_trait;
use bytes::Bytes;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use wigwag_base::{Secret, Timestamp};

/// Sends every outgoing request of the product, so that the rules of where a request may go hold for all of them.
#[async_trait]
pub trait Egress: Send + Sync {
    /// Parses a URL once (WHATWG) and refuses what no request may be sent to by its form alone: another scheme than
    /// http and https, a fragment, an empty host, a zone id. Literal addresses are judged here too. Does no IO.
    ///
    /// # Errors
    /// [`EgressError::BadUrl`] or [`EgressError::Forbidden`], in words for the person who typed the URL.
    fn target(&self, url: &str) -> Result<Arc<Target>, EgressError>;

    /// Resolves the target's host and judges every address, without sending anything: what a form calls when a hook
    /// is created. A name that does not resolve now is accepted (it may tomorrow).
    ///
    /// # Errors
    /// [`EgressError::Forbidden`] names the address and the network it lies in.
    async fn judge(&self, target: &Target) -> Result<(), EgressError>;

    /// A client that reaches the host and port of `url` and nothing else, wherever they lie: for a server that the
    /// operator named in the settings, which may stand in a private network that no hook may reach. Metadata addresses
    /// and this server itself stay forbidden.
    ///
    /// # Errors
    /// As [`Egress::target`].
    fn only(&self, url: &str) -> Result<Arc<dyn Egress>, EgressError>;

    /// Reads a certificate (PEM, its own first, then those between it and its root) and its private key (PEM) with
    /// which requests show who sends them. Does no IO.
    ///
    /// # Errors
    /// [`IdentityError`], in words for the person who gave them, and never with what they hold.
    fn identity(&self, certificate: &str, key: &Secret<String>) -> Result<Arc<Identity>, IdentityError>;

    /// Sends one request and reads its answer within the request's deadline and the caps on what is read.
    ///
    /// # Errors
    /// Every way in which no complete answer head came back; see [`EgressError`].
    async fn send(&self, request: Outgoing) -> Result<Answer, EgressError>;
}

/// Where a request goes: a URL parsed once and kept beside its hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// `true` for https.
    pub tls: bool,
    /// The host as it goes into SNI and the `Host` header: lower case, IPv6 without brackets.
    pub host: String,
    /// The address, when the host is a literal one.
    pub literal: Option<IpAddr>,
    /// The port, with the scheme's default filled in.
    pub port: u16,
    /// The `Host` header: host, and the port unless it is the scheme's default.
    pub authority: String,
    /// Path and query, at least `/`.
    pub path_and_query: String,
    /// `user:password` of the URL, already in the form `Basic ...` of an `Authorization` header.
    pub basic_auth: Option<Secret<String>>,
}

/// A certificate that requests show, with its key: read once and kept beside its hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// What tells it from others: SHA-256 over certificate and key. Connections are shared by requests of one identity.
    pub fingerprint: [u8; 32],
    /// The certificates in DER, its own first.
    pub chain: Vec<Vec<u8>>,
    /// The private key in DER.
    pub key: Secret<Vec<u8>>,
    /// Whom its own certificate names.
    pub subject: String,
    /// From when on receivers refuse it.
    pub expires_at: Timestamp,
}

/// Why a certificate cannot be shown. The text follows a field's name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdentityError {
    /// The certificate.
    #[error("must be certificates in PEM, the hook's own first: {0}")]
    Certificate(String),
    /// The key.
    #[error("must be one private key in PEM, PKCS#8, PKCS#1 or SEC1, without a password: {0}")]
    Key(String),
    /// They do not belong together.
    #[error("is not the key of the certificate")]
    Mismatch,
}

/// One request to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What is asked.
    pub method: Method,
    /// Where to.
    pub target: Arc<Target>,
    /// Headers beyond `Host`, `Content-Length` and `Authorization` (of [`Target::basic_auth`]), which egress sets.
    /// Names are lower case, as they appear on the wire; a value with CR, LF or NUL fails as
    /// [`EgressError::BadHeader`].
    pub headers: Vec<(&'static str, String)>,
    /// Headers whose names a user chose; they come last. One that would replace a header of `headers`, or that says
    /// how the message is framed or routed (`Host`, `Content-*`, `Connection`, ...), fails as
    /// [`EgressError::BadHeader`]; `Authorization` here wins over the URL's credentials.
    pub custom_headers: Vec<(String, String)>,
    /// The body's bytes, sent as they are.
    pub body: Bytes,
    /// How much of the answer's body is kept.
    pub keep: Keep,
    /// Whether the receiver's certificate is checked.
    pub certificate: CertificateCheck,
    /// Whose certificate is shown to a receiver that asks for one.
    pub identity: Option<Arc<Identity>>,
    /// The time for name resolution, connecting, TLS, sending and the whole answer together.
    pub deadline: Duration,
}

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// Reading.
    Get,
    /// Handing something over.
    Post,
    /// Removing.
    Delete,
}

/// How much of an answer's body is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Keep {
    /// Its beginning, to be looked at: 8 KiB of at most 1 MiB that is read.
    Beginning,
    /// The whole, of at most this many bytes; of a longer one no more is read, and the answer says so.
    Whole(usize),
}

/// Whether the certificate of a https receiver is checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CertificateCheck {
    /// Against the public roots (and what the operator added).
    Verify,
    /// Not at all: the owner of the hook said so.
    Skip,
}

/// What a receiver answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// At most 50 headers, each cut at 1 KiB, in the order received; bytes that are no UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// As much of the body as [`Outgoing::keep`] says.
    pub body: Bytes,
    /// Bytes of the body read off the wire; at the bound of [`Outgoing::keep`] the connection is closed. More than the
    /// body's length if some of it was not kept.
    pub body_bytes_read: u64,
    /// From the start of the call to the end of the answer.
    pub duration: Duration,
}

/// Why there is no answer. The text is for the owner of the hook: what happened, and what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EgressError {
    /// The URL can be sent to by nobody.
    #[error("{0}")]
    BadUrl(String),
    /// The address lies in a network that hooks may not reach.
    #[error("{address} is not allowed: it lies in {network} ({what}). {advice}")]
    Forbidden {
        /// The judged address.
        address: IpAddr,
        /// The network, as CIDR.
        network: String,
        /// What the network is for, such as `loopback`.
        what: &'static str,
        /// What to do, one sentence: it differs for what no setting opens.
        advice: &'static str,
    },
    /// A header's name or value cannot be sent.
    #[error(
        "header {0} cannot be sent: its name is reserved, or it holds a line break or another forbidden character"
    )]
    BadHeader(String),
    /// The host has no address.
    #[error(
        "the host name {host} does not exist or has no address. Check the URL's spelling and the DNS entry"
    )]
    NameNotFound {
        /// The name that was asked for.
        host: String,
    },
    /// No configured name server answers: our own fault, counted against no hook.
    #[error("no name server of this machine answers")]
    ResolverUnavailable,
    /// The network is unreachable from here: our own fault, counted against no hook.
    #[error("the network is unreachable from this machine")]
    NetworkUnreachable,
    /// Out of descriptors or memory: our own fault, counted against no hook.
    #[error("this machine is out of {0}")]
    OutOfResources(&'static str),
    /// Nothing listens at the address.
    #[error("connection refused by {0}. Is the receiver running, and on this port?")]
    Refused(String),
    /// Routers on the way say that the host cannot be reached.
    #[error("no way to the host {0}. Is the receiver's machine running?")]
    HostUnreachable(String),
    /// The deadline passed.
    #[error("no complete answer within {} s ({phase})", .deadline.as_secs_f64())]
    TimedOut {
        /// What was under way: `resolving`, `connecting`, `TLS handshake`, `waiting for the answer`, `reading the answer`.
        phase: &'static str,
        /// The deadline.
        deadline: Duration,
    },
    /// The TLS handshake failed.
    #[error("TLS failed: {0}. Check the certificate, or switch certificate verification off for this hook")]
    Tls(String),
    /// What answers there does not speak TLS.
    #[error(
        "TLS failed: what answers there does not speak TLS. Check the port, or whether the URL should begin with http://"
    )]
    NoTls,
    /// The connection broke before the answer was complete.
    #[error("the connection was closed before the answer was complete")]
    ConnectionLost,
    /// The answer is not HTTP/1.1, or its head is larger than the cap.
    #[error("the answer is no valid HTTP/1.1: {0}")]
    Protocol(String),
}

impl EgressError {
    /// Whether this is a failure of our own side, which counts against no hook and is retried.
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::ResolverUnavailable | Self::NetworkUnreachable | Self::OutOfResources(_))
    }

    /// Whether the receiver could not even be connected to or resolved.
    pub const fn is_connect_failure(&self) -> bool {
        match self {
            Self::NameNotFound { .. }
            | Self::ResolverUnavailable
            | Self::NetworkUnreachable
            | Self::Refused(_)
            | Self::HostUnreachable(_) => true,
            Self::TimedOut { phase, .. } => matches!(phase.as_bytes(), b"resolving" | b"connecting"),
            _ => false,
        }
    }
}
