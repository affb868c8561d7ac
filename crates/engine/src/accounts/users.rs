use super::{LIST, field};
use crate::rights::allow;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{Action, Principal, Thing, User, UserRole, check_email, check_name, check_username};
use wigwag_base::{Page, PageOf, Secret};
use wigwag_ports::registry::{NewUser, UserKey};

/// A user to make, as a person wrote it.
#[derive(Clone, Debug)]
pub struct UserInput {
    /// Also the path of the user's own namespace.
    pub username: String,
    /// What people read.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// Whether the user shall administer the server.
    pub role: UserRole,
    /// The password to sign in by, if any.
    pub password: Option<Secret<String>>,
}

impl Engine {
    /// Makes a user. Admins only.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] names `username`, `name`, `email` or `password`.
    pub async fn create_user(&self, principal: &Principal, input: UserInput) -> Result<User, EngineError> {
        allow(principal, Action::ManageUsers, Thing::Server)?;
        field("username", check_username(&input.username))?;
        field("name", check_name(&input.name))?;
        field("email", check_email(&input.email))?;
        let password_hash = match &input.password {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let user = NewUser {
            username: input.username,
            name: input.name,
            email: input.email,
            role: input.role,
            password_hash,
            created_at: self.inner.clock.now(),
        };
        Ok(self.inner.store.create_user(user).await?)
    }

    /// One user, for whoever may list users.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn user(&self, principal: &Principal, key: UserKey) -> Result<Arc<User>, EngineError> {
        allow(principal, LIST, Thing::Server)?;
        self.find_user(key).await?.ok_or(EngineError::NotFound("user"))
    }

    /// The asking user.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if the user is gone.
    pub async fn own_user(&self, principal: &Principal) -> Result<Arc<User>, EngineError> {
        allow(principal, Action::ReadSelf, Thing::User(principal.user))?;
        self.find_user(UserKey::Id(principal.user)).await?.ok_or(EngineError::NotFound("user"))
    }

    /// Users by id, narrowed to those whose username, name or e-mail holds `search`.
    ///
    /// # Errors
    /// [`EngineError::Forbidden`].
    pub async fn users(
        &self,
        principal: &Principal,
        search: Option<String>,
        page: Page,
    ) -> Result<PageOf<User>, EngineError> {
        allow(principal, LIST, Thing::Server)?;
        Ok(self.inner.store.users(search, page).await?)
    }

    /// One user, asked for by the server itself (whose name belongs to an id, who is meant by `sub`): no right is
    /// checked. No store read when warm.
    ///
    /// # Errors
    /// The store's, when it had to be asked.
    pub async fn find_user(&self, key: UserKey) -> Result<Option<Arc<User>>, EngineError> {
        let key = match key {
            UserKey::Id(id) => UserKey::Id(id),
            UserKey::Username(name) => UserKey::Username(name.to_ascii_lowercase()),
            UserKey::Email(email) => UserKey::Email(email.to_ascii_lowercase()),
        };
        let cache = &self.inner.registry.users;
        if let Some(user) = cache.get(&key) {
            return Ok(Some(user));
        }
        let read_in = cache.before_read();
        let Some(user) = self.inner.store.user(key.clone()).await?.map(Arc::new) else { return Ok(None) };
        cache.keep(read_in, key, user.clone());
        Ok(Some(user))
    }

    /// One user as far as memory knows: for answers that must not wait for the store.
    pub(crate) fn user_in_memory(&self, id: wigwag_base::UserId) -> Option<Arc<User>> {
        self.inner.registry.users.get(&UserKey::Id(id))
    }
}
