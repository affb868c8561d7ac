use super::{Levels, Lineage};
use crate::AccessLevel::{self, Developer, Guest, Maintainer, Owner, Reporter};
use crate::{Membership, Namespace, Source, User, UserRole, UserState};
use wigwag_base::{GroupId, ProjectId, Timestamp, UserId};

const ADA: UserId = UserId(5);
const PROJECT: Source = Source::Project(ProjectId(1));
const TEAM: Source = Source::Group(GroupId(2));
const COMPANY: Source = Source::Group(GroupId(1));

fn user(role: UserRole, state: UserState) -> User {
    let text = || "ada".to_owned();
    let created_at = Timestamp::from_secs(0);
    User {
        id: ADA,
        username: text(),
        name: text(),
        email: text(),
        role,
        chat_role: crate::ChatRole::Viewer,
        state,
        created_at,
    }
}

/// Project 1 in group 2 in group 1.
fn nested() -> Lineage {
    let above = vec![GroupId(2), GroupId(1)];
    Lineage::of_project(ProjectId(1), Namespace::Group(GroupId(2)), above)
}

fn levels(given: &[(UserId, Source, AccessLevel)]) -> Levels {
    given
        .iter()
        .map(|(user, source, level)| Membership { user: *user, source: *source, level: *level })
        .collect()
}

#[track_caller]
fn check(given: &[(Source, AccessLevel)], expected: Option<AccessLevel>) {
    let given: Vec<_> = given.iter().map(|(source, level)| (ADA, *source, *level)).collect();
    let regular = user(UserRole::Regular, UserState::Active);
    assert_eq!(levels(&given).effective(&regular, &nested()), expected);
}

#[test]
fn the_highest_level_of_a_project_and_the_groups_above_it_counts() {
    check(&[], None);
    check(&[(PROJECT, Guest)], Some(Guest));
    check(&[(TEAM, Developer)], Some(Developer));
    check(&[(COMPANY, Owner)], Some(Owner));
    check(&[(PROJECT, Reporter), (COMPANY, Maintainer)], Some(Maintainer));
    check(&[(PROJECT, Owner), (TEAM, Guest), (COMPANY, Guest)], Some(Owner));
    check(&[(Source::Project(ProjectId(2)), Owner)], None);
    check(&[(Source::Group(GroupId(3)), Owner)], None);
}

#[test]
fn a_project_and_a_group_of_the_same_number_are_two_things() {
    check(&[(Source::Project(ProjectId(2)), Owner), (TEAM, Guest)], Some(Guest));
}

#[test]
fn levels_do_not_climb_from_a_project_to_its_group() {
    let levels = levels(&[(ADA, PROJECT, Owner), (ADA, TEAM, Developer)]);
    let company = Lineage::of_group(GroupId(1), vec![]);
    let team = Lineage::of_group(GroupId(2), vec![GroupId(1)]);
    assert_eq!(levels.given(ADA, &company), None);
    assert_eq!(levels.given(ADA, &team), Some(Developer));
}

#[test]
fn everybody_owns_their_own_namespace_and_nobody_elses() {
    let lineage = Lineage::of_project(ProjectId(1), Namespace::User(ADA), vec![]);
    assert_eq!(Levels::default().given(ADA, &lineage), Some(Owner));
    assert_eq!(Levels::default().given(UserId(6), &lineage), None);
    assert_eq!(levels(&[(UserId(6), PROJECT, Reporter)]).given(UserId(6), &lineage), Some(Reporter));
}

#[test]
fn admins_own_everything_and_the_blocked_nothing() {
    let owner = levels(&[(ADA, PROJECT, Owner)]);
    let check = |role, state, levels: &Levels, expected| {
        assert_eq!(levels.effective(&user(role, state), &nested()), expected, "{role:?} {state:?}");
    };
    check(UserRole::Admin, UserState::Active, &Levels::default(), Some(Owner));
    check(UserRole::Admin, UserState::Blocked, &owner, None);
    check(UserRole::Regular, UserState::Blocked, &owner, None);
    check(UserRole::Regular, UserState::Active, &Levels::default(), None);
}

#[test]
fn changes_of_membership_count_at_once() {
    let mut levels = levels(&[(ADA, PROJECT, Owner), (ADA, TEAM, Reporter)]);
    levels.set(Membership { user: ADA, source: PROJECT, level: Guest });
    assert_eq!(levels.given(ADA, &nested()), Some(Reporter));
    levels.remove(TEAM, ADA);
    levels.remove(TEAM, ADA);
    assert_eq!(levels.given(ADA, &nested()), Some(Guest));
    levels.forget(PROJECT);
    assert_eq!(levels.given(ADA, &nested()), None);
    assert_eq!(levels, Levels::default());
}

#[test]
fn all_members_are_listed_once_with_the_level_that_counts() {
    let (bob, eve) = (UserId(6), UserId(7));
    let levels = levels(&[
        (eve, COMPANY, Owner),
        (ADA, TEAM, Developer),
        (ADA, PROJECT, Maintainer),
        (bob, TEAM, Guest),
    ]);
    assert_eq!(levels.members_all(&nested()), [(ADA, Maintainer), (bob, Guest), (eve, Owner)]);
    let own = Lineage::of_project(ProjectId(9), Namespace::User(bob), vec![]);
    assert_eq!(levels.members_all(&own), [(bob, Owner)]);
}
