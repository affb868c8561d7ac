//! Sending what the outbox keeps: a line for each destination, in the order in which things happened, none waiting for
//! another.
//!
//! ```text
//! bell, or a time comes -> destinations whose oldest message is due -> one task each, if none is at it:
//!     send -> went out   -> note that -> the next one
//!             later      -> note when -> the line rests until then
//!             never      -> note why  -> the next one
//! ```
//! Between sending and noting lies a moment in which a crash makes a message go out twice. A store that takes no notes does
//! not: what went out is remembered, and only noted again.

use super::answer::LateAnswer;
use super::content::from_content;
use super::destination::Destination;
use crate::intake::Incoming;
use crate::limits::{
    OUTBOX_AGE_MAX, OUTBOX_DELAYS, OUTBOX_LOOK_EVERY, OUTBOX_REST_MIN, OUTBOX_TURN_MAX, OUTBOX_WAITING_MAX,
};
use crate::rights::allow;
use crate::{Engine, EngineError};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Notify, OwnedMutexGuard};
use tokio::task::JoinSet;
use wigwag_access::{Action, Principal, Thing};
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::monitors::Annotation;
use wigwag_ports::notices::LineNote;
use wigwag_ports::outbox::{Message, MessageCame};
use wigwag_ports::registry::PathKey;

/// Rings when something was put into the outbox, and knows which lines are being sent.
#[derive(Default)]
pub(crate) struct OutboxBell {
    bell: Notify,
    lines: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Line>>>>,
}

/// The line of one destination, held by whoever sends it.
#[derive(Default)]
struct Line {
    /// A message that went out, while the store has not taken note of it.
    sent: Option<i64>,
    /// What came of its notices, if it is one of a line of notices.
    note: Option<LineNote>,
}

impl OutboxBell {
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    fn line(&self, destination: &str) -> Arc<tokio::sync::Mutex<Line>> {
        self.lines.lock().entry(destination.to_owned()).or_default().clone()
    }

    /// Forgets lines that nobody holds and in which nothing is left to be noted: answers have one each.
    fn tidy(&self) {
        let at_rest = |line: &Arc<tokio::sync::Mutex<Line>>| {
            Arc::strong_count(line) == 1 && line.try_lock().is_ok_and(|line| line.sent.is_none())
        };
        self.lines.lock().retain(|_, line| !at_rest(line));
    }
}

