//! Limits of the registry; what lies above is refused with the limit's name and number.

/// Characters of a username, a path or one part of it.
pub const PATH_CHARACTERS_MAX: usize = 255;
/// Characters of a display name.
pub const NAME_CHARACTERS_MAX: usize = 255;
/// Groups inside groups, as GitLab's.
pub const GROUP_DEPTH_MAX: usize = 20;
/// Bytes of an e-mail address, as RFC 5321 lets through (a path of 256 with its angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Bytes of the part of an e-mail address before the `@`, as RFC 5321.
pub const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// Characters that the operator's root token has at least: 32 of them cannot be guessed.
pub const ROOT_TOKEN_CHARACTERS_MIN: usize = 32;
/// Characters of any token; what is longer is refused unread, so that nobody makes the server hash megabytes.
pub const TOKEN_CHARACTERS_MAX: usize = 512;
