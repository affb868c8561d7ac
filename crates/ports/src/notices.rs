//! Who is told of changes of hooks' health, by which channel, and what came of it.
//!
//! ```text
//! transition (written with the health) -- behind the cursor? --> notices, one a channel and recipient
//! notice: waiting -- it went out --> sent
//!         waiting -- given up --> failed
//!         waiting -- the recipient may not know any more, or does not want to --> withheld
//! ```
//! The cursor moves in the transaction in which the notices are kept: a crash repeats, and loses nothing. Whatever waits
//! has a message in the outbox, one a line, which says when it is due.

use crate::StoreError;
use crate::outbox::MessageCame;
use async_trait::async_trait;
use std::time::Duration;
use wigwag_access::Source;
use wigwag_base::{HookId, ProjectId, Timestamp, TransitionId, UserId};
use wigwag_hooks::health::Transition;
use wigwag_hooks::{EventType, Switch};

/// Keeps who is to be told, and who was.
#[async_trait]
pub trait Notices: Send + Sync {
    /// The changes of health behind the cursor, oldest first. A store that is new, or was brought up from a version
    /// without notices, begins with the next change.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn untold(&self, limit: u32) -> Result<Untold, StoreError>;

    /// Who was told by which channel that a hook is worse, and not yet that it is well again.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn owed(&self, hook: HookId) -> Result<Vec<Owed>, StoreError>;

    /// Moves the cursor, keeps the notices, and makes sure that each of their lines has a message in the outbox.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the cursor is not where it was seen.
    async fn tell(&self, telling: Telling) -> Result<(), StoreError>;

    /// What waits in a line, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn waiting_notices(&self, line: Line, limit: u32) -> Result<Vec<WaitingNotice>, StoreError>;

    /// Notes what came of a line's message and of the notices in it. What waits still gets a message of its own.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn note_line(&self, note: LineNote) -> Result<(), StoreError>;

    /// Who was told, newest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn told(&self, of: ToldOf, limit: u32) -> Result<Vec<Told>, StoreError>;

    /// Reads or writes whether too much waits for a hook: when that began, while nobody was told of it.
    ///
    /// # Errors
    /// See [`StoreError`]; of a hook that is gone nothing is kept.
    async fn backlog(&self, hook: HookId, call: BacklogCall) -> Result<Option<Timestamp>, StoreError>;

    /// The hooks of which it was said that too much waits, told or not.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn backlogs(&self) -> Result<Vec<HookId>, StoreError>;

    /// What a user does not want to be told of by mail.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn opt_outs(&self, user: UserId) -> Result<Vec<OptOut>, StoreError>;

    /// Begins (on) or ends (off) not telling a user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (`user`).
    async fn set_opt_out(&self, user: UserId, what: OptOut, to: Switch) -> Result<(), StoreError>;

    /// Users who administer the server and are not blocked, by id, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn admins(&self, limit: u32) -> Result<Vec<UserId>, StoreError>;
}

/// What nobody was told of yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Untold {
    /// The cursor: the last change that was taken.
    pub cursor: TransitionId,
    /// The changes behind it.
    pub changes: Vec<Changed>,
}

/// A change of a hook's health.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Rising.
    pub id: TransitionId,
    /// Whose.
    pub hook: HookId,
    /// What changed.
    pub transition: Transition,
    /// The request that brought it; `None` if a person, a time or a policy did, or if it is forgotten.
    pub cause: Option<Cause>,
}

/// The request behind a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// What was being delivered.
    pub event_type: EventType,
    /// Whose event that was; `None` for a test.
    pub project: Option<ProjectId>,
}

/// By what somebody is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Channel {
    /// E-mail to one user.
    Mail,
    /// A message in the operator's chat.
    Chat,
    /// An event for operational hooks.
    Events,
}

impl Channel {
    /// All of them.
    pub const ALL: [Channel; 3] = [Self::Mail, Self::Chat, Self::Events];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Chat => "chat",
            Self::Events => "events",
        }
    }
}

/// One channel, and one recipient where it has several: what waits there goes out together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Line {
    /// E-mail to this user.
    Mail(UserId),
    /// The operator's chat.
    Chat,
    /// Operational hooks.
    Events,
}

