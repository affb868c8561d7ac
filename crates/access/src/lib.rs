//! Who may do what: users, groups, projects, memberships with inherited levels, credentials with scopes. Pure rules;
//! what is stored arrives as values.

mod credential;
mod level;
pub mod limits;
mod registry;
mod scope;

pub use credential::{EmbedKey, LoginLink, Session, SessionLimit, Token};
pub use level::AccessLevel;
pub use registry::{Group, Membership, Namespace, Project, Source, User, UserRole, UserState};
pub use scope::{Scope, Scopes, UnknownScope};
