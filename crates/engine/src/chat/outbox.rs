//! Sending what the outbox keeps: by destination, each in its own order, none waiting for another.

use super::channels::channel;
use super::content::from_content;
use super::destination::Destination;
use crate::intake::Incoming;
use crate::limits::{OUTBOX_AGE_MAX, OUTBOX_DELAYS, OUTBOX_LOOK_EVERY, OUTBOX_TURN_MAX};
use crate::rights::allow;
use crate::{Engine, EngineError};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinSet;
use wigwag_access::{Action, Principal, Thing};
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::monitors::Annotation;
use wigwag_ports::outbox::{Message, MessageCame};
use wigwag_ports::registry::PathKey;

/// Rings when something was put into the outbox.
#[derive(Default)]
pub(crate) struct OutboxBell {
    bell: Notify,
    /// Held for a turn, so that no message goes out twice.
    turn: Mutex<()>,
}

impl OutboxBell {
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }
}

/// Runs until the engine stops.
pub(crate) fn spawn(engine: Engine) {
    tokio::spawn(async move {
        while !engine.inner.stopping.load(Ordering::Relaxed) {
            let sent = engine.send_outbox().await;
            if let Err(error) = &sent {
                tracing::warn!(%error, "the outbox waits for the store");
            }
            let pause = match sent {
                Ok(more) if more >= OUTBOX_TURN_MAX as usize => Duration::ZERO,
                _ => engine.outbox_pause().await,
            };
            tokio::select! {
                () = engine.inner.outbox.bell.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

impl Engine {
    /// Sends what is due, once; gives how many messages were tried. Called again and again by itself.
    ///
    /// # Errors
    /// The store's; what was sent and not noted is sent again.
    pub async fn send_outbox(&self) -> Result<usize, EngineError> {
        let _turn = self.inner.outbox.turn.lock().await;
        let due = self.inner.store.due_messages(self.inner.clock.now(), OUTBOX_TURN_MAX).await?;
        let count = due.len();
        let mut lines: HashMap<String, Vec<Message>> = HashMap::new();
        for message in due {
            lines.entry(message.destination.clone()).or_default().push(message);
        }
        let mut sending = JoinSet::new();
        for (_, line) in lines {
            let engine = self.clone();
            sending.spawn(async move { engine.send_line(line).await });
        }
        while let Some(sent) = sending.join_next().await {
            sent.map_err(|error| EngineError::Unavailable {
                reason: format!("sending was interrupted: {error}"),
                retry_after: OUTBOX_LOOK_EVERY,
            })??;
        }
        Ok(count)
    }

    /// How long nothing will be due, if nothing is put in meanwhile.
    async fn outbox_pause(&self) -> Duration {
        match self.inner.store.next_message_due().await {
            Ok(Some(at)) => at.since(self.inner.clock.now()).min(OUTBOX_LOOK_EVERY),
            Ok(None) | Err(_) => OUTBOX_LOOK_EVERY,
        }
    }

    /// The messages of one destination: the first that does not go through holds up those behind it.
    async fn send_line(&self, line: Vec<Message>) -> Result<(), EngineError> {
        let mut held_up: Option<(Timestamp, String)> = None;
        for message in line {
            let came = match &held_up {
                Some((due_at, error)) => MessageCame::Retry { due_at: *due_at, error: error.clone() },
                None => match self.send(&message).await {
                    Ok(()) => MessageCame::Sent,
                    Err(error) => self.came_of(&message, error),
                },
            };
            if let MessageCame::Retry { due_at, error } = &came {
                held_up = Some((*due_at, error.clone()));
            }
            if let MessageCame::GivenUp { error } = &came {
                tracing::error!(destination = message.destination, error, "a message is given up");
            }
            self.inner.store.note_message(message.id, came).await?;
        }
        Ok(())
    }

    fn came_of(&self, message: &Message, error: ChatOutError) -> MessageCame {
        let now = self.inner.clock.now();
        match error {
            ChatOutError::Later { reason, after } if now.since(message.at) < OUTBOX_AGE_MAX => {
                let delay = OUTBOX_DELAYS.get(message.attempts as usize).or(OUTBOX_DELAYS.last());
                let delay = after.or(delay.copied()).unwrap_or(OUTBOX_LOOK_EVERY).min(OUTBOX_AGE_MAX);
                MessageCame::Retry { due_at: now + delay, error: reason }
            }
            ChatOutError::Later { reason: error, .. } | ChatOutError::Never(error) => {
                MessageCame::GivenUp { error }
            }
        }
    }

    async fn send(&self, message: &Message) -> Result<(), ChatOutError> {
        let never = |why: &str| ChatOutError::Never(why.to_owned());
        match Destination::from_text(&message.destination).ok_or_else(|| never("it goes nowhere"))? {
            Destination::Channel(name) => {
                let reply = from_content(&message.content).ok_or_else(|| never("it cannot be read"))?;
                let channel = channel(&name);
                let platform = self.platform_of(&channel).ok_or_else(|| {
                    never("no chat is configured that reaches this channel; see [chat] in wigwag.toml")
                })?;
                platform.post(&channel, &reply).await
            }
            Destination::Annotation => {
                let annotation = annotation(&message.content).ok_or_else(|| never("it cannot be read"))?;
                match &self.inner.outside.annotations {
                    Some(charts) => charts.annotate(&annotation).await,
                    None => Err(never("no Grafana is configured")),
                }
            }
            Destination::Event => self.publish_change(message).await,
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
