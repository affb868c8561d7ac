//! Who may do what: users, groups, projects, memberships with inherited levels, credentials with scopes. Pure rules;
//! what is stored arrives as values. [`may`] answers every question of right from one table, [`Action`]'s.

mod action;
mod chat_role;
mod credential;
mod decision;
mod level;
mod levels;
pub mod limits;
mod may;
mod name;
mod principal;
mod registry;
mod scope;
mod token_text;

pub use action::{Action, Direction};
pub use chat_role::{ChatRole, EnvironmentKind};
pub use credential::{EmbedKey, LoginLink, Session, SessionLimit, Token};
pub use decision::{Decision, Denial};
pub use level::AccessLevel;
pub use levels::{Levels, Lineage};
pub use may::{Thing, may, may_give, may_mint};
pub use name::{
    Invalid, check_depth, check_email, check_name, check_path, check_root_path, check_username, slug,
};
pub use principal::{Principal, SudoRefusal, Via};
pub use registry::{Group, Membership, Namespace, Project, Source, User, UserRole, UserState};
pub use scope::{Scope, Scopes, UnknownScope};
pub use token_text::{TokenKind, TokenShape, TokenShapeError, check_root_token, check_shape, token_text};
