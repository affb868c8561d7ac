//! The way a command came by.

use crate::chat::{Heard, title};
use wigwag_ports::chat_platform::Channel;

/// The way a command came by.
#[derive(Clone, Debug)]
pub enum Transport {
    /// From where somebody is signed in or holds a token: `console`, `cli`, `api`, `page`.
    Direct(String),
    /// From a chat, by a gateway that may name the channel.
    Gateway(Channel),
    /// From a chat that proved itself.
    Chat(Heard),
}

impl Transport {
    /// From where somebody is signed in.
    pub fn direct(via: &str) -> Self {
        Self::Direct(via.to_owned())
    }

    /// What the audit log says of it.
    pub fn via(&self) -> String {
        match self {
            Self::Direct(via) => via.clone(),
            Self::Gateway(channel) => format!("chat:{}", title(channel)),
            Self::Chat(heard) => format!("chat:{}:{}", heard.platform, title(&heard.channel)),
        }
    }

    /// The channel that it came from, if it came from a chat.
    pub fn channel(&self) -> Option<&Channel> {
        match self {
            Self::Direct(_) => None,
            Self::Gateway(channel) => Some(channel),
            Self::Chat(heard) => Some(&heard.channel),
        }
    }

    /// The chat that it came from, if that proved itself.
    pub(crate) fn heard(&self) -> Option<&Heard> {
        match self {
            Self::Chat(heard) => Some(heard),
            Self::Direct(_) | Self::Gateway(_) => None,
        }
    }
}
