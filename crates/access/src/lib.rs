//! Who may do what: users, groups, projects, memberships with inherited levels, credentials with scopes. Pure rules;
//! what is stored arrives as values. [`may`] answers every question of right from one table, [`Action`]'s.

mod action;
mod credential;
mod decision;
mod level;
mod levels;
pub mod limits;
mod may;
mod principal;
mod registry;
mod scope;

pub use action::{Action, Direction};
pub use credential::{EmbedKey, LoginLink, Session, SessionLimit, Token};
pub use decision::{Decision, Denial};
pub use level::AccessLevel;
pub use levels::{Levels, Lineage};
pub use may::{Thing, may, may_give, may_mint};
pub use principal::{Principal, SudoRefusal, Via};
pub use registry::{Group, Membership, Namespace, Project, Source, User, UserRole, UserState};
pub use scope::{Scope, Scopes, UnknownScope};
