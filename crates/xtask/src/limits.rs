//! Every limit that `tidy` enforces: unit, reason, and what happens when it is hit.

/// Lines of one source file. Longer ones are not read as a whole; the check fails and asks for a split.
pub(crate) const FILE_LINES_MAX: usize = 500;

/// Lines of one function, from its signature to its closing brace: what fits on a screen. The check fails above it.
pub(crate) const FUNCTION_LINES_MAX: usize = 70;

/// Words of ARCHITECTURE.md: what a newcomer reads in ten minutes. The check fails above it.
pub(crate) const ARCHITECTURE_WORDS_MAX: usize = 2_500;

/// The lowest major version of Node that the browser tests' packages accept. `test` stops below it.
pub(crate) const NODE_MAJOR_MIN: u32 = 20;
