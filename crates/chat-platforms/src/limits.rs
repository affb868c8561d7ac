//! Every limit of the chats, with its unit, its reason and what happens when it is hit.

use std::time::Duration;

/// How far a signed request's time may lie from ours, either way: Slack's own advice. An older one may be a replay, and is
/// refused.
pub const SIGNATURE_WINDOW: Duration = Duration::from_secs(300);

/// How long a request is remembered: as long as any clock within the window would believe it.
pub const REMEMBERED_FOR: Duration = Duration::from_secs(600);

/// Fields of a form. More are refused; a slash command has about a dozen.
pub const FORM_FIELDS_MAX: usize = 64;

/// Characters of one text in a block of Slack's.
pub const SLACK_TEXT_CHARACTERS_MAX: usize = 3_000;

/// Characters of one field in a section of Slack's.
pub const SLACK_FIELD_CHARACTERS_MAX: usize = 2_000;

/// Fields of one section of Slack's; of more a table is made.
pub const SLACK_FIELDS_MAX: usize = 10;

/// Blocks of one message of Slack's; the rest is left to the console.
pub const SLACK_BLOCKS_MAX: usize = 48;

/// Characters of one reply in a chat; a longer one is cut, and says where the rest is.
pub const REPLY_CHARACTERS_MAX: usize = 3_500;

/// Characters of one field in an attachment of Mattermost's.
pub const MATTERMOST_FIELD_CHARACTERS_MAX: usize = 1_000;

/// Bytes of a command, encoded, in the link to the whole of a reply; a longer one is left out: a block has no room for it.
pub const COMMAND_IN_LINK_MAX: usize = 1_500;

/// Characters on a button.
pub const BUTTON_LABEL_CHARACTERS_MAX: usize = 75;

/// How long a chat has for one answer.
pub const SEND_DEADLINE: Duration = Duration::from_secs(10);

/// Bytes of a chat's answer that are read.
pub const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The longest that a chat's wish to be asked later is granted.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
