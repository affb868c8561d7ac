use super::{Thing, may, may_give, may_mint};
use crate::action::Direction::{OffWard, OnWard};
use crate::{
    AccessLevel, Action, ChatRole, Decision, Denial, EnvironmentKind, Principal, Scope, Scopes, SessionLimit,
    Source, User, UserRole, UserState, Via,
};
use std::fmt::Write as _;
use std::sync::Arc;
use wigwag_base::{GroupId, ProjectId, Timestamp, UserId};

mod chat;
mod environments;
mod sudo;

const SELF: UserId = UserId(5);
const PROJECT: ProjectId = ProjectId(1);
const GROUP: GroupId = GroupId(1);

/// Every action with its thing; the level is set by the test.
const PROJECT_ACTIONS: [Action; 7] = [
    Action::ReadProject,
    Action::EditProject,
    Action::DeleteProject,
    Action::PublishEvents,
    Action::ReadHooks,
    Action::AdministerHooks,
    Action::ManageMembers,
];
const GROUP_ACTIONS: [Action; 8] = [
    Action::ReadGroup,
    Action::EditGroup,
    Action::DeleteGroup,
    Action::ReadGroupHooks,
    Action::AdministerGroupHooks,
    Action::ManageGroupMembers,
    Action::CreateSubgroup,
    Action::CreateProject,
];
const FLAG_ACTIONS: [Action; 5] = [
    Action::ReadFlags,
    Action::WriteFlags(OffWard),
    Action::WriteFlags(OnWard),
    Action::CommandFlags(OffWard),
    Action::CommandFlags(OnWard),
];
const SERVER_ACTIONS: [Action; 16] = [
    Action::ManageChat,
    Action::ReadDeployments,
    Action::RecordDeployments,
    Action::CreateGroup,
    Action::ReadUsers,
    Action::RunChat,
    Action::NameChatChannel,
    Action::ReadHooksHealth,
    Action::ReadEveryHooksHealth,
    Action::ReadMetrics,
    Action::ManageUsers,
    Action::ReadSystemHooks,
    Action::AdministerSystemHooks,
    Action::ReadAudit,
    Action::ReadOverview,
    Action::Operate,
];
const USER_ACTIONS: [Action; 6] = [
    Action::ReadSelf,
    Action::RevokeSelf,
    Action::ManageOwnTokens,
    Action::ChooseOwnNotices,
    Action::CreateProject,
    Action::LinkChat,
];
const CALLOUT_ACTIONS: [Action; 5] = [
    Action::AskOwnCallouts,
    Action::DismissOwnCallouts,
    Action::AskCalloutsOfAnother,
    Action::DismissCalloutsOfAnother,
    Action::MintEmbedTokens,
];

fn user(id: UserId, role: UserRole, state: UserState) -> User {
    let text = || "x".to_owned();
    User {
        id,
        username: text(),
        name: text(),
        email: text(),
        role,
        chat_role: ChatRole::Viewer,
        state,
        created_at: Timestamp::from_secs(0),
    }
}

fn principal(role: UserRole, via: Via) -> Principal {
    Principal { user: SELF, role, chat_role: ChatRole::Viewer, via, environments: None, sudo_by: None }
}

/// A token of an admin with every scope, bound to these.
fn bound_to(environments: &[&str]) -> Principal {
    let environments: Arc<[String]> = environments.iter().map(|name| (*name).to_owned()).collect();
    let every = token(&Scope::ALL.map(|(scope, _)| scope));
    Principal { environments: Some(environments), ..principal(UserRole::Admin, every) }
}

fn token(scopes: &[Scope]) -> Via {
    Via::Token { id: None, scopes: scopes.iter().copied().collect(), project: None }
}

fn bound(scopes: &[Scope]) -> Via {
    Via::Token { id: None, scopes: scopes.iter().copied().collect(), project: Some(PROJECT) }
}

const PRODUCTION: Thing =
    Thing::Environment { name: "production", base: "production", kind: EnvironmentKind::Production };
