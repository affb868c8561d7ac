//! Users, groups, projects and memberships.

use crate::StoreError;
use async_trait::async_trait;
use wigwag_access::{Group, Membership, Namespace, Project, Source, User, UserRole};
use wigwag_base::{GroupId, Page, PageOf, ProjectId, Secret, Timestamp, UserId};

/// Keeps the registry.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Makes a user.
    ///
    /// # Errors
    /// [`StoreError::Taken`] names `username` or `email`.
    async fn create_user(&self, user: NewUser) -> Result<User, StoreError>;

    /// One user.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn user(&self, key: UserKey) -> Result<Option<User>, StoreError>;

    /// Users by id, narrowed to those whose username, name or e-mail holds `search`.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn users(&self, search: Option<String>, page: Page) -> Result<PageOf<User>, StoreError>;

    /// Makes a group; `creator` becomes its owner.
    ///
    /// # Errors
    /// [`StoreError::Taken`] (`path`), [`StoreError::NotFound`] (its parent), [`StoreError::LimitReached`] (depth).
    async fn create_group(&self, group: NewGroup) -> Result<Group, StoreError>;

    /// One group with its ancestors, itself first, the root last.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn group(&self, key: PathKey<GroupId>) -> Result<Option<Vec<Group>>, StoreError>;

    /// Groups by id; only those below which `user` has a membership, if one is named.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn groups(&self, user: Option<UserId>, page: Page) -> Result<PageOf<Group>, StoreError>;

    /// Makes a project.
    ///
    /// # Errors
    /// [`StoreError::Taken`] (`path`), [`StoreError::NotFound`] (its namespace).
    async fn create_project(&self, project: NewProject) -> Result<Project, StoreError>;

    /// One project with its ancestor groups, the nearest first (none in a user's namespace).
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn project(&self, key: PathKey<ProjectId>) -> Result<Option<(Project, Vec<Group>)>, StoreError>;

    /// Projects by id; only those that `user` is a member of (inherited ones too) or that lie in the user's own
    /// namespace, if one is named.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn projects(&self, user: Option<UserId>, page: Page) -> Result<PageOf<Project>, StoreError>;

    /// How many of a kind there are.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn count(&self, kind: Kind) -> Result<u64, StoreError>;

    /// The ids of a kind above `after`, rising, at most `limit` of them: for whoever goes through all.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn ids(&self, kind: Kind, after: i64, limit: u32) -> Result<Vec<i64>, StoreError>;

    /// Reads or writes memberships: one door for the four calls, so that the port stays small.
    ///
    /// # Errors
    /// As [`MemberCall`] says.
    async fn members(&self, call: MemberCall) -> Result<Vec<Membership>, StoreError>;
}

/// What the registry holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Users.
    User,
    /// Groups.
    Group,
    /// Projects.
    Project,
}

/// A user to make.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Checked for its form; unique without regard to ASCII case, among group paths too.
    pub username: String,
    /// What people read.
    pub name: String,
    /// Unique without regard to ASCII case.
    pub email: String,
    /// Whether the user administers the server.
    pub role: UserRole,
    /// Argon2id hash in PHC form, if the user may sign in by password.
    pub password_hash: Option<Secret<String>>,
    /// When.
    pub created_at: Timestamp,
}

/// A group to make.
#[derive(Clone, Debug)]
pub struct NewGroup {
    /// What people read.
    pub name: String,
    /// Its part of the path, checked for its form.
    pub path: String,
    /// The group to lie in.
    pub parent: Option<GroupId>,
    /// Who becomes its owner.
    pub creator: UserId,
    /// When.
    pub created_at: Timestamp,
}

/// A project to make.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// What people read.
    pub name: String,
    /// Its part of the path, checked for its form.
    pub path: String,
    /// Where it lies.
    pub namespace: Namespace,
    /// When.
    pub created_at: Timestamp,
}

/// By what a user is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum UserKey {
    /// By id.
    Id(UserId),
    /// By username, without regard to ASCII case.
    Username(String),
    /// By e-mail, without regard to ASCII case.
    Email(String),
}

/// By what a group or project is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PathKey<Id> {
    /// By id.
    Id(Id),
    /// By full path, without regard to ASCII case.
    FullPath(String),
}

/// What to do with memberships.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MemberCall {
    /// The direct members of a project or group, by user id.
    List(Source),
    /// Every membership of one user.
    OfUser(UserId),
    /// Adds a member: [`StoreError::Taken`] (`member`) if there is one, [`StoreError::NotFound`] (`user`, `source`).
    Add(Membership),
    /// Changes a member's level: [`StoreError::NotFound`] (`member`) if there is none.
    Change(Membership),
    /// Removes a member: [`StoreError::NotFound`] (`member`) if there is none.
    Remove(UserId, Source),
}
