//! Who of a chat is who of the registry: proven by a one-time code, or by the e-mail of a member of the configured team. A
//! code makes a link, which holds until somebody ends it; by e-mail no link is made, and the chat is asked again and again.
//!
//! The code is made where the person is signed in and said in the chat, never the other way round: a code that somebody
//! is talked into saying links that person's chat to somebody else's rights, which takes nothing and is seen at once.

use super::roles::KnownLink;
use crate::authenticate::secret_hash;
use crate::limits::{
    CHAT_MEMBER_LIFE, CHAT_MEMBERS_MAX, LINK_CODE_LETTERS, LINK_CODE_LIFE, RETRY_AFTER_UNAVAILABLE,
};
use crate::rights::allow;
use crate::{Engine, EngineError};
use quick_cache::sync::Cache;
use std::sync::Arc;
use wigwag_access::{Action, Principal, Thing, User, UserState};
use wigwag_base::{Timestamp, UserId};
use wigwag_chat::Reply;
use wigwag_ports::ChatPlatform;
use wigwag_ports::chat_users::{ChatLink, ChatUser, LinkCode};
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::registry::UserKey;

/// Letters and digits that nobody takes for another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";

/// A code that was made; the text is shown once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLinkCode {
    /// What to say in the chat, behind `link`.
    pub code: String,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Engine {
    /// Makes a code by which the asking user proves in a chat who that is. An older one ends.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn make_link_code(&self, principal: &Principal) -> Result<NewLinkCode, EngineError> {
        allow(principal, Action::LinkChat, Thing::User(principal.user))?;
        let code = code(self.inner.entropy.secret());
        let expires_at = self.inner.clock.now() + LINK_CODE_LIFE;
        let kept = LinkCode { hash: secret_hash(&plain(&code)), user: principal.user, expires_at };
        self.inner.store.keep_link_code(kept).await?;
        Ok(NewLinkCode { code, expires_at })
    }

    /// Every link of a user; of all users, for those who may give roles.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn chat_links(
        &self,
        principal: &Principal,
        user: Option<UserId>,
    ) -> Result<Vec<KnownLink>, EngineError> {
        if user != Some(principal.user) {
            allow(principal, Action::ManageChat, Thing::Server)?;
        }
        let mut known = Vec::new();
        for link in self.inner.store.chat_links(user).await? {
            if let Some(user) = self.find_user(UserKey::Id(link.user)).await? {
                known.push(KnownLink { link, username: user.username.clone() });
            }
        }
        Ok(known)
    }

    /// Ends a link: one's own, or anybody's for those who may give roles.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] (`link`); the store's.
    pub async fn end_chat_link(
        &self,
        principal: &Principal,
        who: ChatUser,
        via: &str,
    ) -> Result<(), EngineError> {
        let link = self.inner.store.chat_link(who.clone()).await?.ok_or(EngineError::NotFound("link"))?;
        if link.user == principal.user {
            allow(principal, Action::LinkChat, Thing::User(principal.user))?;
        } else {
            allow(principal, Action::ManageChat, Thing::Server).map_err(|_| EngineError::NotFound("link"))?;
        }
        let row = self.audit_entry(principal, via, title(&link), "no longer linked".into()).await?;
        Ok(self.inner.store.end_chat_link(who, row).await?)
    }

    /// Takes a code that somebody says in a chat.
    pub(super) async fn take_link_code(&self, who: &ChatUser, name: &str, code: &str) -> Reply {
        let (user, now) = (UserId(0), self.inner.clock.now());
        let link = ChatLink { who: who.clone(), name: name.to_owned(), user, linked_at: now };
        let row = AuditEntry {
            at: now,
            // The store puts in whose code it was.
            author: String::new(),
            sudo_by: None,
            via: format!("chat:{}", who.platform),
            flag: None,
            environment: None,
            before: String::new(),
            after: format!("{} is this user, proved by a code", title(&link)),
            reason: None,
        };
        match self.inner.store.take_link_code(secret_hash(&plain(code)), link, row).await {
            Ok(Some(user)) => self.linked(user).await,
            Ok(None) => Reply::refused().text(
                "There is no such code, or it was used, or it has ended: one holds for ten minutes. Make a new one with \
                 `wigwag chat link`, or on the console page.",
            ),
            Err(error) => Reply::refused().text(format!("The link could not be kept: {error}. Say it again.")),
        }
    }

    async fn linked(&self, user: UserId) -> Reply {
        let found = self.find_user(UserKey::Id(user)).await.ok().flatten();
        match found {
            Some(user) => Reply::done().text(format!(
                "You are {} here from now on, with the role {}.",
                user.username,
                self.role_of(&user)
            )),
            None => Reply::done().text("You are linked."),
        }
    }

    /// Who a chat user is; a stranger if nobody knows.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] if the user is blocked; the store's.
    pub(super) async fn principal_of_chat(
        &self,
        platform: &dyn ChatPlatform,
        who: &ChatUser,
    ) -> Result<Principal, EngineError> {
        let user = match self.inner.store.chat_link(who.clone()).await? {
            Some(link) => self.find_user(UserKey::Id(link.user)).await?,
            None => self.user_by_email(platform, who).await?,
        };
        match user {
            None => Ok(Principal::of_stranger()),
            Some(user) if user.state == UserState::Blocked => {
                Err(EngineError::Forbidden("Your user is blocked here. Ask an administrator.".into()))
            }
            Some(user) => Ok(Principal::of_chat(&user)),
        }
    }

    /// A member of the configured team is the user with the same e-mail, if the operator says so.
    async fn user_by_email(
        &self,
        platform: &dyn ChatPlatform,
        who: &ChatUser,
    ) -> Result<Option<Arc<User>>, EngineError> {
        if !self.inner.settings.chat.link_by_email.is_on() {
            return Ok(None);
        }
        let now = self.inner.clock.now();
        let known = match self.inner.chat_members.known(who, now) {
            Some(known) => known,
            None => {
                let email = platform.member_email(who).await.map_err(|error| EngineError::Unavailable {
                    reason: format!(
                        "who you are here has to be asked of {}, which fails: {error}",
                        platform.name()
                    ),
                    retry_after: RETRY_AFTER_UNAVAILABLE,
                })?;
                let user = match email {
                    Some(email) => self.inner.store.user(UserKey::Email(email)).await?,
                    None => None,
                };
                let known = user.map(|user| user.id);
                self.inner.chat_members.keep(who, known, now);
                known
            }
        };
        match known {
            Some(user) => self.find_user(UserKey::Id(user)).await,
            None => Ok(None),
        }
    }
}

