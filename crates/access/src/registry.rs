use crate::{AccessLevel, ChatRole};
use wigwag_base::{GroupId, ProjectId, Timestamp, UserId};

/// A person or a machine that may sign in or hold tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Given by the store; 1 is `root`.
    pub id: UserId,
    /// Unique, compared without regard to ASCII case; also the path of the user's own namespace.
    pub username: String,
    /// What people read.
    pub name: String,
    /// Unique, compared without regard to ASCII case.
    pub email: String,
    /// Whether the user administers the whole server.
    pub role: UserRole,
    /// What the user may do by command.
    pub chat_role: ChatRole,
    /// Whether the user may act at all.
    pub state: UserState,
    /// When the user was made.
    pub created_at: Timestamp,
}

/// Whether a user administers the whole server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserRole {
    /// Only what memberships give.
    Regular,
    /// Everything, and may act as others (`Sudo`).
    Admin,
}

/// Whether a user may act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserState {
    /// May.
    Active,
    /// May not; tokens and sessions are refused.
    Blocked,
}

/// A folder of projects and other groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Given by the store.
    pub id: GroupId,
    /// The group that it lies in.
    pub parent: Option<GroupId>,
    /// What people read.
    pub name: String,
    /// Its own part of the path.
    pub path: String,
    /// The whole path, `a/b/c`; unique without regard to ASCII case, among groups and users' namespaces.
    pub full_path: String,
    /// When the group was made.
    pub created_at: Timestamp,
}

/// Where a project lies: in a group, or in a user's own namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Namespace {
    /// A group.
    Group(GroupId),
    /// The user's own; that user owns the projects in it.
    User(UserId),
}

/// What publishes events and has hooks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// Given by the store.
    pub id: ProjectId,
    /// Where it lies.
    pub namespace: Namespace,
    /// What people read.
    pub name: String,
    /// Its own part of the path.
    pub path: String,
    /// The whole path, `group/project`; unique without regard to ASCII case.
    pub full_path: String,
    /// When the project was made.
    pub created_at: Timestamp,
}

/// What a membership, a hook or a callout belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Source {
    /// A project.
    Project(ProjectId),
    /// A group.
    Group(GroupId),
}

/// A user's level in one group or project. The levels of ancestor groups count too; the highest wins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Membership {
    /// Who.
    pub user: UserId,
    /// Where.
    pub source: Source,
    /// How much.
    pub level: AccessLevel,
}
