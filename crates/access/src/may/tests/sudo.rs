use super::{PROJECT, SELF, SESSION, bound, bound_to, everything, principal, project, token, user};
use crate::may::{Thing, may};
use crate::{AccessLevel, Action, Principal, Scope, Source, SudoRefusal, User, UserRole, UserState, Via};
use wigwag_base::UserId;

pub(super) fn sudo(role: UserRole, via: Via, target: Option<&User>) -> Result<Principal, SudoRefusal> {
    principal(role, via).sudo(target)
}

#[test]
fn sudo_is_for_unbound_tokens_of_admins() {
    let target = user(UserId(6), UserRole::Regular, UserState::Active);
    let blocked = user(UserId(7), UserRole::Regular, UserState::Blocked);
    let check = |role, via, target: Option<&User>, expected| {
        assert_eq!(sudo(role, via, target).err(), expected, "{role:?} {via:?}");
    };
    let (admin, regular) = (UserRole::Admin, UserRole::Regular);
    check(admin, token(&[Scope::Api]), Some(&target), None);
    check(admin, token(&[Scope::Admin]), Some(&target), None);
    check(admin, token(&[Scope::Api]), None, Some(SudoRefusal::UnknownUser));
    check(admin, token(&[Scope::Api]), Some(&blocked), Some(SudoRefusal::Blocked));
    check(admin, token(&[Scope::ReadApi, Scope::HooksWrite]), Some(&target), Some(SudoRefusal::Scope));
    check(admin, bound(&[Scope::Api]), Some(&target), Some(SudoRefusal::Scope));
    assert_eq!(bound_to(&["production"]).sudo(Some(&target)), Err(SudoRefusal::Scope));
    check(admin, SESSION, Some(&target), Some(SudoRefusal::Scope));
    check(admin, Via::Embed(Source::Project(PROJECT)), Some(&target), Some(SudoRefusal::Scope));
    check(admin, Via::Chat, Some(&target), Some(SudoRefusal::Scope));
    check(regular, token(&[Scope::Api, Scope::Admin]), Some(&target), Some(SudoRefusal::NotAdmin));
    check(regular, token(&[Scope::Api]), None, Some(SudoRefusal::NotAdmin));
}

#[test]
fn sudo_gives_that_users_rights_only() {
    let regular = user(UserId(6), UserRole::Regular, UserState::Active);
    let every = token(&Scope::ALL.map(|(scope, _)| scope));
    let acting = sudo(UserRole::Admin, every, Some(&regular)).unwrap();
    assert_eq!((acting.user, acting.sudo_by), (UserId(6), Some(SELF)));
    let own = Principal { user: UserId(6), ..principal(UserRole::Regular, token(&[Scope::Api])) };
    for (action, thing) in everything() {
        assert_eq!(
            may(&acting, action, thing).is_allowed(),
            may(&own, action, thing).is_allowed(),
            "{action:?}"
        );
    }
    let narrow = sudo(UserRole::Admin, token(&[Scope::Admin]), Some(&regular)).unwrap();
    assert!(may(&narrow, Action::ReadProject, project(Some(AccessLevel::Guest))).is_allowed());
    assert!(!may(&narrow, Action::Operate, Thing::Server).is_allowed());
    let other_admin = user(UserId(8), UserRole::Admin, UserState::Active);
    let as_admin = sudo(UserRole::Admin, token(&[Scope::Api]), Some(&other_admin)).unwrap();
    assert_eq!(as_admin.sudo(Some(&regular)), Err(SudoRefusal::NotAdmin));
}
