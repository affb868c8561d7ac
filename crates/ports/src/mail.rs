//! Outgoing mail: one message to one person.

use crate::chat_platform::ChatOutError;
use async_trait::async_trait;
use wigwag_base::Timestamp;

/// Hands mail to the operator's mail server.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one message over. It may arrive twice with the same [`Mail::id`], where the connection broke after the last
    /// word.
    ///
    /// # Errors
    /// Whether trying again may help; see [`ChatOutError`].
    async fn send(&self, mail: &Mail) -> Result<(), ChatOutError>;
}

/// A message. Line breaks in what stands in its head are taken out, whatever the caller did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// The left part of its Message-ID: the same at every try.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    /// To whom, as people read it.
    pub to_name: String,
    /// To whom.
    pub to_address: String,
    /// Its subject.
    pub subject: String,
    /// Its text, in lines.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// An address that ends such mail by one POST, without signing in (RFC 8058).
    pub unsubscribe_url: String,
}
