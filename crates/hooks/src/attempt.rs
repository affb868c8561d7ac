use crate::EventType;
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::{AttemptId, EventId, HookId, ProjectId, Timestamp};

/// One HTTP request of a delivery, as the delivery log shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Given by the store; zero before it is stored.
    pub id: AttemptId,
    /// The event; `None` for a test that has no stored event.
    pub event: Option<EventId>,
    /// The hook.
    pub hook: HookId,
    /// The event's project; `None` for a test of a group or system hook.
    pub project: Option<ProjectId>,
    /// The event's type.
    pub event_type: EventType,
    /// Why it was sent.
    pub kind: AttemptKind,
    /// The URL with its secret parts masked.
    pub url: String,
    /// The request's headers, secrets masked; empty where they follow from the other fields.
    pub request_headers: Vec<(String, String)>,
    /// The request's body.
    pub request_body: SentBody,
    /// When the request began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

/// An attempt as one looks back at many: without headers and bodies, which are large. Those of its outcome are empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastAttempt {
    /// The line of the delivery log.
    pub id: AttemptId,
    /// The event; `None` for a test that has no stored event.
    pub event: Option<EventId>,
    /// Why it was sent.
    pub kind: AttemptKind,
    /// When the request began.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// What came of it.
    pub outcome: Outcome,
}

impl PastAttempt {
    /// When its outcome was known.
    pub fn ended_at(&self) -> Timestamp {
        self.started_at + self.duration
    }
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SentBody {
    /// The event's payload, which is kept with the event.
    Payload,
    /// These bytes.
    Own(Bytes),
    /// None: it could not be made, and nothing was sent.
    Unmade,
}

impl SentBody {
    /// The bytes, where they are at hand.
    pub fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Own(bytes) => Some(bytes),
            Self::Payload | Self::Unmade => None,
        }
    }
}

/// Why a request was sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AttemptKind {
    /// The first of a delivery.
    First,
    /// A repetition after a failure.
    Retry,
    /// The one request that finds out whether a hook whose pause is over works again.
    Probe,
    /// Somebody pressed Test.
    Test,
    /// Somebody pressed Resend.
    Resend,
}

impl AttemptKind {
    /// All kinds.
    pub const ALL: [AttemptKind; 5] = [Self::First, Self::Retry, Self::Probe, Self::Test, Self::Resend];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Retry => "retry",
            Self::Probe => "probe",
            Self::Test => "test",
            Self::Resend => "resend",
        }
    }
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A 2xx answer.
    Success(Response),
    /// Anything else.
    Failure(Failure),
}

impl Outcome {
    /// Whether the receiver answered 2xx.
    pub const fn is_success(&self) -> bool {
        matches!(self, Self::Success(_))
    }

    /// The answer, if one came.
    pub const fn response(&self) -> Option<&Response> {
        match self {
            Self::Success(response) => Some(response),
            Self::Failure(failure) => failure.response.as_ref(),
        }
    }
}

/// An answer, cut to what is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// At most 50 headers of 1 KiB.
    pub headers: Vec<(String, String)>,
    /// At most 8 KiB.
    pub body: Bytes,
}

/// A failed request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which kind.
    pub class: FailureClass,
    /// What happened and what to do, for the hook's owner.
    pub text: String,
    /// The answer, if one came.
    pub response: Option<Response>,
    /// How long the receiver asked us to stay away (429 and 503 only).
    pub retry_after: Option<Duration>,
}

/// The kinds of failure. All count alike for health, but for [`FailureClass::Ours`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FailureClass {
    /// 4xx but 410.
    ClientError,
    /// 410: the receiver is gone for good.
    Gone,
    /// 5xx.
    ServerError,
    /// 3xx, which is not followed; the text names the Location.
    Redirect,
    /// Another status (1xx, 6xx and above).
    OddStatus,
    /// No complete answer within the deadline.
    Timeout,
    /// The host does not resolve.
    Dns,
    /// Could not connect, or the connection broke.
    Connection,
    /// The TLS handshake failed.
    Tls,
    /// The address is forbidden.
    Forbidden,
    /// The request could not be made (URL, header, template, size).
    BadRequest,
    /// Our own fault; counts against no hook.
    Ours,
}

impl FailureClass {
    /// All kinds.
    pub const ALL: [FailureClass; 12] = [
        Self::ClientError,
        Self::Gone,
        Self::ServerError,
        Self::Redirect,
        Self::OddStatus,
        Self::Timeout,
        Self::Dns,
        Self::Connection,
        Self::Tls,
        Self::Forbidden,
        Self::BadRequest,
        Self::Ours,
    ];

    /// The stable word that the stores and the metrics use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientError => "client_error",
            Self::Gone => "gone",
            Self::ServerError => "server_error",
            Self::Redirect => "redirect",
            Self::OddStatus => "odd_status",
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Forbidden => "forbidden",
            Self::BadRequest => "bad_request",
            Self::Ours => "ours",
        }
    }
}
