//! Notices: channels, what became of them, what users do not want.

use super::codes;
use super::registry::{source, source_columns};
use rusqlite::Result;
use wigwag_base::UserId;
use wigwag_ports::notices::{Channel, Line, NoticeState, OptOut};

codes!(channel_code, channel, Channel { Channel::Mail = 0, Channel::Chat = 1, Channel::Events = 2 });
codes!(state_code, state, NoticeState {
    NoticeState::Waiting = 0, NoticeState::Sent = 1, NoticeState::Failed = 2, NoticeState::Withheld = 3
});

/// Who stands in `user_id` where it is nobody in particular.
pub(crate) const NOBODY: i64 = 0;

/// The kind under which an opt-out of everything is stored.
const EVERYTHING: i64 = -1;

/// The stored channel and user of a line.
pub(crate) fn line_columns(line: Line) -> (i64, i64) {
    (channel_code(line.channel()), line.user().map_or(NOBODY, |user| user.0))
}

/// The line under a channel and user.
pub(crate) fn line(code: i64, user: i64) -> Result<Line> {
    Ok(match channel(code)? {
        Channel::Mail => Line::Mail(UserId(user)),
        Channel::Chat => Line::Chat,
        Channel::Events => Line::Events,
    })
}

/// The stored kind and id of an opt-out.
pub(crate) const fn opt_out_columns(what: OptOut) -> (i64, i64) {
    match what {
        OptOut::Everything => (EVERYTHING, 0),
        OptOut::Of(of) => source_columns(of),
    }
}

/// The opt-out under a kind and id.
pub(crate) fn opt_out(kind: i64, id: i64) -> Result<OptOut> {
    if kind == EVERYTHING { Ok(OptOut::Everything) } else { source(kind, id).map(OptOut::Of) }
}
