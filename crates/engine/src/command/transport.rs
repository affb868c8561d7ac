//! The way a command came by.

use crate::chat::title;
use wigwag_ports::chat_platform::Channel;

/// The way a command came by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transport {
    /// From where somebody is signed in or holds a token: `console`, `cli`, `api`, `page`.
    Direct(String),
    /// From a chat, by a gateway that may name the channel.
    Gateway(Channel),
    /// From a chat that proved itself.
    Chat {
        /// Its word.
        platform: &'static str,
        /// The channel.
        channel: Channel,
    },
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
            Self::Chat { platform, channel } => format!("chat:{platform}:{}", title(channel)),
        }
    }

    /// The channel that it came from, if it came from a chat.
    pub fn channel(&self) -> Option<&Channel> {
        match self {
            Self::Direct(_) => None,
            Self::Gateway(channel) | Self::Chat { channel, .. } => Some(channel),
        }
    }

    /// The channel whose members see what came of it, because the chat shows it there.
    pub(super) fn heard_in(&self) -> Option<&Channel> {
        match self {
            Self::Chat { channel, .. } => Some(channel),
            Self::Direct(_) | Self::Gateway(_) => None,
        }
    }
}
