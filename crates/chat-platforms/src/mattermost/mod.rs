//! Mattermost: slash commands come in with a token; Markdown and attachments go out. The platform signs nothing, so a
//! request cannot be told from its replay: the token, and TLS, are all that proves it. Nothing is pressed there: whatever a
//! button would do, the reply has as a command, too.

mod attachments;

use crate::channels::{self, ChannelConfig};
use crate::form::Form;
use crate::send::{ask, later};
use crate::{constant_time, plain};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use wigwag_base::Secret;
use wigwag_chat::Reply;
use wigwag_ports::chat_platform::{
    Asks, Audience, Channel, ChatOutError, ChatRefusal, ChatRequest, Incoming,
};
use wigwag_ports::chat_users::ChatUser;
use wigwag_ports::egress::Method;
use wigwag_ports::{ChatPlatform, Egress};

/// What the operator set.
#[derive(Clone, Debug)]
pub struct MattermostConfig {
    /// Where the server is, without a slash at its end.
    pub url: Option<String>,
    /// The tokens of slash commands.
    pub tokens: Vec<Secret<String>>,
    /// The bot's token, if there is a bot.
    pub bot_token: Option<Secret<String>>,
    /// Channels with their ids or webhooks.
    pub channels: Vec<ChannelConfig>,
    /// Where people reach this server, without a slash at its end.
    pub external_url: String,
}

/// Mattermost.
pub struct Mattermost {
    config: MattermostConfig,
    egress: Arc<dyn Egress>,
}

impl Mattermost {
    /// Mattermost as the operator set it.
    ///
    /// # Errors
    /// Which setting is wrong, and why.
    pub fn new(config: MattermostConfig, egress: Arc<dyn Egress>) -> Result<Self, String> {
        if config.tokens.is_empty() {
            return Err("token: is missing; Mattermost shows it when the slash command is made".into());
        }
        let url = config.url.map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &url {
            egress.only(url).map_err(|error| format!("url: {error}"))?;
        }
        for channel in &config.channels {
            if let Some(webhook) = &channel.webhook {
                let told = |error| format!("channel {}: webhook: {error}", channel.name);
                egress.only(webhook.expose()).map_err(told)?;
            }
        }
        Ok(Self { config: MattermostConfig { url, ..config }, egress })
    }

    fn is_known(&self, token: &str) -> bool {
        self.config
            .tokens
            .iter()
            .fold(false, |known, one| known | constant_time::equal(one.expose().as_bytes(), token.as_bytes()))
    }

    fn body(&self, reply: &Reply, audience: Audience) -> Value {
        let audience = match audience {
            Audience::Asker => "ephemeral",
            Audience::Channel => "in_channel",
        };
        let (text, attachments) = attachments::render(reply, &self.config.external_url);
        json!({ "response_type": audience, "text": text, "attachments": attachments })
    }

    async fn send(
        &self,
        url: &str,
        token: Option<&Secret<String>>,
        body: &Value,
    ) -> Result<(), ChatOutError> {
        let only = self.egress.only(url).map_err(|error| later(error.to_string()))?;
        ask(&*only, Method::Post, url, token, body.to_string().into()).await.map(drop)
    }
}

#[async_trait]
impl ChatPlatform for Mattermost {
    fn name(&self) -> &'static str {
        "mattermost"
    }

    fn read(&self, request: &ChatRequest<'_>) -> Result<Incoming, ChatRefusal> {
        let form = fields(request)?;
        let header = request.headers.iter().find(|(name, _)| name == "authorization");
        let header = header.and_then(|(_, value)| value.strip_prefix("Token "));
        let token = header.map_or_else(|| form.get("token"), str::trim);
        if !self.is_known(token) {
            return Err(ChatRefusal::Forged(
                "its token is wrong; check the token of the slash command".into(),
            ));
        }
        let (command, text) = (form.get("command"), form.get("text"));
        let name = form.get("channel_name");
        let name = if name.is_empty() || name.contains("__") { String::new() } else { format!("#{name}") };
        let channel = Channel { id: form.needed("channel_id")?.to_owned(), name };
        Ok(Incoming {
            who: ChatUser {
                platform: "mattermost".into(),
                team: form.needed("team_id")?.to_owned(),
                id: form.needed("user_id")?.to_owned(),
            },
            who_name: form.get("user_name").to_owned(),
            channel: channels::known(&self.config.channels, channel),
            asks: Asks::Command(format!("{command} {text}").trim().to_owned()),
            response_url: Some(form.get("response_url").to_owned()).filter(|url| !url.is_empty()),
            once: None,
        })
    }

    fn answer(&self, reply: &Reply, audience: Audience) -> (Bytes, &'static str) {
        (self.body(reply, audience).to_string().into(), "application/json")
    }

    async fn member_email(&self, _: &ChatUser) -> Result<Option<String>, ChatOutError> {
        // Its tokens do not tell members from guests.
        Ok(None)
    }

    fn lists(&self, channel: &Channel) -> bool {
        channels::find(&self.config.channels, channel).is_some()
    }

    fn serves(&self, channel: &Channel) -> bool {
        let known = channels::find(&self.config.channels, channel);
        let by_bot = self.config.bot_token.is_some() && self.config.url.is_some();
        known.is_some_and(|one| one.webhook.is_some() || by_bot && one.id.is_some())
    }

    async fn post(&self, channel: &Channel, reply: &Reply) -> Result<(), ChatOutError> {
        let known = channels::find(&self.config.channels, channel);
        let (text, attachments) = attachments::render(reply, &self.config.external_url);
        if let Some(webhook) = known.and_then(|one| one.webhook.as_ref()) {
            return self
                .send(webhook.expose(), None, &json!({ "text": text, "attachments": attachments }))
                .await;
        }
        let id = known.and_then(|one| one.id.as_deref());
        let (Some(id), Some(url), Some(token)) = (id, &self.config.url, &self.config.bot_token) else {
            return Err(ChatOutError::Never(
                "neither a webhook nor an id, with url and bot token, is set for this channel".into(),
            ));
        };
        let body = json!({ "channel_id": id, "message": text, "props": { "attachments": attachments } });
        self.send(&format!("{url}/api/v4/posts"), Some(token), &body).await
    }

    async fn respond(
        &self,
        response_url: &str,
        reply: &Reply,
        audience: Audience,
    ) -> Result<(), ChatOutError> {
        let origin = |text: &str| url::Url::parse(text).ok().map(|url| url.origin());
        let ours = self.config.url.as_deref().and_then(origin);
        if ours.is_none() || origin(response_url) != ours {
            return Err(ChatOutError::Never(
                "the address for the answer is none of the configured server".into(),
            ));
        }
        self.send(response_url, None, &self.body(reply, audience)).await
    }
}

/// The fields of a form, or of a JSON object.
fn fields(request: &ChatRequest<'_>) -> Result<Form, ChatRefusal> {
    if request.body.first() != Some(&b'{') {
        return Form::read(request.body);
    }
    let unreadable = || ChatRefusal::Unreadable("the request is neither a form nor a JSON object".into());
    let value: Value = serde_json::from_slice(request.body).map_err(|_| unreadable())?;
    let object = value.as_object().ok_or_else(unreadable)?;
    let text = |(name, value): (&String, &Value)| Some((name.clone(), plain::tame(value.as_str()?)));
    Ok(Form::from_fields(object.iter().filter_map(text).collect()))
}
