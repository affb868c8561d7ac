//! Channels that the operator named.

use wigwag_base::Secret;
use wigwag_ports::chat_platform::Channel;

/// A channel as the operator named it.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// Its name with the `#`.
    pub name: String,
    /// The platform's id, if known.
    pub id: Option<String>,
    /// An incoming webhook that posts there, if that is the way.
    pub webhook: Option<Secret<String>>,
}

/// The one that is meant, if it was named.
pub(crate) fn find<'c>(channels: &'c [ChannelConfig], meant: &Channel) -> Option<&'c ChannelConfig> {
    let is = |one: &&ChannelConfig| {
        (!meant.name.is_empty() && one.name == meant.name)
            || (!meant.id.is_empty()
                && (one.id.as_deref() == Some(meant.id.as_str()) || one.name == meant.id))
    };
    channels.iter().find(is)
}
