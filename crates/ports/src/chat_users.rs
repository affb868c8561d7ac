//! Who of a chat is who of the registry, what role each has in commands, and the codes that prove it once.

use crate::StoreError;
use crate::flags::AuditEntry;
use async_trait::async_trait;
use wigwag_access::ChatRole;
use wigwag_base::{Timestamp, UserId};

/// Keeps links between chat users and users, and the roles of users. Audit rows are written in the same transaction.
#[async_trait]
pub trait ChatUsers: Send + Sync {
    /// Keeps a one-time code; an older one of the same user is forgotten with it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (its user).
    async fn keep_link_code(&self, code: LinkCode) -> Result<(), StoreError>;

    /// Takes the code with this hash, if it is there and has not ended at `link.linked_at`, and links `link.who` to its
    /// user: an older link of the same chat user is replaced. Gives the user; `None` if there is no such code (any more).
    /// The code is gone afterwards, whoever asks at the same moment. `link.user` and `audit.author` are ignored: the row is
    /// of the user whose code it was.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn take_link_code(
        &self,
        hash: [u8; 32],
        link: ChatLink,
        audit: AuditEntry,
    ) -> Result<Option<UserId>, StoreError>;

    /// Links without a code, replacing an older link of the same chat user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (its user).
    async fn keep_chat_link(&self, link: ChatLink, audit: AuditEntry) -> Result<(), StoreError>;

    /// The link of one chat user.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn chat_link(&self, who: ChatUser) -> Result<Option<ChatLink>, StoreError>;

    /// Every link, or those of one user, oldest first; at most 10,000.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn chat_links(&self, user: Option<UserId>) -> Result<Vec<ChatLink>, StoreError>;

    /// Ends a link.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (`link`).
    async fn end_chat_link(&self, who: ChatUser, audit: AuditEntry) -> Result<(), StoreError>;

    /// Gives a user a role in commands.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] (`user`).
    async fn set_chat_role(&self, user: UserId, role: ChatRole, audit: AuditEntry) -> Result<(), StoreError>;

    /// Users with another role than viewer, by id.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn chat_roles(&self) -> Result<Vec<(UserId, ChatRole)>, StoreError>;
}

/// A user of a chat: the ids are the platform's own.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ChatUser {
    /// `slack` or `mattermost`.
    pub platform: String,
    /// The workspace or team: ids of users are unique within it alone.
    pub team: String,
    /// The user.
    pub id: String,
}

/// A chat user who is known to be a user of the registry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatLink {
    /// The chat user.
    pub who: ChatUser,
    /// The name there when the link was made, for people.
    pub name: String,
    /// The user.
    pub user: UserId,
    /// When.
    pub linked_at: Timestamp,
}

/// A one-time code that proves in a chat who one is; kept as a hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkCode {
    /// SHA-256 of the code.
    pub hash: [u8; 32],
    /// Whose it is.
    pub user: UserId,
    /// Until when it can be taken.
    pub expires_at: Timestamp,
}
