use super::sudo::sudo;
use super::{CANARY, GROUP, PRODUCTION, PROJECT, SESSION, everything, principal, token, user};
use crate::ChatRole::{Admin, Developer, Release, Viewer};
use crate::action::Direction::{OffWard, OnWard};
use crate::action::Effect;
use crate::may::{Thing, may};
use crate::{
    Action, ChatRole, Decision, Denial, EnvironmentKind, Principal, Scope, SessionLimit, User, UserRole,
    UserState, Via,
};
use wigwag_base::UserId;

const STAGING: Thing =
    Thing::Environment { name: "staging", base: "staging", kind: EnvironmentKind::NonProduction };

fn commanding(role: ChatRole, via: Via) -> Principal {
    Principal { chat_role: role, ..principal(UserRole::Regular, via) }
}

#[test]
fn words_name_the_roles_and_each_is_above_the_one_before() {
    assert!(ChatRole::ALL.is_sorted());
    assert_eq!(ChatRole::ALL.map(ChatRole::as_str), ["viewer", "developer", "release", "admin"]);
    assert_eq!(ChatRole::ALL.map(|role| ChatRole::from_word(role.as_str())), ChatRole::ALL.map(Some));
    for word in ["", "Viewer", "owner", "release "] {
        assert_eq!(ChatRole::from_word(word), None, "{word:?}");
    }
    assert_eq!(ChatRole::default(), Viewer);
}

#[test]
fn roles_open_what_the_table_says() {
    for via in [SESSION, Via::Chat, token(&[Scope::Chat]), token(&[Scope::Api])] {
        let check = |action: Action, thing: Thing, needs: ChatRole| {
            for has in ChatRole::ALL {
                let expected = match has >= needs {
                    true => Decision::Allowed,
                    false => Decision::Denied(Denial::ChatRole { needs, has }),
                };
                assert_eq!(may(&commanding(has, via), action, thing), expected, "{via:?} {action:?}");
            }
        };
        check(Action::CommandFlags(OnWard), STAGING, Developer);
        check(Action::CommandFlags(OffWard), STAGING, Developer);
        check(Action::CommandFlags(OnWard), PRODUCTION, Release);
        // What production reads is production, whatever its name.
        check(Action::CommandFlags(OnWard), CANARY, Release);
        check(Action::CommandFlags(OffWard), PRODUCTION, Developer);
    }
    for via in [SESSION, Via::Chat, token(&[Scope::Api])] {
        for role in ChatRole::ALL {
            let manages = may(&commanding(role, via), Action::ManageChat, Thing::Server).is_allowed();
            assert_eq!(manages, role == Admin, "{role} {via:?}");
        }
    }
}

#[test]
fn roles_open_nothing_but_commands() {
    let opened = |role: ChatRole| -> Vec<Action> {
        let opens = |principal: &Principal, (action, thing)| may(principal, action, thing).is_allowed();
        everything()
            .into_iter()
            .filter(|case| opens(&commanding(role, SESSION), *case))
            .filter(|case| !opens(&commanding(Viewer, SESSION), *case))
            .map(|(action, _)| action)
            .collect()
    };
    let (off, on) = (Action::CommandFlags(OffWard), Action::CommandFlags(OnWard));
    assert_eq!(opened(Developer), [off]);
    assert_eq!(opened(Release), [off, on]);
    assert_eq!(opened(Admin), [Action::ManageChat, off, on]);
}

#[test]
fn administrators_command_whatever_their_role_is() {
    for (action, thing) in [
        (Action::CommandFlags(OnWard), PRODUCTION),
        (Action::CommandFlags(OffWard), STAGING),
        (Action::ManageChat, Thing::Server),
    ] {
        assert!(may(&principal(UserRole::Admin, Via::Chat), action, thing).is_allowed(), "{action:?}");
    }
}

