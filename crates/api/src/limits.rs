//! Limits of the HTTP interface: unit, reason, what happens when they are hit.

use std::time::Duration;

/// Bytes of a request body that administers something; more is refused with 413 unread. The largest sensible one is a
/// hook with a long description.
pub const BODY_BYTES_MAX: usize = 256 << 10;

/// Bytes of what a chat sends; more is refused with 413 unread. A pressed button brings the whole message along,
/// percent-encoded; a command alone is far smaller.
pub const CHAT_BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes of a body that is refused for its size and read nevertheless, to be dropped, so that its sender gets to reading
/// why. A larger one is cut off.
pub const REFUSED_BODY_BYTES_MAX: u64 = 4 << 20;

/// How long such a body may take to come. A slower one is cut off.
pub const REFUSED_BODY_WITHIN: Duration = Duration::from_secs(2);

/// Bytes around one event's payload: its type, its key and what else a client sends beside it.
pub const EVENT_ENVELOPE_BYTES_MAX: usize = 16 << 10;

/// Levels of brackets in a form's field name: `failure_policy[threshold]`. Deeper ones are ignored.
pub const FORM_DEPTH_MAX: usize = 2;

/// How often an idle event stream says that it is alive, so that proxies keep it open.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long one event stream lives; the browser opens the next by itself, with a fresh token where it needs one.
pub const STREAM_AGE_MAX: Duration = Duration::from_secs(15 * 60);

/// Event streams of one node; the next is asked to come back, and the banner polls meanwhile.
pub const STREAMS_MAX: usize = 10_000;

/// When a stream that found no place may try again.
pub const STREAM_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How long a browser may reuse the component's file.
pub const SCRIPT_AGE: Duration = Duration::from_secs(3_600);

/// How long a browser may go by one preflight; until then a change of the configured origins is not noticed.
pub const CORS_AGE: Duration = Duration::from_secs(600);

/// Characters of a request id that comes from outside; another one is replaced.
pub const REQUEST_ID_CHARACTERS_MAX: usize = 64;

/// After how long in the background a browser hangs up its stream of flag changes: the protocol's own default.
pub const STREAM_INACTIVITY_DELAY: Duration = Duration::from_secs(120);

/// Streams of flag changes on one node, those of the protocol of OpenFeature too; the next is asked to come back. With
/// them the listener still has room for others ([connections](../wigwag/src/limits.rs) are bounded as well).
pub const FLAG_STREAMS_MAX: usize = 12_000;

/// Streams of flag changes of one user on one node: a fleet under one token, but never all of the node's.
pub const FLAG_STREAMS_PER_USER_MAX: usize = 11_000;

/// Changes that an environment's feed remembers, for streams that come back; who missed more gets everything anew. A
/// stream that has not taken so many is cut off.
pub const FEED_MESSAGES_MAX: usize = 1_024;

/// Bytes of a request that evaluates flags: an evaluation context is a few attributes of one user. More is refused with
/// 413 unread.
pub const CONTEXT_BYTES_MAX: usize = 64 << 10;

/// Actors of one evaluation; more are refused. A user, a project and its groups are fewer than ten.
pub const ACTORS_PER_EVALUATION_MAX: usize = 100;

/// Rows of one report of exposures; more are refused. Our own client sends 500.
pub const EXPOSURES_PER_REPORT_MAX: usize = 1_000;

/// Rows of the metrics that tell what flags decided: what one scrape may cost whoever stores it. Further ones are told
/// together.
pub const EVALUATION_SERIES_MAX: usize = 10_000;

/// Projects, and groups, that one user may name as silent in one request. More are refused.
pub const SILENT_PLACES_MAX: usize = 1_000;
