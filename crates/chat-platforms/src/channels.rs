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

/// A channel from which something came, as the operator knows it: by its id where that is given. Then the platform's own
/// word for it counts no more, for this one or for another that took its name.
pub(crate) fn known(channels: &[ChannelConfig], told: Channel) -> Channel {
    if let Some(one) = channels.iter().find(|one| one.id.as_deref() == Some(told.id.as_str())) {
        return Channel { name: one.name.clone(), ..told };
    }
    let is_anothers = channels.iter().any(|one| one.name == told.name && one.id.is_some());
    if is_anothers { Channel { name: String::new(), ..told } } else { told }
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

#[cfg(test)]
mod tests {
    use super::{ChannelConfig, known};
    use wigwag_ports::chat_platform::Channel;

    #[test]
    fn an_id_says_which_channel_it_is_whatever_it_is_called() {
        let one = |name: &str, id: Option<&str>| ChannelConfig {
            name: name.into(),
            id: id.map(Into::into),
            webhook: None,
        };
        let all = [one("#production", Some("C0PROD")), one("#log", None)];
        for (id, name, is) in [
            ("C0PROD", "#production", "#production"),
            ("C0PROD", "", "#production"),
            ("C0PROD", "#renamed", "#production"),
            ("C0OTHER", "#production", ""),
            ("C0OTHER", "#log", "#log"),
            ("C0OTHER", "#general", "#general"),
            ("C0OTHER", "", ""),
        ] {
            let told = Channel { id: id.into(), name: name.into() };
            assert_eq!(known(&all, told), Channel { id: id.into(), name: is.into() }, "{id} {name}");
        }
    }
}