#[test]
fn a_token_commands_as_far_as_its_scopes_reach() {
    let check = |role, scope: Scope, [off, on]: [bool; 2]| {
        let commanding = commanding(role, token(&[scope]));
        let allowed = |direction| may(&commanding, Action::CommandFlags(direction), PRODUCTION).is_allowed();
        assert_eq!([allowed(OffWard), allowed(OnWard)], [off, on], "{role} {scope}");
    };
    check(Viewer, Scope::FlagsOff, [true, false]);
    check(Viewer, Scope::FlagsWrite, [true, true]);
    check(Viewer, Scope::Chat, [false, false]);
    check(Viewer, Scope::Api, [false, false]);
    check(Release, Scope::Chat, [true, true]);
    // A token never reaches farther than its scopes, whatever its user's role.
    check(Admin, Scope::FlagsOff, [true, false]);
    check(Admin, Scope::ReadApi, [false, false]);
    check(Admin, Scope::Deployments, [false, false]);
}

#[test]
fn deployments_are_read_by_anyone_and_reported_by_a_token_for_it() {
    let check = |principal: Principal, [reads, reports]: [bool; 2]| {
        let allowed = |action| may(&principal, action, Thing::Server).is_allowed();
        let may_do = [allowed(Action::ReadDeployments), allowed(Action::RecordDeployments)];
        assert_eq!(may_do, [reads, reports], "{principal:?}");
    };
    check(commanding(Viewer, token(&[Scope::Deployments])), [true, true]);
    check(commanding(Viewer, token(&[Scope::Chat])), [true, false]);
    check(commanding(Viewer, token(&[Scope::EventsWrite])), [false, false]);
    check(commanding(Admin, SESSION), [true, false]);
    check(principal(UserRole::Admin, SESSION), [true, true]);
    assert_eq!("deployments:write".parse(), Ok(Scope::Deployments));
}

#[test]
fn every_way_in_carries_the_users_role() {
    let ada = User { chat_role: Release, ..user(UserId(6), UserRole::Regular, UserState::Active) };
    let ways = [
        Principal::of_root(&ada),
        Principal::of_chat(&ada),
        Principal::of_session(&ada, SessionLimit::Unlimited),
    ];
    assert_eq!(ways.map(|way| (way.user, way.chat_role)), [(ada.id, Release); 3]);
    assert_eq!(Principal::of_chat(&ada).via, Via::Chat);
    // Under sudo it is the role of the user who is acted for.
    let acting = sudo(UserRole::Admin, token(&[Scope::Api, Scope::FlagsWrite]), Some(&ada)).unwrap();
    assert_eq!(acting.chat_role, Release);
    assert!(!may(&acting, Action::ManageChat, Thing::Server).is_allowed());
    let viewer = User { chat_role: Viewer, ..ada };
    let acting = sudo(UserRole::Admin, token(&[Scope::Api, Scope::FlagsWrite]), Some(&viewer)).unwrap();
    assert!(!may(&acting, Action::CommandFlags(OnWard), PRODUCTION).is_allowed());
}

/// What a stranger may, of another and of nobody, and where no level is had.
fn open_to_strangers() -> Vec<Action> {
    let stranger = Principal::of_stranger();
    let things = [
        Thing::Server,
        Thing::User(UserId(5)),
        Thing::User(stranger.user),
        Thing::Project { id: PROJECT, level: None },
        Thing::Group { id: GROUP, level: None },
        PRODUCTION,
        STAGING,
    ];
    everything()
        .into_iter()
        .map(|(action, _)| action)
        .filter(|action| things.into_iter().any(|thing| may(&stranger, *action, thing).is_allowed()))
        .collect()
}

#[test]
fn a_stranger_from_a_chat_reads_what_anybody_may() {
    let reads = |action: &Action| action.rule().effect == Effect::Read;
    let open: Vec<Action> = open_to_strangers().into_iter().filter(reads).collect();
    for action in [Action::ReadDeployments, Action::ReadUsers] {
        assert!(open.contains(&action), "{action:?}");
    }
    for action in [Action::ReadProject, Action::ReadHooks, Action::ReadFlags, Action::ReadAudit] {
        assert!(!open.contains(&action), "{action:?}");
    }
}

#[test]
fn a_stranger_from_a_chat_writes_nothing() {
    let writes = |action: &Action| action.rule().effect == Effect::Write;
    let open: Vec<Action> = open_to_strangers().into_iter().filter(writes).collect();
    // A command asks for its own right too.
    assert_eq!(open, [Action::RunChat]);
}
