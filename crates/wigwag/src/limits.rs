//! Limits of the roof: unit, reason, and what happens when they are hit.

use std::time::Duration;

/// How long open connections may take to end once everything else has stopped; then they are cut.
pub(crate) const CONNECTIONS_END: Duration = Duration::from_secs(2);

/// From the end of one request (or the connection's beginning) to the last byte of the next one's head. It also ends
/// idle connections, so it is longer than the 60 s for which proxies keep theirs. The connection is closed.
pub(crate) const HEAD_WITHIN: Duration = Duration::from_secs(75);

/// From a request's head to the beginning of its answer, the body's arrival included: a batch of 32 MiB over
/// 2.5 Mbit/s. A delivery's deadline comes on top, because a test of a hook waits for its outcome. The answer is 408.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// Bytes of a request's head; longer ones are answered 431. Also what a slow connection can make us keep.
pub(crate) const HEAD_BYTES_MAX: usize = 64 << 10;

/// Connections open at once; further ones wait in the system's queue until one ends. Each costs some 10 KiB.
pub(crate) const CONNECTIONS_MAX: usize = 16_384;

/// Files that are kept from the listener's connections, for deliveries under way, connections kept to receivers, and the
/// database. Where the process may open fewer than twice as many, connections have half of what it may.
pub(crate) const FILES_RESERVED: u64 = 4_096;

/// Files that the process asks the system for: the connections, as many again, and some.
pub(crate) const FILES_WANTED: u64 = 40_000;

/// How long a client may leave unread, or its network unconfirmed, what was sent to it; then its connection is cut.
/// Event streams send a heartbeat at least every 15 s, so a client that is gone is noticed without asking it.
pub(crate) const UNREAD_WITHIN: Duration = Duration::from_secs(60);

/// How long the listener waits after the system could not give it a connection, for want of files or memory.
pub(crate) const ACCEPT_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Seconds of any time that is set in `wigwag.toml`: ten years, as good as for ever, and no sum with the present time
/// overflows. More is refused at the start.
pub(crate) const SECONDS_MAX: u64 = 10 * 365 * 86_400;

/// Bytes that are kept free for overrides on a full disk: some two hundred rows. A longer list waits for room.
pub(crate) const OVERRIDES_RESERVE_BYTES: usize = 64 << 10;

/// Bytes of the file of overrides: as many rows as may be active in eight environments, with reasons of full length, fit. A
/// larger file is not read.
pub(crate) const OVERRIDES_FILE_BYTES_MAX: u64 = 64 << 20;

/// References to a flag that are listed; who has more looks at the first ones first. Further ones are not looked for.
pub(crate) const REFERENCES_MAX: usize = 10_000;

/// Characters of a line that refers to a flag; minified code has it all in one line. The rest is cut.
pub(crate) const REFERENCE_CHARS_MAX: usize = 200;

/// Bytes of a file that is searched for references; people write no longer ones. Longer ones are left out.
pub(crate) const SEARCHED_FILE_BYTES_MAX: u64 = 16 << 20;

/// Bytes of a definition or a changelog that is changed. A longer one is refused.
pub(crate) const CHANGED_FILE_BYTES_MAX: u64 = 16 << 20;

/// Bytes of what another server or a file has of flags to import: 100,000 flags with some actors each. More is refused.
pub(crate) const IMPORT_BYTES_MAX: u64 = 64 << 20;

/// Environments of `wigwag.toml`; each that keeps flags has a copy of all of them in memory. More are refused at the start.
pub(crate) const ENVIRONMENTS_MAX: usize = 50;

/// Channels of one chat in `wigwag.toml`: more are on no screen at once. More are refused at the start.
pub(crate) const CHANNELS_MAX: usize = 200;

/// Sources of the production check in `wigwag.toml`: each is a request before every change in production. More are refused
/// at the start.
pub(crate) const PRODUCTION_CHECKS_MAX: usize = 20;

/// Seconds between two looks at the repository: a day. More is refused at the start.
pub(crate) const REPOSITORY_REFRESH_MAX_S: u64 = 86_400;

/// How long a chat command may take at the terminal: production checks have 10 s in each environment, other servers 5 s.
/// Then the verb ends; what the server does goes on.
pub(crate) const COMMAND_WITHIN: Duration = Duration::from_secs(60);

/// After this time whoever waits at a terminal for a command is told what for.
pub(crate) const COMMAND_TOLD_AFTER: Duration = Duration::from_secs(1);

/// How long completion waits for names from the server; nobody waits longer for a list. Then there are none.
pub(crate) const COMPLETION_WITHIN: Duration = Duration::from_millis(300);

/// Bytes of a file that holds a token; any token is far shorter. A longer file is another one, and is refused.
pub(crate) const TOKEN_FILE_BYTES_MAX: u64 = 4 << 10;

/// Named groups of actors in `wigwag.toml`: as many as a flag may name. More are refused at the start.
pub(crate) const ACTOR_GROUPS_MAX: usize = 100;

/// Actors that such a group may list, as many as a flag may; who has more gives them a group of the registry. More are
/// refused at the start.
pub(crate) const GROUP_ACTORS_MAX: usize = 10_000;

/// Bytes of a server's answer to a verb: a snapshot of 10,000 flags with long lists fits. A longer one is refused.
pub(crate) const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// Rows of one list that a verb reads, page by page: all projects of a large forge fit. More is refused.
pub(crate) const LISTED_MAX: usize = 100_000;

/// Names that are tried for a file's draft; each was taken by another file. Then the change is refused.
pub(crate) const DRAFT_NAMES_MAX: usize = 100;

/// Bytes of a file with certificates of authorities; a longer one is refused.
pub(crate) const CA_FILE_BYTES_MAX: u64 = 1 << 20;