/// Runs until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            let pause = match engine.start_lines().await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!(%error, "the outbox waits for the store");
                    OUTBOX_REST_MIN
                }
            };
            engine.inner.outbox.tidy();
            tokio::select! {
                () = engine.inner.outbox.bell.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

impl Engine {
    /// Begins to send whatever is due and is not being sent, and gives how long nothing else will be due, if nothing is put
    /// in meanwhile.
    async fn start_lines(&self) -> Result<Duration, EngineError> {
        let now = self.inner.clock.now();
        let mut pause = OUTBOX_LOOK_EVERY;
        for (destination, due_at) in self.inner.store.waiting_destinations().await? {
            if due_at > now {
                // A clock that is moved by hand, or a store that is slow, must not make this a loop without rest.
                pause = pause.min(due_at.since(now).max(OUTBOX_REST_MIN));
                continue;
            }
            pause = pause.min(OUTBOX_REST_MIN);
            let Ok(line) = self.inner.outbox.line(&destination).try_lock_owned() else { continue };
            let engine = self.clone();
            let errand = self.inner.errands.begin();
            tokio::spawn(async move {
                let _errand = errand;
                match engine.send_line(line, &destination).await {
                    Ok(()) => engine.inner.outbox.ring(),
                    Err(error) => tracing::warn!(%error, destination, "the outbox waits for the store"),
                }
            });
        }
        Ok(pause)
    }

    /// Sends what is due, once, and returns when each destination was tried. It is done again and again by itself; this is
    /// for whoever moves the clock by hand.
    ///
    /// # Errors
    /// The store's, after every destination was tried; what was sent and not noted is noted the next time.
    pub async fn send_outbox(&self) -> Result<(), EngineError> {
        let mut sending = JoinSet::new();
        for (destination, _) in self.inner.store.waiting_destinations().await? {
            let engine = self.clone();
            sending.spawn(async move {
                let line = engine.inner.outbox.line(&destination).lock_owned().await;
                engine.send_line(line, &destination).await
            });
        }
        let mut came = Ok(());
        while let Some(sent) = sending.join_next().await {
            let sent = sent.unwrap_or_else(|error| {
                let reason = format!("sending was interrupted: {error}");
                Err(EngineError::Unavailable { reason, retry_after: OUTBOX_REST_MIN })
            });
            came = came.and(sent);
        }
        came
    }

    /// Sends the messages of one destination, until one does not go through, or none is left.
    async fn send_line(&self, mut line: OwnedMutexGuard<Line>, destination: &str) -> Result<(), EngineError> {
        'line: loop {
            let store = &self.inner.store;
            let waiting = store.waiting_messages(destination.to_owned(), OUTBOX_TURN_MAX).await?;
            let is_last = waiting.len() < OUTBOX_TURN_MAX as usize;
            for message in waiting {
                // What a stop finds waiting goes out after the next start.
                if self.is_stopping() {
                    return Ok(());
                }
                if line.sent == Some(message.id) {
                    self.note_sent(&mut line, message.id).await?;
                    continue;
                }
                if message.due_at.is_some_and(|due_at| due_at > self.inner.clock.now()) {
                    return Ok(());
                }
                if let Some(Destination::Notices(of)) = Destination::from_text(destination) {
                    match self.send_and_note(&mut line, &message, of).await? {
                        MessageCame::Retry { .. } => return Ok(()),
                        MessageCame::Sent | MessageCame::GivenUp { .. } => continue 'line,
                    }
                }
                let came = match self.send(&message).await {
                    Ok(()) => {
                        line.sent = Some(message.id);
                        MessageCame::Sent
                    }
                    Err(error) => self.came_of(&message, error),
                };
                let rests = matches!(came, MessageCame::Retry { .. });
                if let MessageCame::GivenUp { error } = &came {
                    tracing::warn!(destination, error, "a message is given up");
                }
                store.note_message(message.id, came).await?;
                line.sent = None;
                if rests {
                    return self.drop_beyond(destination).await;
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Notes again what went out while the store took no notes.
    async fn note_sent(&self, line: &mut Line, message: i64) -> Result<(), EngineError> {
        match &line.note {
            Some(note) => self.inner.store.note_line(note.clone()).await?,
            None => self.inner.store.note_message(message, MessageCame::Sent).await?,
        }
        (line.sent, line.note) = (None, None);
        Ok(())
    }

    /// Sends what waits in a line of notices, and notes what came of all of it together.
    async fn send_and_note(
        &self,
        line: &mut Line,
        message: &Message,
        of: wigwag_ports::notices::Line,
    ) -> Result<MessageCame, EngineError> {
        let note = self.send_notices(message, of).await?;
        if let MessageCame::GivenUp { error } = &note.came {
            tracing::warn!(destination = message.destination, error, "notices are given up");
        }
        // What went out, and with it what is to be noted, must not go out again because the store takes no note of it.
        (line.sent, line.note) = (Some(message.id), Some(note.clone()));
        let came = note.came.clone();
        self.note_sent(line, message.id).await?;
        Ok(came)
    }

    /// Where nothing goes through, the oldest of too many messages go: the audit log has what they tell.
    async fn drop_beyond(&self, destination: &str) -> Result<(), EngineError> {
        let dropped = self.inner.store.drop_waiting(destination.to_owned(), OUTBOX_WAITING_MAX).await?;
        if dropped > 0 {
            tracing::error!(destination, dropped, "too many messages wait; the oldest were given up");
        }
        Ok(())
    }

    pub(crate) fn came_of(&self, message: &Message, error: ChatOutError) -> MessageCame {
        let now = self.inner.clock.now();
        match error {
            ChatOutError::Later { reason, after } if now.since(message.at) < OUTBOX_AGE_MAX => {
                let delay = OUTBOX_DELAYS.get(message.attempts as usize).or(OUTBOX_DELAYS.last());
                let delay = after.or(delay.copied()).unwrap_or(OUTBOX_LOOK_EVERY);
                let delay = delay.clamp(OUTBOX_REST_MIN, OUTBOX_AGE_MAX);
                MessageCame::Retry { due_at: now + delay, error: reason }
            }
            ChatOutError::Later { reason: error, .. } | ChatOutError::Never(error) => {
                MessageCame::GivenUp { error }
            }
        }
    }

    async fn send(&self, message: &Message) -> Result<(), ChatOutError> {
        let never = |why: &str| ChatOutError::Never(why.to_owned());
        let unreadable = || never("it cannot be read");
        match Destination::from_text(&message.destination).ok_or_else(|| never("it goes nowhere"))? {
            Destination::Channel(name) => {
                let reply = from_content(&message.content).ok_or_else(unreadable)?;
                let place = self.platform_of(&name).filter(|(platform, channel)| platform.serves(channel));
                let (platform, channel) = place.ok_or_else(|| {
                    never("no chat is configured that reaches this channel; see [chat] in wigwag.toml")
                })?;
                platform.post(&channel, &reply).await
            }
            Destination::Answer { platform, .. } => {
                let answer = LateAnswer::from_content(&message.content).ok_or_else(unreadable)?;
                let known = self.inner.outside.platforms.iter().find(|known| known.name() == platform);
                answer.send(&**known.ok_or_else(|| never("this chat is not configured any more"))?).await
            }
            Destination::Annotation => {
                let annotation = annotation(&message.content).ok_or_else(unreadable)?;
                match &self.inner.outside.annotations {
                    Some(charts) => charts.annotate(&annotation).await,
                    None => Err(never("no Grafana is configured")),
                }
            }
            Destination::Event => self.publish_change(message).await,
            Destination::Notices(_) => Err(never("it is sent with its notices")),
        }
    }

    /// Hands a change on to hooks. The message's number is the key: one that is sent again makes no second event.
    async fn publish_change(&self, message: &Message) -> Result<(), ChatOutError> {
        let later = |reason: String| ChatOutError::Later { reason, after: None };
        let Some(path) = &self.inner.settings.chat.change_events_project else {
            return Err(ChatOutError::Never("no project is configured for events of changes".into()));
        };
        let found = self.find_project(PathKey::FullPath(path.clone())).await;
        let placed = found.map_err(|error| later(error.to_string()))?;
        let project = placed.ok_or_else(|| later(format!("there is no project {path}; make it")))?;
        let event = Incoming {
            event_type: "feature_flag".into(),
            payload: message.content.clone(),
            idempotency_key: Some(format!("wigwag-change-{}", message.id)),
            chain: None,
        };
        let published = self.publish(project.project.id, vec![event]).await;
        published.map(drop).map_err(|refused| later(refused.error.to_string()))
    }
}

fn annotation(content: &[u8]) -> Option<Annotation> {
    let value: Value = serde_json::from_slice(content).ok()?;
    let tags = value["tags"].as_array()?.iter().map(|tag| tag.as_str().map(str::to_owned));
    Some(Annotation {
        at: Timestamp::from_millis(value["at"].as_i64()?),
        tags: tags.collect::<Option<_>>()?,
        text: value["text"].as_str()?.to_owned(),
    })
}

impl Engine {
    /// What waits to be said and what was given up, newest first: for those who may give roles.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn outbox(&self, principal: &Principal, page: Page) -> Result<PageOf<Message>, EngineError> {
        allow(principal, Action::ManageChat, Thing::Server)?;
        Ok(self.inner.store.messages(page).await?)
    }
}
