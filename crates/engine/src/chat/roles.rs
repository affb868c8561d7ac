//! What users may do by command.

use crate::completed::completed;
use crate::rights::allow;
use crate::{Engine, EngineError};
use wigwag_access::{Action, ChatRole, Principal, Thing, User, UserRole};
use wigwag_ports::chat_users::ChatLink;
use wigwag_ports::flags::AuditEntry;
use wigwag_ports::registry::UserKey;

/// A link with the username of its user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownLink {
    /// The link.
    pub link: ChatLink,
    /// The username.
    pub username: String,
}

/// A user with another role than viewer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownRole {
    /// The username.
    pub username: String,
    /// The role.
    pub role: ChatRole,
}

impl Engine {
    /// Gives a user a role. It counts at once on this node.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`] to those who may give none; [`EngineError::NotFound`] (`user`); the store's.
    pub async fn set_chat_role(
        &self,
        principal: &Principal,
        username: &str,
        role: ChatRole,
        via: &str,
    ) -> Result<KnownRole, EngineError> {
        allow(principal, Action::ManageChat, Thing::Server)?;
        let key = UserKey::Username(username.trim_start_matches('@').to_owned());
        let user = self.find_user(key).await?.ok_or(EngineError::NotFound("user"))?;
        let before = format!("{} had the role {}", user.username, user.chat_role);
        let row = self.audit_entry(principal, via, before, format!("it has the role {role}")).await?;
        let (engine, id) = (self.clone(), user.id);
        completed(async move {
            let given = engine.inner.store.set_chat_role(id, role, row).await;
            engine.inner.registry.users_changed();
            engine.inner.authenticator.tokens_changed();
            engine.inner.authenticator.sessions_changed();
            Ok(given?)
        })
        .await?;
        Ok(KnownRole { username: user.username.clone(), role })
    }

    /// Users with another role than viewer; administrators of the server have the highest without being listed.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`]; the store's.
    pub async fn chat_roles(&self, principal: &Principal) -> Result<Vec<KnownRole>, EngineError> {
        allow(principal, Action::ManageChat, Thing::Server)?;
        let mut known = Vec::new();
        for (id, role) in self.inner.store.chat_roles().await? {
            if let Some(user) = self.find_user(UserKey::Id(id)).await? {
                known.push(KnownRole { username: user.username.clone(), role });
            }
        }
        Ok(known)
    }

    /// The role that counts.
    pub(super) fn role_of(&self, user: &User) -> ChatRole {
        if user.role == UserRole::Admin { ChatRole::Admin } else { user.chat_role }
    }

    /// An audit row of something that is no flag's.
    pub(crate) async fn audit_entry(
        &self,
        principal: &Principal,
        via: &str,
        before: String,
        after: String,
    ) -> Result<AuditEntry, EngineError> {
        let author = self.username_of(principal.user).await?;
        let sudo_by = match principal.sudo_by {
            Some(admin) => Some(self.username_of(admin).await?),
            None => None,
        };
        let (at, via) = (self.inner.clock.now(), via.to_owned());
        Ok(AuditEntry {
            at,
            author,
            sudo_by,
            via,
            flag: None,
            environment: None,
            before,
            after,
            reason: None,
        })
    }

    /// The username of somebody who asks.
    pub(crate) async fn username_of(&self, user: wigwag_base::UserId) -> Result<String, EngineError> {
        let user = self.find_user(UserKey::Id(user)).await?.ok_or(EngineError::Unauthorized)?;
        Ok(user.username.clone())
    }
}
