//! The operator's chat, by an incoming web-hook: `{"text": ...}` to one URL, as Slack, Mattermost and others take it.

use super::digest;
use crate::limits::{NOTICE_CHAT_ANSWER_BYTES_MAX, NOTICE_CHAT_DEADLINE};
use crate::{Engine, EngineError, Settings};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::egress::{CertificateCheck, Keep, Method, Outgoing, Target};
use wigwag_ports::notices::{Line, LineNote};
use wigwag_ports::outbox::Message;
use wigwag_ports::{Egress, StoreError};

/// Where the operator wants to hear of failing hooks, and the client that reaches that server alone.
pub(super) struct NoticeChat {
    egress: Arc<dyn Egress>,
    target: Arc<Target>,
    user_agent: String,
}

impl NoticeChat {
    /// `None` where nothing is configured.
    ///
    /// # Errors
    /// The rule that the URL breaks; the URL is not repeated, since it is a secret.
    pub(super) fn of(settings: &Settings, egress: &dyn Egress) -> Result<Option<Self>, EngineError> {
        let Some(url) = &settings.notices.chat_url else { return Ok(None) };
        let wrong = |_| EngineError::Invalid {
            field: "notices.chat_url",
            rule: "must be http:// or https:// with a host that may be reached".into(),
        };
        let egress = egress.only(url.expose()).map_err(wrong)?;
        let target = egress.target(url.expose()).map_err(wrong)?;
        Ok(Some(Self { egress, target, user_agent: settings.user_agent.clone() }))
    }

    async fn say(&self, text: &str) -> Result<(), ChatOutError> {
        let request = Outgoing {
            method: Method::Post,
            target: self.target.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("user-agent", self.user_agent.clone()),
            ],
            custom_headers: Vec::new(),
            body: json!({ "text": text }).to_string().into(),
            keep: Keep::Whole(NOTICE_CHAT_ANSWER_BYTES_MAX),
            certificate: CertificateCheck::Verify,
            identity: None,
            deadline: NOTICE_CHAT_DEADLINE,
        };
        let answer = self.egress.send(request).await.map_err(|error| ChatOutError::Later {
            reason: format!("the chat's web-hook: {error}"),
            after: None,
        })?;
        let status = answer.status;
        let said = digest::tame(&String::from_utf8_lossy(&answer.body), NOTICE_CHAT_ANSWER_BYTES_MAX);
        let reason = format!("the chat's web-hook answers {status} {said}");
        match status {
            200..=299 => Ok(()),
            // It found the message wrong, and the next try has the same.
            400 | 413 | 422 => Err(ChatOutError::Never(reason)),
            _ => {
                let header = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
                let after = header.and_then(|(_, value)| value.trim().parse().ok()).map(Duration::from_secs);
                Err(ChatOutError::Later { reason, after })
            }
        }
    }
}

impl Engine {
    pub(super) async fn send_notice_chat(&self, message: &Message) -> Result<LineNote, StoreError> {
        let mut gathered = self.gather(Line::Chat).await?;
        digest::sort(&mut gathered.entries);
        let came = match &self.inner.notices.chat {
            _ if gathered.entries.is_empty() => Ok(()),
            Some(chat) => chat.say(&digest::chat(&gathered.entries)).await,
            None => Err(ChatOutError::Never("no chat is configured; see [notices] in wigwag.toml".into())),
        };
        Ok(self.noted(self.line_note(message, Line::Chat, came), gathered))
    }
}
