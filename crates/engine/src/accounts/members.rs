use crate::completed::completed;
use crate::rights::pass;
use crate::{Engine, EngineError};
use std::sync::Arc;
use wigwag_access::{AccessLevel, Action, Levels, Membership, Principal, Source, User, may_give};
use wigwag_base::{Page, PageOf, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::registry::{MemberCall, UserKey};

/// A member as lists show one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Who.
    pub user: Arc<User>,
    /// How much.
    pub level: AccessLevel,
}

/// Whose memberships are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberReach {
    /// Those of the project or group itself.
    Direct,
    /// The groups above it too; the highest level counts.
    All,
}

const fn reading(source: Source) -> Action {
    match source {
        Source::Project(_) => Action::ReadProject,
        Source::Group(_) => Action::ReadGroup,
    }
}

const fn managing(source: Source) -> Action {
    match source {
        Source::Project(_) => Action::ManageMembers,
        Source::Group(_) => Action::ManageGroupMembers,
    }
}

impl Engine {
    /// Members of a project or group, by user id.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn members(
        &self,
        principal: &Principal,
        source: Source,
        reach: MemberReach,
        page: Page,
    ) -> Result<PageOf<Member>, EngineError> {
        self.allow_at(principal, reading(source), source).await?;
        let all = self.levels_at(source, reach).await?;
        let (offset, size) = (usize::try_from(page.offset()).unwrap_or(usize::MAX), page.per_page as usize);
        let mut rows = Vec::with_capacity(size.min(all.len()));
        for (user, level) in all.iter().skip(offset).take(size) {
            if let Some(user) = self.find_user(UserKey::Id(*user)).await? {
                rows.push(Member { user, level: *level });
            }
        }
        Ok(PageOf { rows, page, total: all.len() as u64 })
    }

    /// One member.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn member(
        &self,
        principal: &Principal,
        source: Source,
        user: UserId,
        reach: MemberReach,
    ) -> Result<Member, EngineError> {
        const MISSING: EngineError = EngineError::NotFound("member");
        self.allow_at(principal, reading(source), source).await?;
        let all = self.levels_at(source, reach).await?;
        let (_, level) = all.into_iter().find(|(id, _)| *id == user).ok_or(MISSING)?;
        let user = self.find_user(UserKey::Id(user)).await?.ok_or(MISSING)?;
        Ok(Member { user, level })
    }

    /// Makes a user a member; nobody gives more than they have.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if there is a membership already, [`EngineError::NotFound`] names what is missing.
    pub async fn add_member(
        &self,
        principal: &Principal,
        membership: Membership,
    ) -> Result<Member, EngineError> {
        self.allow_level(principal, membership.source, membership.level).await?;
        let user =
            self.find_user(UserKey::Id(membership.user)).await?.ok_or(EngineError::NotFound("user"))?;
        self.write_member(MemberCall::Add(membership)).await?;
        Ok(Member { user, level: membership.level })
    }

    /// Changes a member's level; nobody touches one above their own.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is no such direct member.
    pub async fn change_member(
        &self,
        principal: &Principal,
        membership: Membership,
    ) -> Result<Member, EngineError> {
        self.allow_level(principal, membership.source, membership.level).await?;
        let before = self.direct_member(principal, membership.source, membership.user).await?;
        self.write_member(MemberCall::Change(membership)).await?;
        Ok(Member { user: before.user, level: membership.level })
    }

    /// Ends a membership; nobody touches one above their own.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] if there is no such direct member.
    pub async fn remove_member(
        &self,
        principal: &Principal,
        source: Source,
        user: UserId,
    ) -> Result<(), EngineError> {
        self.allow_level(principal, source, AccessLevel::Guest).await?;
        self.direct_member(principal, source, user).await?;
        self.write_member(MemberCall::Remove(user, source)).await
    }

    /// The direct member, whose level the asking user may touch.
    async fn direct_member(
        &self,
        principal: &Principal,
        source: Source,
        user: UserId,
    ) -> Result<Member, EngineError> {
        let member = self.member(principal, source, user, MemberReach::Direct).await?;
        self.allow_level(principal, source, member.level).await?;
        Ok(member)
    }

    /// Whether the asking user may manage members at `source` and give or take `level`.
    async fn allow_level(
        &self,
        principal: &Principal,
        source: Source,
        level: AccessLevel,
    ) -> Result<(), EngineError> {
        self.allow_at(principal, managing(source), source).await?;
        let own = self.level(principal.user, source).await?.ok_or(EngineError::NotFound("member"))?;
        pass(may_give(own, level), "member")
    }

    /// Writes, and forgets every level before anybody is told.
    async fn write_member(&self, call: MemberCall) -> Result<(), EngineError> {
        let inner = self.inner.clone();
        completed(async move {
            let written = inner.store.members(call).await;
            inner.registry.memberships_changed();
            match written {
                Err(StoreError::Taken(_)) => Err(EngineError::Conflict("Member already exists".into())),
                other => Ok(other.map(drop)?),
            }
        })
        .await
    }

    /// Who has which level at a project or group.
    pub(crate) async fn levels_at(
        &self,
        source: Source,
        reach: MemberReach,
    ) -> Result<Vec<(UserId, AccessLevel)>, EngineError> {
        let direct = self.inner.store.members(MemberCall::List(source)).await?;
        if reach == MemberReach::Direct {
            return Ok(direct.into_iter().map(|membership| (membership.user, membership.level)).collect());
        }
        let lineage = self.lineage(source).await?.ok_or(EngineError::NotFound("member"))?;
        let mut levels: Levels = direct.into_iter().collect();
        for group in &lineage.ancestors {
            let above = self.inner.store.members(MemberCall::List(Source::Group(*group))).await?;
            above.into_iter().for_each(|membership| levels.set(membership));
        }
        Ok(levels.members_all(&lineage))
    }
}
