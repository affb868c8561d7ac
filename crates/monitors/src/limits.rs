//! Every limit of asking monitors, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// How long a source may take if the settings say nothing: somebody waits for the reply. Beyond it, it is silent.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(5);

/// The longest deadline that may be set: sources are asked beside each other, and somebody waits. More is refused.
pub const DEADLINE_MAX: Duration = Duration::from_secs(10);

/// How long Grafana may take for an annotation, for which nobody waits. Beyond it, it is tried again later.
pub const GRAFANA_DEADLINE: Duration = Duration::from_secs(10);

/// How old a sample may be: above usual scrape intervals, and below the five minutes after which Prometheus itself
/// forgets one. Older ones are stale.
pub const STALE_AFTER: Duration = Duration::from_secs(180);

/// How far a sample may lie ahead of our clock: clocks that are kept agree within seconds. Further ahead it tells
/// nothing.
pub const AHEAD_MAX: Duration = Duration::from_secs(60);

/// Sources: each is a request before every change in production. More are refused.
pub const SOURCES_MAX: usize = 20;

/// Characters of a source's or a service's name, so that it fits into a line. Longer ones are refused.
pub const NAME_CHARS_MAX: usize = 64;

/// Bytes of a query; percent-encoded it must fit into a URL of 8 KiB. A longer one is refused.
pub const QUERY_BYTES_MAX: usize = 2_048;

/// Labels that one source asks for. More are refused.
pub const LABELS_MAX: usize = 10;

/// Bytes of one label, as trackers take it. Longer ones are refused.
pub const LABEL_BYTES_MAX: usize = 255;

/// Bytes of a token. Longer ones are refused.
pub const TOKEN_BYTES_MAX: usize = 1_024;

/// Bytes of an answer: some thousand alerts, or a page of issues with long descriptions. A longer one tells nothing.
pub const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Things in the way that are named. Further ones are counted.
pub const BLOCKERS_MAX: usize = 20;

/// Characters of a title, a summary or a server's own words. The rest is cut.
pub const TEXT_CHARS_MAX: usize = 200;

/// Labels of a sample that are shown. Further ones are counted.
pub const LABELS_SHOWN_MAX: usize = 8;

/// Characters of a label's name or value that are shown. The rest is cut.
pub const LABEL_CHARS_MAX: usize = 60;

/// Bytes of a link, as browsers take it. A longer one is left out.
pub const LINK_BYTES_MAX: usize = 2_048;

/// Issues on one page of a tracker: as many as are named. A full page is told to be one.
pub const ISSUES_PER_PAGE: usize = 20;

/// Pages that are read of a GitHub list while it holds nothing but pull requests. Beyond them it cannot be told whether
/// there is an issue.
pub const PAGES_MAX: usize = 5;

/// The longest wait that a server may ask for. A longer one is shortened.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// Characters of an annotation's text. The rest is cut.
pub const ANNOTATION_CHARS_MAX: usize = 2_000;

/// Tags of an annotation. Further ones are left out.
pub const TAGS_MAX: usize = 20;

/// Characters of a tag, as Grafana stores it. The rest is cut.
pub const TAG_CHARS_MAX: usize = 100;
