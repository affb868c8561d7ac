//! Limits of the HTTP interface: unit, reason, what happens when they are hit.

use std::time::Duration;

/// Bytes of a request body that administers something; more is refused with 413 unread. The largest sensible one is a
/// hook with a long description.
pub const BODY_BYTES_MAX: usize = 256 << 10;

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
