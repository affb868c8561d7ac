//! Limits of callouts; what lies above is cut, never an error on the host platform's page.

/// Bytes of a page's path that are looked at; paths are shorter, and what a stranger sends must not cost more.
pub const PAGE_BYTES_MAX: usize = 2_048;
/// Quiet paths that may be configured; each is tried on every question, so more are refused.
pub const QUIET_PATHS_MAX: usize = 32;
/// Bytes of one quiet path; longer ones are refused.
pub const QUIET_PATH_BYTES_MAX: usize = 256;
/// Characters of a hook's title that are kept for banners; the rest becomes `…`.
pub const TITLE_CHARACTERS_MAX: usize = 100;
/// Characters of a hook's last error that are kept for banners; the rest becomes `…`.
pub const ERROR_CHARACTERS_MAX: usize = 300;
/// Characters of a last error that a banner's sentence quotes; the rest becomes `…`.
pub const QUOTED_ERROR_CHARACTERS_MAX: usize = 160;
/// Characters of a banner's text in English: what the limits above add up to.
pub const TEXT_CHARACTERS_MAX: usize = 600;
/// Hooks that one callout lists, worst first: as many as a project may have by default. The title counts them all.
pub const HOOKS_LISTED_MAX: usize = 100;
