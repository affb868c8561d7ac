//! Which channels there are, and which of them can be reached.

use super::content::to_content;
use super::destination::Destination;
use crate::Engine;
use std::sync::Arc;
use wigwag_base::Timestamp;
use wigwag_chat::Reply;
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::Channel;
use wigwag_ports::outbox::NewMessage;

/// The channel that a setting or a definition names: `#name`, or an id.
pub(crate) fn channel(text: &str) -> Channel {
    if text.starts_with('#') {
        Channel { id: String::new(), name: text.to_owned() }
    } else {
        Channel { id: text.to_owned(), name: String::new() }
    }
}

/// Whether a setting names this channel. A name counts only where the platform told one.
pub(crate) fn is_named(channel: &Channel, text: &str) -> bool {
    !text.is_empty() && (channel.id == text || channel.name == text)
}

/// What people call a channel.
pub(crate) fn title(channel: &Channel) -> &str {
    if channel.name.is_empty() { &channel.id } else { &channel.name }
}

impl Engine {
    /// The platform that can post to a channel, if any.
    pub(super) fn platform_of(&self, channel: &Channel) -> Option<&Arc<dyn ChatPlatform>> {
        self.inner.outside.platforms.iter().find(|platform| platform.serves(channel))
    }

    /// Whether anything that is said in this channel arrives.
    pub(crate) fn reaches(&self, name: &str) -> bool {
        !name.is_empty() && self.platform_of(&channel(name)).is_some()
    }
}

/// A message for a channel, to be kept with what it tells of.
pub(crate) fn channel_message(name: &str, said: &Reply, at: Timestamp) -> NewMessage {
    let destination = Destination::Channel(name.to_owned()).to_string();
    NewMessage { destination, content: to_content(said), at }
}