/// Who members of the configured team are by their e-mail, and who is nobody: for a while.
pub(crate) struct Members(Cache<ChatUser, (Option<UserId>, Timestamp)>);

impl Default for Members {
    fn default() -> Self {
        Self(Cache::new(CHAT_MEMBERS_MAX))
    }
}

impl Members {
    fn known(&self, who: &ChatUser, now: Timestamp) -> Option<Option<UserId>> {
        let (user, at) = self.0.get(who)?;
        (now.since(at) < CHAT_MEMBER_LIFE).then_some(user)
    }

    fn keep(&self, who: &ChatUser, user: Option<UserId>, now: Timestamp) {
        self.0.insert(who.clone(), (user, now));
    }
}

/// What a link is called in the audit log.
fn title(link: &ChatLink) -> String {
    format!("{} user {} ({})", link.who.platform, link.name, link.who.id)
}

/// A code of [`LINK_CODE_LETTERS`] letters in groups of five, 5 bits each.
fn code(secret: [u8; 32]) -> String {
    let letters = secret.iter().take(LINK_CODE_LETTERS).map(|byte| ALPHABET[usize::from(byte % 32)]);
    let letters: Vec<u8> = letters.collect();
    let groups: Vec<String> = letters.chunks(5).map(|group| String::from_utf8_lossy(group).into()).collect();
    groups.join("-")
}

/// A code as it is hashed: however it was typed.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let made = code(std::array::from_fn(|index| index as u8 * 7));
        assert_eq!(made.len(), 23, "{made}");
        assert_eq!(plain(&made), plain(&format!(" {} ", made.to_uppercase().replace('-', " "))));
    }
}
