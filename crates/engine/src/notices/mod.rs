//! Telling those who are not on a page: mail, the operator's chat, and events for operational hooks.
//!
//! ```text
//! transition -- committed, a bell --> take_changes: whose flag is on, who may mend it -> notices + cursor, one transaction
//! notices    -- the line's message is due (outbox) --> mail | chat | events: gathered, judged again, sent -> noted
//! ```
//! Whatever is told hangs on the table of transitions by a cursor: a crash at any line tells again, and loses nothing. A
//! line gathers what happens until its message is due, so that a thousand hooks that fail together make one mail.

mod about;
mod backlog;
mod chat;
mod digest;
mod events;
mod gather;
mod mail;
mod make;
mod opt_out;
mod rights;

use chat::NoticeChat;

pub(crate) use about::{about, spared};
pub use opt_out::{NoticePreferences, NoticeWish};

use crate::chat::Destination;
use crate::limits::{
    NOTICE_CHAT_EVERY, NOTICE_GATHER, NOTICE_LOOK_EVERY, NOTICE_MAIL_EVERY, NOTICE_MAILS_AT_ONCE_MAX,
    NOTICE_REST, OUTBOX_REST_MIN,
};
use crate::{Engine, EngineError, Settings};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify, Semaphore};
use wigwag_base::Timestamp;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::notices::{Line, LineNote, Ring};
use wigwag_ports::outbox::{Message, MessageCame};
use wigwag_ports::{Egress, StoreError};

/// What telling needs besides the store.
pub(crate) struct Notices {
    /// Rings when a hook's health has moved.
    bell: Notify,
    /// Lets one at a time take what changed.
    turn: Mutex<()>,
    /// Mails that may be made and sent at once.
    mailing: Semaphore,
    /// Where the operator wants to hear of failing hooks.
    chat: Option<NoticeChat>,
    /// Whether nobody can be reached at present, which is our own fault.
    own_outage: AtomicBool,
}

impl Notices {
    /// # Errors
    /// What is wrong with the settings.
    pub(crate) fn new(settings: &Settings, egress: &dyn Egress) -> Result<Self, EngineError> {
        Ok(Self {
            bell: Notify::new(),
            turn: Mutex::new(()),
            mailing: Semaphore::new(NOTICE_MAILS_AT_ONCE_MAX),
            chat: NoticeChat::of(settings, egress)?,
            own_outage: AtomicBool::new(false),
        })
    }

    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// From now on nobody can be reached.
    pub(crate) fn outage_began(&self) {
        self.own_outage.store(true, Ordering::Relaxed);
    }

    /// Whether nobody is told now, since nobody can be reached.
    pub(crate) fn are_held_back(&self) -> bool {
        self.own_outage.load(Ordering::Relaxed)
    }

    /// Somebody was reached, or nobody tries any more: what was held back is told.
    pub(crate) fn outage_ended(&self) {
        self.own_outage.store(false, Ordering::Relaxed);
        self.ring();
    }
}

/// Runs until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            let mut pause = NOTICE_LOOK_EVERY;
            if let Err(error) = engine.take_changes().await {
                tracing::warn!(%error, "notices wait for the store");
                pause = OUTBOX_REST_MIN;
            }
            // The first change is told at once; of many that follow each would move the cursor by a commit of its own.
            tokio::time::sleep(NOTICE_REST).await;
            tokio::select! {
                () = engine.inner.notices.bell.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

/// When the next message of a line may go out.
pub(super) fn ring(line: Line, not_before: Timestamp) -> Ring {
    Ring { line, destination: Destination::Notices(line).to_string(), not_before, every: every(line) }
}

/// How long a line gathers before its first message.
const fn gathered_for(line: Line) -> Duration {
    match line {
        Line::Mail(_) | Line::Chat => NOTICE_GATHER,
        Line::Events => Duration::ZERO,
    }
}

/// How long it rests after each.
const fn every(line: Line) -> Duration {
    match line {
        Line::Mail(_) => NOTICE_MAIL_EVERY,
        Line::Chat => NOTICE_CHAT_EVERY,
        Line::Events => Duration::ZERO,
    }
}

impl Engine {
    /// Sends what waits in a line, and says what came of it.
    ///
    /// # Errors
    /// The store's; nothing was sent then.
    pub(crate) async fn send_notices(&self, message: &Message, line: Line) -> Result<LineNote, StoreError> {
        match line {
            Line::Mail(user) => self.send_mail(message, user).await,
            Line::Chat => self.send_notice_chat(message).await,
            Line::Events => self.send_events(message).await,
        }
    }

    /// What came of a line's message, before anything is known of its notices.
    fn line_note(&self, message: &Message, line: Line, came: Result<(), ChatOutError>) -> LineNote {
        let at = self.inner.clock.now();
        let came = match came {
            Ok(()) => MessageCame::Sent,
            Err(error) => self.came_of(message, error),
        };
        LineNote {
            message: message.id,
            came,
            sent: Vec::new(),
            failed: Vec::new(),
            withheld: Vec::new(),
            ring: ring(line, at),
            at,
        }
    }
}
