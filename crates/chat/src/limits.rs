//! Every limit of the chat grammar, with its unit, its reason and what happens when it is hit.

/// Bytes of a command: as much as a chat message holds. A longer one is refused unread.
pub const TEXT_BYTES_MAX: usize = 4_000;

/// Targets that one command may name; they are looked up one by one and written together. More are refused.
pub const TARGETS_MAX: usize = 100;

/// Bytes of one name (a flag's, a project's path); names are stored no longer. A longer one is refused.
pub const NAME_BYTES_MAX: usize = 255;

/// Characters of the command that an error shows around the place it points at; the rest becomes an ellipsis.
pub const ERROR_LINE_CHARS_MAX: usize = 100;

/// Characters of an environment's name: people type it behind two dashes. A longer one is refused.
pub const ENVIRONMENT_BYTES_MAX: usize = 60;
