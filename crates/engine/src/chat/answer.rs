//! An answer that comes later than the request waits for: kept until it is said, by the address that came with the request.

use super::content::{from_content, to_content};
use super::destination::Destination;
use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_base::Timestamp;
use wigwag_chat::Reply;
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_platform::{Audience, Channel, ChatOutError};
use wigwag_ports::outbox::NewMessage;

/// An answer with everything that it takes to say it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LateAnswer {
    /// Where the platform takes it; it knows nothing else of whoever asked.
    pub(super) url: String,
    pub(super) audience: Audience,
    /// Where the question came from.
    pub(super) channel: Channel,
    pub(super) reply: Reply,
}

impl LateAnswer {
    /// Says it. What was for the channel goes there if the address has ended; what was for one person goes nowhere else.
    pub(super) async fn send(&self, platform: &dyn ChatPlatform) -> Result<(), ChatOutError> {
        match platform.respond(&self.url, &self.reply, self.audience).await {
            Err(ChatOutError::Never(_)) if self.audience == Audience::Channel => {
                platform.post(&self.channel, &self.reply).await
            }
            came => came,
        }
    }

    /// To be kept. Its buttons go with it.
    pub(super) fn to_message(&self, platform: &str, number: u64, at: Timestamp) -> NewMessage {
        let destination = Destination::Answer { platform: platform.to_owned(), number }.to_string();
        let Channel { id, name } = &self.channel;
        let content = json!({
            "url": self.url,
            "to_channel": self.audience == Audience::Channel,
            "channel": [id, name],
            "reply": String::from_utf8_lossy(&to_content(&self.reply)),
        });
        NewMessage { destination, content: content.to_string().into(), at }
    }

    /// The answer that was kept; `None` if it is none.
    pub(super) fn from_content(content: &Bytes) -> Option<Self> {
        let value: Value = serde_json::from_slice(content).ok()?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let channel = Channel { id: text(&value["channel"][0])?, name: text(&value["channel"][1])? };
        let audience = if value["to_channel"].as_bool()? { Audience::Channel } else { Audience::Asker };
        let reply = from_content(value["reply"].as_str()?.as_bytes())?;
        Some(Self { url: text(&value["url"])?, audience, channel, reply })
    }
}

#[cfg(test)]
mod tests {
    use super::LateAnswer;
    use wigwag_base::Timestamp;
    use wigwag_chat::{ButtonStyle, Reply};
    use wigwag_ports::chat_platform::{Audience, Channel};

    #[test]
    fn what_is_kept_comes_back() {
        let answer = LateAnswer {
            url: "https://chat.example/answers/1".into(),
            audience: Audience::Channel,
            channel: Channel { id: "C1".into(), name: "#general".into() },
            reply: Reply::refused().text("no").button("Undo", ButtonStyle::Danger, "{}"),
        };
        let kept = answer.to_message("slack", 7, Timestamp::from_secs(0));
        assert_eq!(kept.destination, "answer:slack:0000000000000007");
        assert_eq!(LateAnswer::from_content(&kept.content), Some(answer));
        assert_eq!(LateAnswer::from_content(&"{}".into()), None);
    }
}
