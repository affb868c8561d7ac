//! The chats that commands come from and replies go to: [`Slack`] and [`Mattermost`].
//!
//! ```text
//! request -> proof -> form -> Incoming                     what the engine runs
//! Reply   -> blocks or attachments -> answer | channel     what people see
//! ```
//!
//! Whatever came from outside is escaped here once more: no name and no reason can call a channel, hide an address behind
//! other words, or end a block. Everything goes out through the port [`wigwag_ports::Egress`].

mod channels;
mod constant_time;
mod form;
pub mod limits;
mod mattermost;
mod plain;
mod send;
mod slack;

pub use channels::ChannelConfig;
pub use mattermost::{Mattermost, MattermostConfig};
pub use slack::{API_URL as SLACK_API_URL, Slack, SlackConfig};
