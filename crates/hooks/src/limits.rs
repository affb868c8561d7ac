//! Limits of hooks and events; what lies above is refused with the limit's name and number.

use std::time::Duration;

/// Characters of an event's type.
pub const EVENT_TYPE_CHARACTERS_MAX: usize = 128;

/// Highest failure in a row that may be the first to pause: above, pausing would never begin in practice.
pub const THRESHOLD_MAX: u32 = 1_000;
/// Shortest first pause; below, a pause would not outlast the requests under way.
pub const FIRST_PAUSE_MIN: Duration = Duration::from_secs(1);
/// Longest pause that a policy may ask for; above, what waits would expire before the next request.
pub const MAX_PAUSE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Highest factor between one pause and the next.
pub const FACTOR_MAX: f64 = 100.0;
/// Highest failure in a row that may disable; who wants more says never.
pub const PERMANENT_AT_MAX: u32 = 1_000_000;

/// Retries of one delivery.
pub const RETRIES_MAX: usize = 32;
/// Longest delay before one retry; above, the delivery would expire first.
pub const RETRY_DELAY_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Delay before a request is repeated that failed by our own side's fault, before jitter.
pub const RETRY_OURS_DELAY: Duration = Duration::from_secs(5);

/// Bytes of a signing key, as Standard Webhooks asks: fewer are guessable.
pub const SIGNING_KEY_BYTES_MIN: usize = 24;
/// Bytes of a signing key: more than a SHA-256 block add nothing.
pub const SIGNING_KEY_BYTES_MAX: usize = 64;

/// Characters of the setting `header_prefix`.
pub const HEADER_PREFIX_CHARACTERS_MAX: usize = 64;
/// Characters of the settings that go into headers (`user_agent`, `external_url`).
pub const HEADER_SETTING_CHARACTERS_MAX: usize = 256;

/// Bytes of an answer's body that are kept.
pub const RESPONSE_BODY_BYTES_MAX: usize = 8 * 1024;
/// Bytes of the name and of the value of an answer's header that are kept.
pub const RESPONSE_HEADER_BYTES_MAX: usize = 1_024;
/// Bytes of a failure's text that are kept.
pub const FAILURE_TEXT_BYTES_MAX: usize = 4 * 1024;
/// Characters of a Location that a failure's text names.
pub const LOCATION_CHARACTERS_MAX: usize = 200;
/// Longest wait that is read from a Retry-After; the policy's longest pause cuts it further.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Bytes of a hook's URL, as GitLab: more than browsers and proxies carry safely.
pub const URL_BYTES_MAX: usize = 2_048;
/// Characters of a hook's name.
pub const NAME_CHARACTERS_MAX: usize = 255;
/// Characters of a hook's description.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 2_048;
/// Bytes of a hook's token: what receivers take in one header.
pub const TOKEN_BYTES_MAX: usize = 4_096;
/// Bytes of a client certificate in PEM: a chain of four with 4,096-bit keys has 8 KiB.
pub const CLIENT_CERTIFICATE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a client key in PEM: an RSA key of 8,192 bits has 6 KiB.
pub const CLIENT_KEY_BYTES_MAX: usize = 8 * 1024;
/// Signing tokens of a hook that are valid at a time: each adds a signature to every request.
pub const SIGNING_KEYS_PER_HOOK_MAX: usize = 5;
/// Patterns over event types of one hook: each is tried for every event.
pub const EVENT_TYPES_PER_HOOK_MAX: usize = 64;

/// Headers of the owner's own, as GitLab.
pub const CUSTOM_HEADERS_MAX: usize = 20;
/// Parts of a hook's URL that are secret; GitLab has 10.
pub const URL_VARIABLES_MAX: usize = 20;
/// Characters of the name of such a header or part.
pub const SECRET_NAME_CHARACTERS_MAX: usize = 255;
/// Bytes of the value of such a header or part, as GitLab.
pub const SECRET_VALUE_BYTES_MAX: usize = 2_048;
/// Characters of a template, as GitLab.
pub const TEMPLATE_CHARACTERS_MAX: usize = 4_096;
/// Bytes of a body that a template makes, whatever its payload: what one request carries.
pub const RENDERED_BYTES_MAX: usize = 25 * 1024 * 1024;
/// How many times as long as its payload a body that a template makes may be: payloads are counted where they lie in
/// memory, so that what is made of them is bounded with them.
pub const RENDERED_TIMES_MAX: usize = 4;
/// Bytes of such a body that any payload may make, however short it is.
pub const RENDERED_BYTES_ALWAYS: usize = 64 * 1024;
/// Bytes of a branch's name that filters look at; a longer one fits none. git takes no longer path, and a pattern that is
/// slow must not be tried on a long text.
pub const BRANCH_BYTES_MAX: usize = 1_024;
/// Characters of a branch filter, as GitLab.
pub const BRANCH_FILTER_CHARACTERS_MAX: usize = 5_000;

/// Hooks of one project where the operator says nothing else.
pub const HOOKS_PER_PROJECT_DEFAULT: u32 = 100;
/// Hooks of one group where the operator says nothing else.
pub const HOOKS_PER_GROUP_DEFAULT: u32 = 50;
