use crate::{AccessLevel, Membership, Namespace, Source, User, UserRole, UserState};
use std::collections::HashMap;
use wigwag_base::{GroupId, ProjectId, UserId};

/// Where a group or project lies: itself, every group above it, and the user whose own namespace holds it, if one does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lineage {
    /// The group or project.
    pub itself: Source,
    /// The groups above it, nearest first.
    pub ancestors: Vec<GroupId>,
    /// The owner of the user namespace that it lies in.
    pub namespace_owner: Option<UserId>,
}

impl Lineage {
    /// A project's: `above` are the groups above it, nearest first; without meaning in a user's namespace.
    pub fn of_project(id: ProjectId, namespace: Namespace, above: Vec<GroupId>) -> Self {
        match namespace {
            Namespace::Group(_) => {
                Self { itself: Source::Project(id), ancestors: above, namespace_owner: None }
            }
            Namespace::User(user) => {
                Self { itself: Source::Project(id), ancestors: Vec::new(), namespace_owner: Some(user) }
            }
        }
    }

    /// A group's: `above` are the groups above it, nearest first.
    pub fn of_group(id: GroupId, above: Vec<GroupId>) -> Self {
        Self { itself: Source::Group(id), ancestors: above, namespace_owner: None }
    }

    /// Itself and then each group above it, nearest first: wherever a membership counts.
    pub fn sources(&self) -> impl Iterator<Item = Source> + '_ {
        std::iter::once(self.itself).chain(self.ancestors.iter().copied().map(Source::Group))
    }
}

/// Memberships by place, kept exact by the writes that change them; answers what level a user has somewhere.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Levels {
    direct: HashMap<Source, HashMap<UserId, AccessLevel>>,
}

impl Levels {
    /// Notes a membership; replaces the one of the same user and place.
    pub fn set(&mut self, membership: Membership) {
        self.direct.entry(membership.source).or_default().insert(membership.user, membership.level);
    }

    /// Forgets a user's membership of one place.
    pub fn remove(&mut self, source: Source, user: UserId) {
        if let Some(members) = self.direct.get_mut(&source) {
            members.remove(&user);
            if members.is_empty() {
                self.direct.remove(&source);
            }
        }
    }

    /// Forgets every membership of one place.
    pub fn forget(&mut self, source: Source) {
        self.direct.remove(&source);
    }

    /// The level that `user` was given at exactly `source`.
    pub fn direct(&self, source: Source, user: UserId) -> Option<AccessLevel> {
        self.direct.get(&source)?.get(&user).copied()
    }

    /// The level that counts: the highest of the place itself and the groups above it; owner in one's own namespace;
    /// owner everywhere for an admin; none for a blocked user.
    pub fn effective(&self, user: &User, lineage: &Lineage) -> Option<AccessLevel> {
        match (user.state, user.role) {
            (UserState::Blocked, _) => None,
            (UserState::Active, UserRole::Admin) => Some(AccessLevel::Owner),
            (UserState::Active, UserRole::Regular) => self.given(user.id, lineage),
        }
    }

    /// As [`Levels::effective`], for a user of whom no more is known than that memberships count.
    pub fn given(&self, user: UserId, lineage: &Lineage) -> Option<AccessLevel> {
        if lineage.namespace_owner == Some(user) {
            return Some(AccessLevel::Owner);
        }
        lineage.sources().filter_map(|source| self.direct(source, user)).max()
    }

    /// Every member with the level that counts, inherited ones included, by user id (`/members/all`).
    pub fn members_all(&self, lineage: &Lineage) -> Vec<(UserId, AccessLevel)> {
        let mut highest: HashMap<UserId, AccessLevel> = HashMap::new();
        for members in lineage.sources().filter_map(|source| self.direct.get(&source)) {
            for (user, level) in members {
                let kept = highest.entry(*user).or_insert(*level);
                *kept = (*kept).max(*level);
            }
        }
        if let Some(owner) = lineage.namespace_owner {
            highest.insert(owner, AccessLevel::Owner);
        }
        let mut members: Vec<_> = highest.into_iter().collect();
        members.sort_unstable_by_key(|(user, _)| *user);
        members
    }
}

impl FromIterator<Membership> for Levels {
    fn from_iter<I: IntoIterator<Item = Membership>>(memberships: I) -> Self {
        let mut levels = Self::default();
        for membership in memberships {
            levels.set(membership);
        }
        levels
    }
}

#[cfg(test)]
mod tests;
