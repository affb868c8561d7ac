//! One request of a chat: proven, seen for the first time, run for whoever says it, and answered in time.

use super::press::Pressed;
use crate::command::{Transport, changes_something};
use crate::limits::{LATE_ANSWER_TRIES, LATE_ANSWER_WAIT};
use crate::{Engine, EngineError};
use bytes::Bytes;
use std::sync::Arc;
use wigwag_access::Principal;
use wigwag_base::UserId;
use wigwag_chat::{Command, Reply};
use wigwag_ports::chat_platform::{Asks, Audience, Channel, ChatRefusal, ChatRequest, Incoming};
use wigwag_ports::outbox::NewMessage;
use wigwag_ports::{ChatPlatform, StoreError};

use super::content::to_content;
use super::destination::Destination;

/// What a chat gets as an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatAnswer {
    /// The status.
    pub status: u16,
    /// What the body is.
    pub content_type: &'static str,
    /// The body.
    pub body: Bytes,
}

impl ChatAnswer {
    fn plain(status: u16, text: impl Into<String>) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: Bytes::from(text.into()) }
    }
}

/// Who asks by a request, and how.
struct Asking {
    platform: Arc<dyn ChatPlatform>,
    incoming: Incoming,
    principal: Principal,
}

impl Engine {
    /// Answers a request to `/chat/PLATFORM`. `headers` have names in lower case.
    pub async fn receive_chat(
        &self,
        platform: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> ChatAnswer {
        let known = self.inner.outside.platforms.iter().find(|known| known.name() == platform);
        let Some(platform) = known.cloned() else {
            let text = format!("{platform} is not configured here: see [chat.{platform}] in wigwag.toml\n");
            return ChatAnswer::plain(404, text);
        };
        let incoming = match platform.read(&ChatRequest { headers, body, now: self.inner.clock.now() }) {
            Ok(incoming) => incoming,
            Err(ChatRefusal::Unreadable(reason)) => return ChatAnswer::plain(400, format!("{reason}\n")),
            Err(ChatRefusal::Forged(reason) | ChatRefusal::Stale(reason)) => {
                self.note_forgery(platform.name(), &reason).await;
                return ChatAnswer::plain(401, format!("{reason}\n"));
            }
        };
        if let Asks::Hello(body) = incoming.asks {
            return ChatAnswer { status: 200, content_type: "text/plain; charset=utf-8", body };
        }
        if let Err(refused) = self.first_time(&*platform, &incoming).await {
            return refused;
        }
        let principal = match self.principal_of_chat(&*platform, &incoming.who, &incoming.who_name).await {
            Ok(principal) => principal,
            Err(error) => return answer(&*platform, &said(&error), Audience::Asker),
        };
        self.answer_in_time(Asking { platform, incoming, principal }).await
    }

    /// A request that was seen before is refused, by whichever node saw it.
    async fn first_time(&self, platform: &dyn ChatPlatform, incoming: &Incoming) -> Result<(), ChatAnswer> {
        let Some(once) = incoming.once else { return Ok(()) };
        let now = self.inner.clock.now();
        match self.inner.store.use_once(once.id, now, now + once.for_).await {
            Ok(()) => Ok(()),
            Err(StoreError::Taken(_)) => {
                let reason = "this very request was answered before; a replay is refused";
                self.note_forgery(platform.name(), reason).await;
                Err(ChatAnswer::plain(401, format!("{reason}\n")))
            }
            Err(error) => Err(answer(platform, &said(&error.into()), Audience::Asker)),
        }
    }

    /// Runs it, and answers with what came of it, or that the rest follows.
    async fn answer_in_time(&self, asking: Asking) -> ChatAnswer {
        let asking = Arc::new(asking);
        let (engine, asked) = (self.clone(), asking.clone());
        let mut running = tokio::spawn(async move { engine.run_asked(&asked).await });
        let within = self.inner.settings.chat.answer_within;
        match tokio::time::timeout(within, &mut running).await {
            Ok(Ok((reply, audience))) => answer(&*asking.platform, &reply, audience),
            Ok(Err(_)) => answer(&*asking.platform, &broke_off(), Audience::Asker),
            Err(_) => {
                let (engine, asked) = (self.clone(), asking.clone());
                tokio::spawn(async move {
                    let (reply, audience) = running.await.unwrap_or_else(|_| (broke_off(), Audience::Asker));
                    engine.answer_late(&asked, &reply, audience).await;
                });
                let text = "This takes longer: what it asks outside (production checks, another server) has not answered yet. \
                            The result follows here.";
                answer(&*asking.platform, &Reply::done().text(text), Audience::Asker)
            }
        }
    }

    async fn run_asked(&self, asking: &Asking) -> (Reply, Audience) {
        let Asking { platform, incoming, principal } = asking;
        let channel = incoming.channel.clone();
        let from = Transport::Chat { platform: platform.name(), channel };
        let (reply, writes) = match &incoming.asks {
            Asks::Press { value } => {
                let pressed = Pressed::new(value.clone());
                (self.press(principal, &pressed, &from).await, true)
            }
            Asks::Command(text) => match self.parse(text) {
                Ok(Command::Link(link)) => {
                    let reply = self.take_link_code(&incoming.who, &incoming.who_name, &link.code).await;
                    (reply, false)
                }
                Ok(command) => {
                    let writes = changes_something(&command);
                    (self.run_parsed(principal, &command, &from).await, writes)
                }
                Err(error) => (Reply::from(&error), false),
            },
            Asks::Hello(_) => (Reply::done(), false),
        };
        let stranger = principal.user == UserId(0);
        let reply = if writes && stranger && !reply.ok { reply.text(HOW_TO_LINK) } else { reply };
        // What was changed concerns the channel; a question, or a refusal, only who asked.
        let audience = if writes && reply.ok { Audience::Channel } else { Audience::Asker };
        (reply, audience)
    }

    /// Says what came of it by the address that came with the request, else in the channel.
    async fn answer_late(&self, asking: &Asking, reply: &Reply, audience: Audience) {
        if let Some(url) = &asking.incoming.response_url {
            for _ in 0..LATE_ANSWER_TRIES {
                match asking.platform.respond(url, reply, audience).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, "a late answer did not go out"),
                }
                tokio::time::sleep(LATE_ANSWER_WAIT).await;
            }
        }
        let Channel { id, name } = &asking.incoming.channel;
        let name = if id.is_empty() { name } else { id };
        if !self.reaches(name) {
            tracing::error!(channel = name, "a late answer is lost: the chat takes it by no way");
            return;
        }
        let message = NewMessage {
            destination: Destination::Channel(name.clone()).to_string(),
            content: to_content(reply),
            at: self.inner.clock.now(),
        };
        match self.inner.store.enqueue(vec![message]).await {
            Ok(()) => self.inner.outbox.ring(),
            Err(error) => tracing::error!(%error, "a late answer is lost"),
        }
    }
}

/// What a stranger is told who wants to change something.
const HOW_TO_LINK: &str = "This chat does not know who you are. Run `wigwag chat link` where you are signed in and say here \
                           what it prints: /chatops run link CODE";

fn answer(platform: &dyn ChatPlatform, reply: &Reply, audience: Audience) -> ChatAnswer {
    let (body, content_type) = platform.answer(reply, audience);
    ChatAnswer { status: 200, content_type, body }
}

fn said(error: &EngineError) -> Reply {
    Reply::refused().text(crate::command::told::sentence(error))
}

fn broke_off() -> Reply {
    Reply::refused().text("The command broke off here. Look with `feature get` whether anything was changed.")
}