const CANARY: Thing =
    Thing::Environment { name: "production-canary", base: "production", kind: EnvironmentKind::Production };

fn project(level: Option<AccessLevel>) -> Thing<'static> {
    Thing::Project { id: PROJECT, level }
}

fn group(level: Option<AccessLevel>) -> Thing<'static> {
    Thing::Group { id: GROUP, level }
}

/// Every action on its own thing, at the highest level.
fn everything() -> Vec<(Action, Thing<'static>)> {
    let owner = Some(AccessLevel::Owner);
    let on = |actions: &[Action], thing: Thing<'static>| {
        actions.iter().map(|action| (*action, thing)).collect::<Vec<_>>()
    };
    [
        on(&PROJECT_ACTIONS, project(owner)),
        on(&GROUP_ACTIONS, group(owner)),
        on(&CALLOUT_ACTIONS, project(owner)),
        on(&SERVER_ACTIONS, Thing::Server),
        on(&FLAG_ACTIONS, CANARY),
        on(&USER_ACTIONS, Thing::User(SELF)),
    ]
    .concat()
}

/// One sign a decision: `y` allowed, `.` hidden, `l` level, `s` scope, `a` admin only, `c` role in commands, `b` bound,
/// `v` bound to other environments, `r` bound to one that only reads, `p` hook pages only, `e` embed only, `n` not linked.
fn sign(decision: Decision) -> char {
    match decision {
        Decision::Allowed => 'y',
        Decision::Hidden => '.',
        Decision::Denied(Denial::Level { .. }) => 'l',
        Decision::Denied(Denial::Scope(_)) => 's',
        Decision::Denied(Denial::Stranger) => 'n',
        Decision::Denied(Denial::AdminOnly) => 'a',
        Decision::Denied(Denial::ChatRole { .. }) => 'c',
        Decision::Denied(Denial::Bound) => 'b',
        Decision::Denied(Denial::BoundToEnvironments) => 'v',
        Decision::Denied(Denial::BoundToReader) => 'r',
        Decision::Denied(Denial::SessionLimited) => 'p',
        Decision::Denied(Denial::EmbedOnly) => 'e',
        Decision::Denied(Denial::WrongThing) => 'w',
    }
}

const SESSION: Via = Via::Session(SessionLimit::Unlimited);

#[test]
fn levels_open_what_the_table_says() {
    let levels = [None].into_iter().chain(AccessLevel::ALL.map(Some));
    let levels: Vec<Option<AccessLevel>> = levels.collect();
    let mut table = String::from("none guest reporter developer maintainer owner\n");
    let mut line = |action: Action, thing: fn(Option<AccessLevel>) -> Thing<'static>| {
        let regular = principal(UserRole::Regular, SESSION);
        let signs: String = levels.iter().map(|level| sign(may(&regular, action, thing(*level)))).collect();
        let _ = writeln!(table, "{signs} {action:?}");
    };
    PROJECT_ACTIONS.into_iter().for_each(|action| line(action, project));
    GROUP_ACTIONS.into_iter().for_each(|action| line(action, group));
    CALLOUT_ACTIONS.into_iter().for_each(|action| line(action, project));
    insta::assert_snapshot!(table, @r"
    none guest reporter developer maintainer owner
    .yyyyy ReadProject
    .lllyy EditProject
    .lllly DeleteProject
    .llyyy PublishEvents
    .lllyy ReadHooks
    .lllyy AdministerHooks
    .lllyy ManageMembers
    .yyyyy ReadGroup
    .lllly EditGroup
    .lllly DeleteGroup
    .lllly ReadGroupHooks
    .lllly AdministerGroupHooks
    .lllly ManageGroupMembers
    .lllyy CreateSubgroup
    .llyyy CreateProject
    yyyyyy AskOwnCallouts
    yyyyyy DismissOwnCallouts
    aaaaaa AskCalloutsOfAnother
    aaaaaa DismissCalloutsOfAnother
    aaaaaa MintEmbedTokens
    ");
}