impl Line {
    /// Its channel.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Mail(_) => Channel::Mail,
            Self::Chat => Channel::Chat,
            Self::Events => Channel::Events,
        }
    }

    /// Its recipient, where it has one.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::Mail(user) => Some(user),
            Self::Chat | Self::Events => None,
        }
    }
}

/// Somebody who was told that a hook is worse.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Owed {
    /// Who, by what.
    pub line: Line,
    /// The project in which the event was published, of [`Line::Events`].
    pub project: Option<ProjectId>,
}

/// What shall be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Telling {
    /// Where the cursor was seen.
    pub seen: TransitionId,
    /// Where it goes.
    pub upto: TransitionId,
    /// One for each change, channel and recipient; one that is kept already stays as it is.
    pub notices: Vec<NewNotice>,
    /// Hooks that are well again: nobody is owed that any more.
    pub recovered: Vec<HookId>,
    /// When the messages of the lines are due, at the earliest.
    pub rings: Vec<Ring>,
    /// When.
    pub at: Timestamp,
}

/// A notice to keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewNotice {
    /// Of which change.
    pub transition: TransitionId,
    /// Of which hook.
    pub hook: HookId,
    /// For whom.
    pub line: Line,
    /// The project in which an event shall be published.
    pub project: Option<ProjectId>,
    /// What kind of news.
    pub news: News,
}

/// What kind of news a notice brings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum News {
    /// It is worse: whoever hears this is owed the end of it.
    Worse,
    /// It is well again.
    Better,
}

/// When the message of a line is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ring {
    /// Which line.
    pub line: Line,
    /// Its destination in the outbox.
    pub destination: String,
    /// Not before this time.
    pub not_before: Timestamp,
    /// Not sooner after the line's last message.
    pub every: Duration,
}

/// A notice that waits, with its change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingNotice {
    /// The change.
    pub id: TransitionId,
    /// Of which hook.
    pub hook: HookId,
    /// See [`NewNotice::project`].
    pub project: Option<ProjectId>,
    /// What changed.
    pub transition: Transition,
}

/// What came of a line's message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineNote {
    /// The message's id in the outbox.
    pub message: i64,
    /// What came of it.
    pub came: MessageCame,
    /// Changes whose notices went out.
    pub sent: Vec<TransitionId>,
    /// Changes whose notices were given up.
    pub failed: Vec<TransitionId>,
    /// Changes whose notices are withheld.
    pub withheld: Vec<TransitionId>,
    /// The line, and when its next message may go out.
    pub ring: Ring,
    /// When.
    pub at: Timestamp,
}

/// What became of a notice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NoticeState {
    /// It will go out.
    Waiting,
    /// It went out.
    Sent,
    /// It did not go through.
    Failed,
    /// The recipient may not know any more, does not want to, or there is nothing to tell any more.
    Withheld,
}

impl NoticeState {
    /// All of them.
    pub const ALL: [NoticeState; 4] = [Self::Waiting, Self::Sent, Self::Failed, Self::Withheld];

    /// The stable word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Withheld => "withheld",
        }
    }
}

/// Whose notices are asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToldOf {
    /// Those of all changes of these hooks.
    Hooks(Vec<HookId>),
    /// Those of these changes.
    Transitions(Vec<TransitionId>),
}

/// Somebody who was told, or is to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Told {
    /// Of which change.
    pub transition: TransitionId,
    /// Of which hook.
    pub hook: HookId,
    /// By what.
    pub channel: Channel,
    /// Who, by mail.
    pub user: Option<UserId>,
    /// What became of it.
    pub state: NoticeState,
    /// When it became that.
    pub at: Timestamp,
}

/// What is said of the deliveries that wait for a hook.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BacklogCall {
    /// Half of what may wait waits, at this time; where that was said before, the first time counts.
    Grew(Timestamp),
    /// Somebody was told.
    Told,
    /// Much less waits than that: the next time is told again.
    Shrank,
}

/// What a user does not want to be told of by mail.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum OptOut {
    /// Anything.
    Everything,
    /// Hooks of one project, or of one group.
    Of(Source),
}
