//! Slack: signed slash commands and buttons come in; block kit goes out, as an answer, by the Web API, or by a webhook.

mod blocks;
mod proof;
mod read;
mod unescape;

use crate::channels::{self, ChannelConfig};
use crate::send::{ask, json, later};
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json as value};
use std::sync::Arc;
use wigwag_base::Secret;
use wigwag_chat::Reply;
use wigwag_ports::chat_platform::{Audience, Channel, ChatOutError, ChatRefusal, ChatRequest, Incoming};
use wigwag_ports::chat_users::ChatUser;
use wigwag_ports::egress::Method;
use wigwag_ports::{ChatPlatform, Egress};

/// Where Slack's Web API is.
pub const API_URL: &str = "https://slack.com/api";

/// Where the addresses lie that come with a request.
const RESPONSE_HOST: &str = "hooks.slack.com";

/// What the operator set.
#[derive(Clone, Debug)]
pub struct SlackConfig {
    /// What requests are signed with; several while one is changed for another.
    pub signing_secrets: Vec<Secret<String>>,
    /// The bot's token, if there is a bot.
    pub bot_token: Option<Secret<String>>,
    /// The id of the workspace, `T...`: requests of others are refused.
    pub team: Option<String>,
    /// Where the Web API is; [`API_URL`].
    pub api_url: String,
    /// Channels with their ids or webhooks.
    pub channels: Vec<ChannelConfig>,
    /// Where people reach this server, without a slash at its end: where the rest of a long reply is.
    pub external_url: String,
}

/// Slack.
pub struct Slack {
    config: SlackConfig,
    /// For addresses that came with a request.
    egress: Arc<dyn Egress>,
    /// For the Web API.
    api: Arc<dyn Egress>,
}

impl Slack {
    /// Slack as the operator set it.
    ///
    /// # Errors
    /// Which setting is wrong, and why.
    pub fn new(config: SlackConfig, egress: Arc<dyn Egress>) -> Result<Self, String> {
        if config.signing_secrets.is_empty() {
            return Err("signing_secret: is missing; Slack shows it under Basic Information".into());
        }
        let api_url = config.api_url.trim_end_matches('/').to_owned();
        let api = egress.only(&api_url).map_err(|error| format!("api_url: {error}"))?;
        for channel in &config.channels {
            if let Some(webhook) = &channel.webhook {
                let told = |error| format!("channel {}: webhook: {error}", channel.name);
                egress.only(webhook.expose()).map_err(told)?;
            }
        }
        Ok(Self { config: SlackConfig { api_url, ..config }, egress, api })
    }

    /// Whether an address that came with a request is one of Slack's.
    fn is_response_url(&self, url: &str) -> bool {
        let Ok(url) = url::Url::parse(url) else { return false };
        let api = url::Url::parse(&self.config.api_url).ok();
        let of_api = api.as_ref().is_some_and(|api| {
            (api.scheme(), api.host_str(), api.port_or_known_default())
                == (url.scheme(), url.host_str(), url.port_or_known_default())
        });
        of_api || url.scheme() == "https" && url.host_str() == Some(RESPONSE_HOST) && url.port().is_none()
    }

    /// Calls a method of the Web API, whose answers say by themselves whether all went well.
    async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Value, ChatOutError> {
        let token = self.config.bot_token.as_ref();
        let url = format!("{}/{path}", self.config.api_url);
        let told = json(&ask(&*self.api, method, &url, token, body).await?)?;
        if told["ok"] == true {
            return Ok(told);
        }
        let error = told["error"].as_str().unwrap_or("no reason");
        let error = crate::plain::cut(&crate::plain::tame(error), 100);
        Err(match error.as_str() {
            "ratelimited" | "rate_limited" | "fatal_error" | "internal_error" | "service_unavailable" => {
                later(format!("Slack says {error}"))
            }
            // People mend these, and what was to be said meanwhile is said then.
            "channel_not_found" | "not_in_channel" | "is_archived" => {
                later(format!("Slack says {error}: check the channel's name or id, and invite the bot to it"))
            }
            "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive"
            | "missing_scope" => later(format!("Slack says {error}: check the bot's token and its scopes")),
            _ => ChatOutError::Never(format!("Slack says {error}")),
        })
    }

