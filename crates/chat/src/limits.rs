//! Every limit of the chat grammar, with its unit, its reason and what happens when it is hit.

/// Bytes of a command, typed or written out in full: as much as a chat message holds. A longer one is refused unread.
pub const TEXT_BYTES_MAX: usize = 4_000;

/// Targets that one command may name; they are looked up one by one and written together. More are refused.
pub const TARGETS_MAX: usize = 100;

/// Bytes of one name (a flag's, a project's path); names are stored no longer. A longer one is refused.
pub const NAME_BYTES_MAX: usize = 255;

/// Commits that one `auto_deploy status` may ask for; each is looked up in every environment. More are refused.
pub const COMMITS_MAX: usize = 20;

/// Hexadecimal digits of a commit's id: fewer name too many commits, and more than a SHA-256 has are none. Others are
/// refused.
pub const COMMIT_DIGITS: std::ops::RangeInclusive<usize> = 7..=64;

/// Bytes of a one-time code for linking; those that are printed are shorter. A longer one is refused.
pub const LINK_CODE_BYTES_MAX: usize = 64;

/// Audiences that one announcement may name: each is a message of its own. More are refused.
pub const AUDIENCES_MAX: usize = 20;

/// Words behind `help`: no command has more. More are refused.
pub const TOPIC_WORDS_MAX: usize = 2;

/// Characters of the command that an error shows around the place it points at; the rest becomes an ellipsis.
pub const ERROR_LINE_CHARS_MAX: usize = 100;

/// Characters of a mistyped word that a message repeats; the rest becomes an ellipsis.
pub const ERROR_WORD_CHARS_MAX: usize = 60;

/// Characters of an environment's name: people type it behind two dashes. A longer one is refused.
pub const ENVIRONMENT_BYTES_MAX: usize = 60;

/// Bytes of a button's value: Slack takes no more than 2,000 characters. A button that would need more is left out.
pub const BUTTON_BYTES_MAX: usize = 2_000;

/// Completions of one place: a list that people read. More are left out; a longer beginning shows them.
pub const COMPLETIONS_MAX: usize = 50;