#[test]
fn scopes_open_what_the_table_says() {
    let mut table = String::from(
        "api read_api events hooks f:read f:off f:rw chat gateway callouts metrics deploy admin\n",
    );
    for role in [UserRole::Regular, UserRole::Admin] {
        let _ = writeln!(table, "{role:?}, owner");
        for (action, thing) in everything() {
            let via = |scope| principal(role, token(&[scope]));
            let signs: String =
                Scope::ALL.map(|(scope, _)| sign(may(&via(scope), action, thing))).iter().collect();
            let _ = writeln!(table, "{signs} {action:?}");
        }
    }
    insta::assert_snapshot!(table, @"
    api read_api events hooks f:read f:off f:rw chat gateway callouts metrics deploy admin
    Regular, owner
    yysysssssssss ReadProject
    yssssssssssss EditProject
    yssssssssssss DeleteProject
    ysyssssssssss PublishEvents
    yysysssssssss ReadHooks
    yssysssssssss AdministerHooks
    yssssssssssss ManageMembers
    yysysssssssss ReadGroup
    yssssssssssss EditGroup
    yssssssssssss DeleteGroup
    yysysssssssss ReadGroupHooks
    yssysssssssss AdministerGroupHooks
    yssssssssssss ManageGroupMembers
    yssssssssssss CreateSubgroup
    yssssssssssss CreateProject
    yysssssssysss AskOwnCallouts
    yssssssssysss DismissOwnCallouts
    aaaaaaaaayaaa AskCalloutsOfAnother
    aaaaaaaaayaaa DismissCalloutsOfAnother
    aaaaaaaaayaaa MintEmbedTokens
    cssssssssssss ManageChat
    yysssssysssys ReadDeployments
    aaaaaaaaaaaya RecordDeployments
    yssssssssssss CreateGroup
    yysssssssssss ReadUsers
    ysssyyyyyssss RunChat
    aaaaaaaayaaaa NameChatChannel
    yysysssssssss ReadHooksHealth
    aasasssssssss ReadEveryHooksHealth
    aaaaaaaaaayaa ReadMetrics
    assssssssssss ManageUsers
    aasasssssssss ReadSystemHooks
    assasssssssss AdministerSystemHooks
    aasssssssssss ReadAudit
    aasssssssssss ReadOverview
    assssssssssss Operate
    aaaayyyaaaaaa ReadFlags
    aaaaayyaaaaaa WriteFlags(OffWard)
    aaaaaayaaaaaa WriteFlags(OnWard)
    cccccyycccccc CommandFlags(OffWard)
    ccccccycccccc CommandFlags(OnWard)
    yyyyyyyyyyyyy ReadSelf
    yyyyyyyyyyyyy RevokeSelf
    yssssssssssss ManageOwnTokens
    yssssssssssss ChooseOwnNotices
    yssssssssssss CreateProject
    yssssssysssss LinkChat
    Admin, owner
    yysyssssssssy ReadProject
    ysssssssssssy EditProject
    ysssssssssssy DeleteProject
    ysysssssssssy PublishEvents
    yysyssssssssy ReadHooks
    yssyssssssssy AdministerHooks
    ysssssssssssy ManageMembers
    yysyssssssssy ReadGroup
    ysssssssssssy EditGroup
    ysssssssssssy DeleteGroup
    yysyssssssssy ReadGroupHooks
    yssyssssssssy AdministerGroupHooks
    ysssssssssssy ManageGroupMembers
    ysssssssssssy CreateSubgroup
    ysssssssssssy CreateProject
    yysssssssyssy AskOwnCallouts
    yssssssssyssy DismissOwnCallouts
    yysssssssyssy AskCalloutsOfAnother
    yssssssssyssy DismissCalloutsOfAnother
    yssssssssyssy MintEmbedTokens
    ysssssssssssy ManageChat
    yysssssysssyy ReadDeployments
    yssssssssssyy RecordDeployments
    ysssssssssssy CreateGroup
    yyssssssssssy ReadUsers
    ysssyyyyysssy RunChat
    ysssssssysssy NameChatChannel
    yysyssssssssy ReadHooksHealth
    yysyssssssssy ReadEveryHooksHealth
    yyssssssssysy ReadMetrics
    ysssssssssssy ManageUsers
    yysyssssssssy ReadSystemHooks
    yssyssssssssy AdministerSystemHooks
    yyssssssssssy ReadAudit
    yyssssssssssy ReadOverview
    ysssssssssssy Operate
    yyssyyysssssy ReadFlags
    yssssyysssssy WriteFlags(OffWard)
    ysssssysssssy WriteFlags(OnWard)
    yssssyyyssssy CommandFlags(OffWard)
    ysssssyyssssy CommandFlags(OnWard)
    yyyyyyyyyyyyy ReadSelf
    yyyyyyyyyyyyy RevokeSelf
    ysssssssssssy ManageOwnTokens
    ysssssssssssy ChooseOwnNotices
    ysssssssssssy CreateProject
    yssssssyssssy LinkChat
    ");
}

#[test]
fn confined_credentials_reach_their_own_place_only() {
    let owner = Some(AccessLevel::Owner);
    let here = Source::Project(PROJECT);
    let confined = [
        ("bound token of an admin", UserRole::Admin, bound(&[Scope::Api, Scope::Admin])),
        ("session from a banner", UserRole::Regular, Via::Session(SessionLimit::HookPages(here))),
        (
            "session from a group's banner",
            UserRole::Regular,
            Via::Session(SessionLimit::HookPages(Source::Group(GROUP))),
        ),
        ("embed token of an admin", UserRole::Admin, Via::Embed(here)),
    ];
    let mut table = String::new();
    for (title, role, via) in confined {
        let _ = writeln!(table, "{title}");
        let line = |actions: &[Action], thing| -> String {
            actions.iter().map(|action| sign(may(&principal(role, via), *action, thing))).collect()
        };
        let other = Thing::Project { id: ProjectId(2), level: owner };
        let _ = writeln!(
            table,
            "  its project {} {}",
            line(&PROJECT_ACTIONS, project(owner)),
            line(&CALLOUT_ACTIONS, project(owner))
        );
        let _ = writeln!(
            table,
            "  another     {} {}",
            line(&PROJECT_ACTIONS, other),
            line(&CALLOUT_ACTIONS, other)
        );
        let _ = writeln!(
            table,
            "  group       {} {}",
            line(&GROUP_ACTIONS, group(owner)),
            line(&CALLOUT_ACTIONS, group(owner))
        );
        let _ = writeln!(table, "  server      {}", line(&SERVER_ACTIONS, Thing::Server));
        let _ = writeln!(table, "  flags       {}", line(&FLAG_ACTIONS, CANARY));
        let _ = writeln!(table, "  self        {}", line(&USER_ACTIONS, Thing::User(SELF)));
    }
    insta::assert_snapshot!(table, @"
    bound token of an admin
      its project yyyyyyy yyyyy
      another     ....... .....
      group       ........ .....
      server      bbbbbbbbbbbbbbbb
      flags       bbbbb
      self        yy....
    session from a banner
      its project ppppyyp yyppp
      another     ....... .....
      group       ........ .....
      server      pppppppppppppppp
      flags       ppppp
      self        pppppp
    session from a group's banner
      its project ....... .....
      another     ....... .....
      group       pppyyppp yyppp
      server      pppppppppppppppp
      flags       ppppp
      self        pppppp
    embed token of an admin
      its project eeeeeee yyeee
      another     ....... .....
      group       ........ .....
      server      eeeeeeeeeeeeeeee
      flags       eeeee
      self        eeeeee
    ");
}

#[test]
fn what_one_may_not_see_is_hidden_whatever_the_token_lacks() {
    for (scope, _) in Scope::ALL {
        for action in PROJECT_ACTIONS {
            let decision = may(&principal(UserRole::Regular, token(&[scope])), action, project(None));
            assert_eq!(decision, Decision::Hidden, "{scope} {action:?}");
        }
    }
    let nothing = principal(UserRole::Regular, token(&[]));
    assert_eq!(may(&nothing, Action::ReadProject, project(None)), Decision::Hidden);
}

#[test]
fn other_users_belong_to_admins_alone() {
    for action in USER_ACTIONS {
        let of = |role| may(&principal(role, SESSION), action, Thing::User(UserId(6)));
        assert_eq!(of(UserRole::Regular), Decision::Hidden, "{action:?}");
        assert_eq!(of(UserRole::Admin), Decision::Allowed, "{action:?}");
    }
}

#[test]
fn a_thing_of_another_kind_opens_nothing() {
    let admin = principal(UserRole::Admin, SESSION);
    let wrong = Decision::Denied(Denial::WrongThing);
    for action in PROJECT_ACTIONS {
        assert_eq!(may(&admin, action, group(Some(AccessLevel::Owner))), wrong, "{action:?}");
        assert_eq!(may(&admin, action, Thing::Server), wrong, "{action:?}");
    }
    for action in GROUP_ACTIONS {
        assert_eq!(may(&admin, action, project(Some(AccessLevel::Owner))), wrong, "{action:?}");
    }
    for action in [Action::CommandFlags(OffWard), Action::CommandFlags(OnWard), Action::LinkChat] {
        assert_eq!(may(&admin, action, Thing::Server), wrong, "{action:?}");
    }
}

#[test]
fn a_token_without_scopes_opens_nothing() {
    for role in [UserRole::Regular, UserRole::Admin] {
        for (action, thing) in everything() {
            assert!(!may(&principal(role, token(&[])), action, thing).is_allowed(), "{role:?} {action:?}");
        }
    }
}

#[test]
fn nobody_gives_more_than_they_have() {
    for own in AccessLevel::ALL {
        for given in AccessLevel::ALL {
            assert_eq!(may_give(own, given).is_allowed(), given <= own, "{own} gives {given}");
        }
    }
}

#[test]
fn scopes_that_give_rights_are_minted_by_admins() {
    let mint =
        |role, scope: Scope| may_mint(&principal(role, SESSION), Scopes::NONE.with(Scope::Chat).with(scope));
    for (scope, _) in Scope::ALL {
        assert_eq!(mint(UserRole::Admin, scope), Decision::Allowed, "{scope}");
        // A scope may be minted by anybody if and only if it opens nothing that its user may not do anyway.
        let nobody = principal(UserRole::Regular, token(&[scope]));
        let session = principal(UserRole::Regular, SESSION);
        let gives = everything().into_iter().any(|(action, thing)| {
            may(&nobody, action, thing).is_allowed() && !may(&session, action, thing).is_allowed()
        });
        let expected = gives || scope == Scope::Admin;
        assert_eq!(!mint(UserRole::Regular, scope).is_allowed(), expected, "{scope}");
    }
}

#[test]
fn a_denial_says_what_would_help() {
    let check = |denial: Denial, text: &str| assert_eq!(denial.to_string(), text, "{}", denial.code());
    let scopes = Scopes::NONE.with(Scope::Api).with(Scope::EventsWrite);
    check(Denial::Scope(scopes), "This token may not do that; it takes one with scope api or events:write");
    let level = Denial::Level { needs: AccessLevel::Maintainer, has: AccessLevel::Reporter };
    check(level, "That takes the level maintainer; yours is reporter. Ask an owner for a higher one.");
    let role = Denial::ChatRole { needs: ChatRole::Release, has: ChatRole::Developer };
    check(
        role,
        "That takes the role release, and yours is developer; or a token with scope flags:rw. Whoever has the role admin \
         gives it: wigwag chat role USER release",
    );
    assert_eq!(role.code(), "chat_role_too_low");
}
