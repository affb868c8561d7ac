//! A digest for one person. Rights and wishes are looked at when it is sent: whoever may not mend a hook any more, or is
//! blocked, hears nothing of it.

use super::digest;
use super::gather::Gathered;
use super::make::is_opted_out;
use crate::{Engine, EngineError};
use wigwag_access::{User, UserState};
use wigwag_base::UserId;
use wigwag_ports::StoreError;
use wigwag_ports::chat_platform::ChatOutError;
use wigwag_ports::mail::Mail;
use wigwag_ports::notices::{Line, LineNote};
use wigwag_ports::outbox::{Message, MessageCame};
use wigwag_ports::registry::UserKey;

/// Where one chooses what one is told of.
pub(super) const SETTINGS_PATH: &str = "/-/notices";

impl Engine {
    pub(super) async fn send_mail(&self, message: &Message, user: UserId) -> Result<LineNote, StoreError> {
        let _permit = self.inner.notices.mailing.acquire().await;
        if self.is_stopping() {
            return Err(StoreError::Unavailable("the server is stopping".into()));
        }
        let line = Line::Mail(user);
        let known = self.inner.store.user(UserKey::Id(user)).await?;
        let mut gathered = self.gather(line).await?;
        let reader = known.filter(|user| user.state == UserState::Active);
        self.keep_what_concerns(&mut gathered, reader.as_ref()).await?;
        digest::sort(&mut gathered.entries);
        let came = match &reader {
            Some(reader) if !gathered.entries.is_empty() => self.mail(message, reader, &gathered).await,
            _ => Ok(()),
        };
        Ok(self.noted(self.line_note(message, line, came), gathered))
    }

    /// Withholds what the reader may not know, or does not want to.
    async fn keep_what_concerns(
        &self,
        gathered: &mut Gathered,
        reader: Option<&User>,
    ) -> Result<(), StoreError> {
        let opt_outs = match reader {
            Some(reader) => self.inner.store.opt_outs(reader.id).await?,
            None => Vec::new(),
        };
        let mut kept = Vec::with_capacity(gathered.entries.len());
        for entry in std::mem::take(&mut gathered.entries) {
            let concerns = match reader {
                Some(reader) if !is_opted_out(&opt_outs, entry.scope) => {
                    self.may_mend(reader, entry.scope).await.map_err(unavailable)?
                }
                _ => false,
            };
            match concerns {
                true => kept.push(entry),
                false => gathered.withheld.extend(entry.transitions),
            }
        }
        gathered.entries = kept;
        Ok(())
    }

    async fn mail(&self, message: &Message, reader: &User, gathered: &Gathered) -> Result<(), ChatOutError> {
        let Some(mailer) = &self.inner.outside.mailer else {
            return Err(ChatOutError::Never(
                "no mail server is configured; see [mail] in wigwag.toml".into(),
            ));
        };
        let unsubscribe_url = self.opt_out_url(reader);
        let settings = format!("{}{SETTINGS_PATH}", self.inner.settings.external_url);
        let said = digest::mail(&gathered.entries, &unsubscribe_url, &settings);
        let instance =
            u32::from_be_bytes(self.inner.identity.instance.first_chunk().copied().unwrap_or_default());
        let mail = Mail {
            id: format!("wigwag-{instance:08x}-{}", message.id),
            at: self.inner.clock.now(),
            to_name: reader.name.clone(),
            to_address: reader.email.clone(),
            subject: said.subject,
            text: said.text,
            html: said.html,
            unsubscribe_url,
        };
        mailer.send(&mail).await
    }

    /// What came of a message for every notice in it.
    pub(super) fn noted(&self, mut note: LineNote, gathered: Gathered) -> LineNote {
        match note.came {
            MessageCame::Sent => note.sent = gathered.transitions(),
            MessageCame::GivenUp { .. } => note.failed = gathered.transitions(),
            MessageCame::Retry { .. } => {}
        }
        note.withheld = gathered.withheld;
        note
    }
}

/// The store is asked by way of the caches here.
fn unavailable(error: EngineError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
