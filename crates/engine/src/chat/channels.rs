//! Which channels there are, whose they are, and which of them can be reached.

use super::content::to_content;
use super::destination::Destination;
use crate::Engine;
use std::sync::Arc;
use wigwag_base::Timestamp;
use wigwag_chat::Reply;
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::Channel;
use wigwag_ports::outbox::NewMessage;

/// A channel as a setting or a definition names it: `#name` or an id, behind `slack:` or `mattermost:` where several chats
/// are configured.
struct Named<'t> {
    platform: Option<&'t str>,
    channel: Channel,
}

impl<'t> Named<'t> {
    fn new(text: &'t str) -> Self {
        match text.split_once(':') {
            Some((platform, rest)) => Self { platform: Some(platform), channel: channel(rest) },
            None => Self { platform: None, channel: channel(text) },
        }
    }

    /// Whether it is this one. A name counts only where the platform told one.
    fn is(&self, channel: &Channel) -> bool {
        let same = |named: &str, told: &str| !named.is_empty() && named == told;
        same(&self.channel.id, &channel.id) || same(&self.channel.name, &channel.name)
    }
}

/// The channel that a text names: `#name`, or an id.
pub(crate) fn channel(text: &str) -> Channel {
    if text.starts_with('#') {
        Channel { id: String::new(), name: text.to_owned() }
    } else {
        Channel { id: text.to_owned(), name: String::new() }
    }
}

/// What people call a channel.
pub(crate) fn title(channel: &Channel) -> &str {
    if channel.name.is_empty() { &channel.id } else { &channel.name }
}

impl Engine {
    /// The platform whose channel a text names, and the channel: the one that it says, else the one that lists it, else the
    /// only one, else the first that can post there.
    pub(super) fn platform_of(&self, text: &str) -> Option<(&Arc<dyn ChatPlatform>, Channel)> {
        let Named { platform, channel } = Named::new(text);
        let mut all = self.inner.outside.platforms.iter();
        let found = match (platform, self.inner.outside.platforms.as_slice()) {
            (Some(name), _) => all.find(|one| one.name() == name),
            (None, [only]) => Some(only),
            (None, several) => all
                .find(|one| one.lists(&channel))
                .or_else(|| several.iter().find(|one| one.serves(&channel))),
        };
        found.map(|platform| (platform, channel))
    }

    /// Whether a text names the channel from which something came: on its own platform, if that is known.
    pub(crate) fn names_channel(&self, text: &str, platform: Option<&str>, channel: &Channel) -> bool {
        Named::new(text).is(channel)
            && platform.is_none_or(|from| self.platform_of(text).is_some_and(|(own, _)| own.name() == from))
    }

    /// Whether anything that is said in this channel arrives.
    pub(crate) fn reaches(&self, name: &str) -> bool {
        self.platform_of(name).is_some_and(|(platform, channel)| platform.serves(&channel))
    }

    /// Says at the start which channels of the settings nothing reaches.
    pub(crate) fn warn_of_channels(&self) {
        let chat = &self.inner.settings.chat;
        let others = [&chat.log_channel, &chat.support_channel].into_iter().flatten();
        for channel in std::iter::once(&chat.production_channel).chain(others) {
            if self.has_chats() && !self.reaches(channel) {
                tracing::warn!(
                    channel,
                    "no chat is configured that can post there: changes are not told in it; `wigwag chat outbox` shows them"
                );
            }
        }
    }

    /// Whether there is any chat: then what cannot be said in a channel is kept with the reason, for people to see.
    pub(crate) fn has_chats(&self) -> bool {
        !self.inner.outside.platforms.is_empty()
    }
}

/// A message for a channel, to be kept with what it tells of.
pub(crate) fn channel_message(name: &str, said: &Reply, at: Timestamp) -> NewMessage {
    let destination = Destination::Channel(name.to_owned()).to_string();
    NewMessage { destination, content: to_content(said), at }
}
