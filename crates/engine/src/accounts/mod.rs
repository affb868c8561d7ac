//! Users, groups, projects and memberships, and the level that a user has somewhere.
//!
//! What requests ask for again and again (a user by name, a project by path, a level) is kept in memory and is exact:
//! nothing here goes by time. Things that do not exist are never kept, so that making one needs no forgetting.

mod groups;
mod levels;
mod members;
mod projects;
mod root;
mod users;

pub use groups::GroupInput;
pub(crate) use levels::RegistryCache;
pub use members::{Member, MemberReach};
pub use projects::{PlacedProject, ProjectInput};
pub(crate) use root::ROOT_TOKEN_NAME;
pub use root::RootToken;
pub use users::UserInput;

use crate::EngineError;
use wigwag_access::Action;

/// What one must be allowed in order to list anything: no token made for one narrow purpose lists the registry.
const LIST: Action = Action::ReadUsers;

/// Names the field that a form rule speaks of.
fn field<T>(field: &'static str, checked: Result<T, wigwag_access::Invalid>) -> Result<T, EngineError> {
    checked.map_err(|rule| EngineError::Invalid { field, rule: rule.to_string() })
}
