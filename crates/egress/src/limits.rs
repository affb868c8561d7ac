//! The limits of outgoing requests. What is read off the wire is the receiver's choice, so all of it is capped.

use std::time::Duration;

/// Bytes of a URL; longer ones are refused when they are parsed. Servers commonly cap the request line at 8 KiB.
pub(crate) const URL_BYTES_MAX: usize = 8 * 1024;

/// Bytes of an answer's body that are read; then the connection is closed and the answer stands as it is.
pub(crate) const ANSWER_BODY_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes of an answer that come off the wire besides those of its body: heads, interim answers before it, what stands
/// between chunks, and one buffer that was read ahead. With more, the body ends where it is, or the attempt fails as a
/// protocol error if no body had begun.
pub(crate) const ANSWER_BYTES_BESIDE_BODY_MAX: u64 = 256 * 1024;

/// Bytes of an answer's body that are kept for the delivery log; the rest is counted and dropped.
pub(crate) const ANSWER_BODY_STORED_BYTES_MAX: usize = 8 * 1024;

/// Headers of an answer that are kept; further ones are dropped.
pub(crate) const ANSWER_HEADERS_STORED_MAX: usize = 50;

/// Bytes of one header's value (and of its name) that are kept; the rest is cut.
pub(crate) const ANSWER_HEADER_STORED_BYTES_MAX: usize = 1024;

/// Bytes of an answer's head (status line and headers); larger fails the attempt as a protocol error. The number of
/// headers is capped at 100 by hyper's own default, which needs no allocation.
pub(crate) const ANSWER_HEAD_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a connection's read buffer, at least the head's cap: it bounds the memory of one connection.
pub(crate) const READ_BUFFER_BYTES_MAX: usize = 64 * 1024;

/// Idle connections kept to one address, as many as may be in flight to it; one more is closed.
pub(crate) const IDLE_PER_ADDRESS_MAX: usize = 128;

/// Idle connections kept in all, as many as may be in flight on a node; one more is closed.
pub(crate) const IDLE_TOTAL_MAX: usize = 1024;

/// How long a connection may lie idle. Many servers close after 5 s to 75 s by themselves; what they closed is noticed
/// and not reused. Longer ones are closed by the sweeper.
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_secs(30);

/// How often the sweeper looks for idle connections to close.
pub(crate) const IDLE_SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// Addresses of one host that are tried, each with its share of the time left; the others are judged all the same.
pub(crate) const CONNECT_ADDRESSES_MAX: usize = 4;

/// Certificates of hooks that are kept ready to be shown; the least used are read anew when they are needed.
pub(crate) const IDENTITIES_READY_MAX: usize = 1024;

/// Names whose addresses are remembered; the least used are forgotten.
pub(crate) const NAMES_CACHED_MAX: usize = 16 * 1024;

/// How long resolved addresses are believed at most, whatever their TTL says.
pub(crate) const NAME_TTL_MAX: Duration = Duration::from_secs(30);

/// How long the absence of a name is believed at most: its owner waits for it to appear.
pub(crate) const NAME_NEGATIVE_TTL_MAX: Duration = Duration::from_secs(5);

/// Time for one question to a name server, before it is asked again or the next one is.
pub(crate) const NAME_SERVER_TIMEOUT: Duration = Duration::from_secs(2);

/// Questions in flight on one connection to a name server; beyond it the attempt is retried as our own failure.
pub(crate) const NAME_SERVER_QUESTIONS_MAX: usize = 1024;

/// A name that gets no answer is the owner's fault when the name servers answered somebody within this time before, and
/// our own otherwise: a recursive name server is silent for a domain whose servers hang.
pub(crate) const NAME_SERVERS_ALIVE_FOR: Duration = Duration::from_secs(30);

/// The time for judging a host when a hook is created; a name that has not resolved by then is accepted.
pub(crate) const JUDGE_DEADLINE: Duration = Duration::from_secs(5);

/// The time for connecting to a mail server and hearing its greeting, for each of its addresses.
pub(crate) const SMTP_CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// The time for handing over one message, everything included; then the connection is closed and it is tried again later.
pub(crate) const SMTP_DEADLINE: Duration = Duration::from_secs(10);
