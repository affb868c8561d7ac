//! One request of a chat: proven, seen for the first time, run for whoever says it, and answered in time.

use super::answer::LateAnswer;
use super::channels::title;
use super::heard::Heard;
use super::press::Pressed;
use super::refusals::Refused;
use crate::command::{Transport, asks_for_change};
use crate::{Engine, EngineError};
use bytes::Bytes;
use std::future::Future;
use std::sync::Arc;
use wigwag_access::Principal;
use wigwag_chat::{Command, Reply};
use wigwag_ports::chat_platform::{Asks, Audience, ChatRefusal, ChatRequest, Incoming};
use wigwag_ports::{ChatPlatform, StoreError};

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

/// A request that was proven, and how it came.
struct Asking {
    platform: Arc<dyn ChatPlatform>,
    incoming: Incoming,
}

/// What came of a request.
enum Came {
    /// It has an answer.
    Said(Reply, Audience),
    /// It was answered before.
    Replayed,
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
        let incoming = match platform.read(&ChatRequest { headers, body, now: self.inner.clock.machine() }) {
            Ok(incoming) => incoming,
            Err(ChatRefusal::Unreadable(reason)) => return ChatAnswer::plain(400, format!("{reason}\n")),
            Err(ChatRefusal::Forged(reason) | ChatRefusal::Stale(reason)) => {
                let via = format!("chat:{}", platform.name());
                self.note_refused((platform.name(), Refused::Forged), ("", &via), &reason).await;
                return ChatAnswer::plain(401, format!("{reason}\n"));
            }
        };
        if let Asks::Hello(body) = incoming.asks {
            return ChatAnswer { status: 200, content_type: "text/plain; charset=utf-8", body };
        }
        self.answer_in_time(Asking { platform, incoming }).await
    }

    /// Does what is asked, and answers with what came of it, or that the rest follows. Everything that may take long is
    /// within the time: who asks may have to be asked of the chat, and even the store may hang.
    async fn answer_in_time(&self, asking: Asking) -> ChatAnswer {
        let asking = Arc::new(asking);
        let (engine, asked) = (self.clone(), asking.clone());
        let errand = self.inner.errands.begin();
        let mut running = tokio::spawn(async move {
            let _errand = errand;
            engine.answer_once(&asked).await
        });
        let within = self.inner.settings.chat.answer_within;
        let platform = &*asking.platform;
        let came = tokio::time::timeout(within, &mut running).await;
        match came {
            Ok(Ok(Came::Replayed)) => ChatAnswer::plain(401, format!("{REPLAYED}\n")),
            Ok(came) => {
                let (reply, audience) = said_of(came);
                if !asking.is_press() {
                    return answer(platform, &reply, audience);
                }
                // Platforms do not show what a press is answered with: its answer goes by the address alone.
                self.follow(asking, async move { (reply, audience) });
                ChatAnswer::plain(200, "")
            }
            Err(_) => {
                let is_press = asking.is_press();
                let platform = asking.platform.clone();
                self.follow(asking, async move { said_of(running.await) });
                if is_press {
                    return ChatAnswer::plain(200, "");
                }
                let text = "This takes longer: what it asks outside (production checks, another server) has not answered yet. \
                            The result follows here.";
                answer(&*platform, &Reply::done().text(text), Audience::Asker)
            }
        }
    }

    /// Says later what comes, whatever becomes of whoever waits for the request.
    fn follow(&self, asking: Arc<Asking>, comes: impl Future<Output = (Reply, Audience)> + Send + 'static) {
        let (engine, errand) = (self.clone(), self.inner.errands.begin());
        tokio::spawn(async move {
            let _errand = errand;
            let (reply, audience) = comes.await;
            engine.answer_late(&asking, reply, audience).await;
        });
    }

    /// Answers a request that comes for the first time, on whichever node: as whoever says it.
    async fn answer_once(&self, asking: &Asking) -> Came {
        let Asking { platform, incoming } = asking;
        let refused = |error: &EngineError| Came::Said(said(error), Audience::Asker);
        if let Some(once) = incoming.once {
            let now = self.inner.clock.now();
            match self.inner.store.use_once(once.id, now, now + once.for_).await {
                Ok(()) => {}
                Err(StoreError::Taken(_)) => {
                    let what = (platform.name(), Refused::Replayed);
                    self.note_refused(what, (&asking.who(), &asking.via()), REPLAYED).await;
                    return Came::Replayed;
                }
                Err(error) => return refused(&error.into()),
            }
        }
        let changes = match &incoming.asks {
            Asks::Press { .. } => true,
            Asks::Command(text) => self.parse(text).is_ok_and(|command| asks_for_change(&command)),
            Asks::Hello(_) => false,
        };
        let principal = match self.principal_of_chat(&**platform, &incoming.who).await {
            Ok(principal) => principal,
            // Who cannot be asked for reads, and says a code, like anybody.
            Err(EngineError::Unavailable { .. }) if !changes => Principal::of_stranger(),
            Err(error) => {
                if matches!(error, EngineError::Forbidden(_)) {
                    let what = (platform.name(), Refused::Blocked);
                    self.note_refused(what, (&asking.who(), &asking.via()), &error.to_string()).await;
                }
                return refused(&error);
            }
        };
        let (reply, audience) = self.run_asked(asking, &principal).await;
        Came::Said(reply, audience)
    }

    async fn run_asked(&self, asking: &Asking, principal: &Principal) -> (Reply, Audience) {
        let Asking { platform, incoming } = asking;
        let heard = Heard::new(platform.name(), incoming.channel.clone(), asking.who());
        let from = Transport::Chat(heard.clone());
        let reply = match &incoming.asks {
            Asks::Press { .. } if principal.is_stranger() => self.refuse_stranger(asking, "a button").await,
            Asks::Press { value } => self.press(principal, &Pressed::new(value.clone()), &from).await,
            Asks::Command(text) => match self.parse(text) {
                Ok(Command::Link(link)) => {
                    let reply = self.take_link_code(&incoming.who, &incoming.who_name, &link.code).await;
                    if !reply.ok {
                        let what = (platform.name(), Refused::WrongCode);
                        let by = (&*asking.who(), &*asking.via());
                        self.note_refused(what, by, "it is none, or has ended").await;
                    }
                    reply
                }
                Ok(command) if principal.is_stranger() && asks_for_change(&command) => {
                    self.refuse_stranger(asking, &command.to_string()).await
                }
                Ok(command) => self.run_parsed(principal, &command, &from).await,
                Err(error) => Reply::from(&error),
            },
            Asks::Hello(_) => Reply::done(),
        };
        let asked = match &incoming.asks {
            Asks::Command(text) => self.parse(text).ok().map(|command| command.to_string()),
            Asks::Press { .. } | Asks::Hello(_) => None,
        };
        (Reply { asked, ..reply }, heard.audience())
    }

    /// Nobody changes anything who is not known; it says how to become so.
    async fn refuse_stranger(&self, asking: &Asking, what: &str) -> Reply {
        let refused = (asking.platform.name(), Refused::NotAllowed);
        let why = format!("{what}: nobody knows who says it");
        self.note_refused(refused, (&asking.who(), &asking.via()), &why).await;
        Reply::refused().text(HOW_TO_LINK)
    }

    /// Keeps an answer until it is said by the address that came with the request.
    async fn answer_late(&self, asking: &Asking, reply: Reply, audience: Audience) {
        let Asking { platform, incoming } = asking;
        let Some(url) = incoming.response_url.clone() else {
            tracing::error!(
                platform = platform.name(),
                "a late answer is lost: no address came with the request"
            );
            return;
        };
        let late = LateAnswer { url, audience, channel: incoming.channel.clone(), reply };
        let secret = self.inner.entropy.secret();
        let number = secret.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let message = late.to_message(platform.name(), number, self.inner.clock.now());
        match self.inner.store.enqueue(vec![message]).await {
            Ok(()) => self.inner.outbox.ring(),
            // The store is gone: once, then, and at once.
            Err(_) => {
                if let Err(error) = late.send(&**platform).await {
                    tracing::error!(%error, "a late answer is lost");
                }
            }
        }
    }
}

impl Asking {
    fn is_press(&self) -> bool {
        matches!(self.incoming.asks, Asks::Press { .. })
    }

    /// The way it came by, for the audit log.
    fn via(&self) -> String {
        format!("chat:{}:{}", self.platform.name(), title(&self.incoming.channel))
    }

    /// Who says it, for the audit log.
    fn who(&self) -> String {
        let Incoming { who, who_name, .. } = &self.incoming;
        format!("{who_name} ({} {})", who.platform, who.id)
    }
}

/// What is to be said, whatever became of the task.
fn said_of(came: Result<Came, tokio::task::JoinError>) -> (Reply, Audience) {
    match came {
        Ok(Came::Said(reply, audience)) => (reply, audience),
        Ok(Came::Replayed) => (Reply::refused().text(REPLAYED), Audience::Asker),
        Err(_) => {
            let text = "The command broke off here. Look with `feature get` whether anything was changed.";
            (Reply::refused().text(text), Audience::Asker)
        }
    }
}

const REPLAYED: &str = "this very request was answered before; a replay is refused";

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