    fn body(&self, reply: &Reply, audience: Audience) -> Value {
        let audience = match audience {
            Audience::Asker => "ephemeral",
            Audience::Channel => "in_channel",
        };
        let (text, blocks) = blocks::render(reply, &self.config.external_url);
        value!({
            "response_type": audience, "replace_original": false, "text": text, "blocks": blocks,
            "unfurl_links": false, "unfurl_media": false
        })
    }
}

#[async_trait]
impl ChatPlatform for Slack {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn read(&self, request: &ChatRequest<'_>) -> Result<Incoming, ChatRefusal> {
        let once = proof::check(&self.config.signing_secrets, request)?;
        let incoming = read::incoming(self.config.team.as_deref(), request, once)?;
        let channel = channels::known(&self.config.channels, incoming.channel);
        Ok(Incoming { channel, ..incoming })
    }

    fn answer(&self, reply: &Reply, audience: Audience) -> (Bytes, &'static str) {
        (self.body(reply, audience).to_string().into(), "application/json")
    }

    async fn member_email(&self, who: &ChatUser) -> Result<Option<String>, ChatOutError> {
        let team = self.config.team.as_deref().filter(|team| *team == who.team);
        let (Some(team), Some(_)) = (team, &self.config.bot_token) else { return Ok(None) };
        let id: String = url::form_urlencoded::byte_serialize(who.id.as_bytes()).collect();
        let told = self.call(Method::Get, &format!("users.info?user={id}"), Bytes::new()).await?;
        let user = &told["user"];
        let is = |field: &str| user[field].as_bool() == Some(true);
        let outsider =
            ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"].into_iter().any(is);
        let member = user["id"] == who.id.as_str() && user["team_id"] == team && !outsider;
        Ok(user["profile"]["email"].as_str().filter(|_| member).map(str::to_owned))
    }

    fn lists(&self, channel: &Channel) -> bool {
        channels::find(&self.config.channels, channel).is_some()
    }

    fn serves(&self, channel: &Channel) -> bool {
        let known = channels::find(&self.config.channels, channel);
        known.is_some_and(|one| one.webhook.is_some()) || self.config.bot_token.is_some()
    }

    async fn post(&self, channel: &Channel, reply: &Reply) -> Result<(), ChatOutError> {
        let known = channels::find(&self.config.channels, channel);
        let (text, blocks) =
            blocks::render(&Reply { buttons: Vec::new(), ..reply.clone() }, &self.config.external_url);
        if let Some(webhook) = known.and_then(|one| one.webhook.as_ref()) {
            let only = self.egress.only(webhook.expose()).map_err(|error| later(error.to_string()))?;
            let body = value!({
                "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false
            });
            let body = body.to_string();
            return ask(&*only, Method::Post, webhook.expose(), None, body.into()).await.map(drop);
        }
        if self.config.bot_token.is_none() {
            return Err(ChatOutError::Never(
                "neither a bot's token nor a webhook for this channel is set".into(),
            ));
        }
        let id = known.and_then(|one| one.id.clone());
        let named = if channel.id.is_empty() { channel.name.trim_start_matches('#') } else { &channel.id };
        let target = id.unwrap_or_else(|| named.to_owned());
        let body = value!({
            "channel": target, "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false
        });
        self.call(Method::Post, "chat.postMessage", body.to_string().into()).await.map(drop)
    }

    async fn respond(
        &self,
        response_url: &str,
        reply: &Reply,
        audience: Audience,
    ) -> Result<(), ChatOutError> {
        if !self.is_response_url(response_url) {
            return Err(ChatOutError::Never("the address for the answer is none of Slack's".into()));
        }
        let body = self.body(reply, audience).to_string();
        ask(&*self.egress, Method::Post, response_url, None, body.into()).await.map(drop)
    }
}
