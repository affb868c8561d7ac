//! Who may mend a hook, and so may know how it does.

use super::make::source_of;
use crate::accounts::MemberReach;
use crate::limits::NOTICE_RECIPIENTS_MAX;
use crate::{Engine, EngineError};
use std::cmp::Reverse;
use wigwag_access::{AccessLevel, Source, User, UserRole, UserState};
use wigwag_base::UserId;
use wigwag_hooks::HookScope;

/// The lowest level that may mend a hook of a project or group.
const fn level_min(source: Source) -> AccessLevel {
    match source {
        Source::Project(_) => AccessLevel::Maintainer,
        Source::Group(_) => AccessLevel::Owner,
    }
}

impl Engine {
    /// Those who may mend a hook: maintainers and above of its project, owners of its group, admins for the system's. Of
    /// too many, the highest levels.
    pub(super) async fn menders(&self, scope: HookScope) -> Result<Vec<UserId>, EngineError> {
        let Some(source) = source_of(scope) else {
            return Ok(self.inner.store.admins(NOTICE_RECIPIENTS_MAX as u32).await?);
        };
        let members = match self.levels_at(source, MemberReach::All).await {
            Err(EngineError::NotFound(_)) => Vec::new(),
            found => found?,
        };
        let mut menders: Vec<_> =
            members.into_iter().filter(|(_, level)| *level >= level_min(source)).collect();
        menders.sort_unstable_by_key(|(user, level)| (Reverse(*level), *user));
        menders.truncate(NOTICE_RECIPIENTS_MAX);
        Ok(menders.into_iter().map(|(user, _)| user).collect())
    }

    /// Whether a user may mend a hook now.
    pub(super) async fn may_mend(&self, user: &User, scope: HookScope) -> Result<bool, EngineError> {
        match source_of(scope) {
            None => Ok(user.role == UserRole::Admin && user.state == UserState::Active),
            Some(source) => {
                Ok(self.level(user.id, source).await?.is_some_and(|level| level >= level_min(source)))
            }
        }
    }
}
