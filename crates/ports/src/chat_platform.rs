//! A chat that commands come from and replies go to: Slack, Mattermost.

use async_trait::async_trait;
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::Timestamp;
use wigwag_chat::Reply;

use crate::chat_users::ChatUser;

/// One chat platform: reads and proves its requests, and says things there. Rendering is the platform's own.
#[async_trait]
pub trait ChatPlatform: Send + Sync {
    /// Its word: `slack`, `mattermost`.
    fn name(&self) -> &'static str;

    /// Proves that a request came from the platform and reads it. Nothing of an unproven request is looked at.
    ///
    /// # Errors
    /// [`ChatRefusal`] says which proof failed, or what cannot be read.
    fn read(&self, request: &ChatRequest<'_>) -> Result<Incoming, ChatRefusal>;

    /// The body of an answer to a request of the platform, and its content type.
    fn answer(&self, reply: &Reply, audience: Audience) -> (Bytes, &'static str);

    /// The e-mail of a member of the configured team; `None` if the platform does not tell, or if the user is a guest, a
    /// bot, deactivated, or of another team.
    ///
    /// # Errors
    /// It cannot be asked now.
    async fn member_email(&self, who: &ChatUser) -> Result<Option<String>, ChatOutError>;

    /// Whether the operator named this channel as one of this platform's.
    fn lists(&self, channel: &Channel) -> bool;

    /// Whether the platform can post to this channel: it is configured, or it has a token that may.
    fn serves(&self, channel: &Channel) -> bool;

    /// Says something in a channel.
    ///
    /// # Errors
    /// [`ChatOutError`].
    async fn post(&self, channel: &Channel, reply: &Reply) -> Result<(), ChatOutError>;

    /// Answers later what a request asked, by the address that came with it; at most so long after it.
    ///
    /// # Errors
    /// [`ChatOutError`].
    async fn respond(
        &self,
        response_url: &str,
        reply: &Reply,
        audience: Audience,
    ) -> Result<(), ChatOutError>;
}

/// A request as it came in.
#[derive(Clone, Copy, Debug)]
pub struct ChatRequest<'a> {
    /// Its headers, names in lower case; values that are no text are left out.
    pub headers: &'a [(String, String)],
    /// Its body, unchanged.
    pub body: &'a [u8],
    /// The time, by the machine's clock: the platform's own runs beside it.
    pub now: Timestamp,
}

/// A request that was proven and read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incoming {
    /// Who asks.
    pub who: ChatUser,
    /// That user's name there, for people.
    pub who_name: String,
    /// The channel that it came from. One that the operator named by its id has the operator's name, and no other has.
    pub channel: Channel,
    /// What is asked.
    pub asks: Asks,
    /// Where a later answer goes.
    pub response_url: Option<String>,
    /// Identifies the request: one that was seen before is refused. `None` where the platform has no such proof.
    pub once: Option<OnceId>,
}

/// A request's identity and how long it must be remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnceId {
    /// A hash over what the platform signed.
    pub id: [u8; 32],
    /// As long as the request would be believed.
    pub for_: Duration,
}

/// What a request asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asks {
    /// Run this text.
    Command(String),
    /// A button of an earlier reply was pressed.
    Press {
        /// The button's value, as it was given in [`wigwag_chat::Button`].
        value: String,
    },
    /// The platform asks whether anybody is there.
    Hello(Bytes),
}

/// A channel of a chat.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Channel {
    /// The platform's id, if known.
    pub id: String,
    /// Its name with the `#`, if known.
    pub name: String,
}

/// Who sees an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Only who asked.
    Asker,
    /// Everybody in the channel.
    Channel,
}

/// Why a request is not believed or not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChatRefusal {
    /// There is no signature or token, or it is wrong: worth an audit row.
    #[error("{0}")]
    Forged(String),
    /// It was signed at another time than now: worth an audit row.
    #[error("{0}")]
    Stale(String),
    /// It is from the platform and makes no sense.
    #[error("{0}")]
    Unreadable(String),
}

/// Why something could not be said.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChatOutError {
    /// Trying again may help; after so long, if the platform said so.
    #[error("{reason}")]
    Later {
        /// Why.
        reason: String,
        /// The platform's own wish.
        after: Option<Duration>,
    },
    /// Trying again will not help: the channel does not exist, the token may not post there, no way is configured.
    #[error("{0}")]
    Never(String),
}
