//! Users, groups, projects, memberships.

use crate::suite;
use crate::world::{World, new_group, new_project, new_user};
use std::sync::Arc;
use wigwag_access::limits::GROUP_DEPTH_MAX;
use wigwag_access::{AccessLevel, Group, Membership, Namespace, Source, UserRole, UserState};
use wigwag_base::{GroupId, Page, ProjectId, Secret, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::registry::{Kind, MemberCall, NewUser, PathKey, UserKey};

suite!(
    users_are_found_by_every_key,
    names_are_taken_without_regard_to_case,
    of_racing_users_one_wins,
    users_are_searched,
    groups_nest_to_a_depth,
    projects_know_their_ancestors,
    paths_are_one_set_of_names,
    all_are_counted_and_gone_through,
    a_user_sees_groups_with_memberships,
    a_user_sees_own_and_inherited_projects,
    members_come_and_go,
);

async fn users_are_found_by_every_key(world: World) {
    let new = NewUser {
        role: UserRole::Admin,
        password_hash: Some(Secret::new("$argon2id$x".into())),
        ..new_user("Grace")
    };
    let user = world.create_user(new).await.unwrap();
    assert_eq!((user.id, user.role, user.state), (UserId(2), UserRole::Admin, UserState::Active));
    assert_eq!((user.username.as_str(), user.email.as_str()), ("Grace", "Grace@example.org"));
    let keys =
        [UserKey::Id(user.id), UserKey::Username("gRACE".into()), UserKey::Email("grace@EXAMPLE.org".into())];
    for key in keys {
        assert_eq!((*world).user(key).await.unwrap().as_ref(), Some(&user));
    }
    for key in [UserKey::Id(UserId(9)), UserKey::Username("g".into()), UserKey::Email("%".into())] {
        assert_eq!((*world).user(key).await.unwrap(), None);
    }
    assert_eq!(world.password_hash(user.id).await.unwrap(), Some(Secret::new("$argon2id$x".into())));
}

fn taken<T>(field: &'static str) -> Result<T, StoreError> {
    Err(StoreError::Taken(field))
}

async fn names_are_taken_without_regard_to_case(world: World) {
    let user = |username: &str, email: &str| NewUser { email: email.into(), ..new_user(username) };
    assert_eq!(world.create_user(user("ADA", "x@example.org")).await, taken("username"));
    assert_eq!(world.create_user(user("bob", "ADA@example.org")).await, taken("email"));
    assert_eq!(world.create_user(user("Acme", "x@example.org")).await, taken("username"), "a group's path");
    let group = |path: &str, parent| new_group(path, parent, world.user.id);
    assert_eq!(world.create_group(group("aCME", None)).await, taken("path"));
    assert_eq!(world.create_group(group("Ada", None)).await, taken("path"), "a username");
    world.create_group(group("acme", Some(world.group.id))).await.unwrap();
    let project = |path: &str| new_project(path, Namespace::Group(world.group.id));
    assert_eq!(world.create_project(project("WEB")).await, taken("path"));
    // Nothing was left behind by what was refused.
    world.create_user(user("bob", "x@example.org")).await.unwrap();
    assert_eq!(world.users(None, Page::default()).await.unwrap().total, 2);
}

async fn of_racing_users_one_wins(world: World) {
    let calls = (0..10).map(|_| {
        let store = Arc::clone(&world.store);
        tokio::spawn(async move { store.create_user(new_user("bob")).await.is_ok() })
    });
    let mut won = 0;
    for call in calls.collect::<Vec<_>>() {
        won += usize::from(call.await.unwrap());
    }
    assert_eq!(won, 1);
}

async fn users_are_searched(world: World) {
    for name in ["bob", "bobby", "eve_%"] {
        world.create_user(new_user(name)).await.unwrap();
    }
    let check = async |search: &str, names: &[&str]| {
        let page = world.users(Some(search.into()), Page::default()).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|user| user.username.as_str()).collect();
        assert_eq!((&found[..], page.total), (names, names.len() as u64), "{search:?}");
    };
    check("bob", &["bob", "bobby"]).await;
    check("BOBBY", &["bobby"]).await;
    check("example.org", &["ada", "bob", "bobby", "eve_%"]).await;
    check("", &["ada", "bob", "bobby", "eve_%"]).await;
    check("_", &["eve_%"]).await;
    check("%", &["eve_%"]).await;
    check("' OR 1", &[]).await;
    let second = world.users(None, Page::new(2, 3)).await.unwrap();
    assert_eq!((second.rows.len(), second.total), (1, 4));
}

async fn groups_nest_to_a_depth(world: World) {
    let mut line: Vec<Group> = vec![world.group.clone()];
    for n in 1..GROUP_DEPTH_MAX {
        let new = new_group(&format!("g{n}"), Some(line[n - 1].id), world.user.id);
        line.push(world.create_group(new).await.unwrap());
    }
    let deepest = line.last().unwrap();
    let refused = world.create_group(new_group("x", Some(deepest.id), world.user.id)).await;
    assert!(matches!(&refused, Err(StoreError::LimitReached(text)) if text.contains("20")), "{refused:?}");
    assert!(deepest.full_path.starts_with("acme/g1/g2/") && deepest.path == "g19");
    let upward: Vec<Group> = line.iter().rev().cloned().collect();
    assert_eq!((*world).group(PathKey::Id(deepest.id)).await.unwrap().as_ref(), Some(&upward));
    let by_path = PathKey::FullPath(deepest.full_path.to_uppercase());
    assert_eq!((*world).group(by_path).await.unwrap(), Some(upward));
    for key in [PathKey::Id(GroupId(999)), PathKey::FullPath("g1".into()), PathKey::FullPath("ada".into())] {
        assert_eq!((*world).group(key).await.unwrap(), None);
    }
    let nowhere = new_group("x", Some(GroupId(999)), world.user.id);
    assert_eq!(world.create_group(nowhere).await, Err(StoreError::NotFound("group")));
    let nobody = new_group("x", None, UserId(999));
    assert_eq!(world.create_group(nobody).await, Err(StoreError::NotFound("user")));
}

async fn projects_know_their_ancestors(world: World) {
    let sub = world.create_group(new_group("sub", Some(world.group.id), world.user.id)).await.unwrap();
    let deep = world.create_project(new_project("deep", Namespace::Group(sub.id))).await.unwrap();
    let own = world.create_project(new_project("own", Namespace::User(world.user.id))).await.unwrap();
    assert_eq!((deep.full_path.as_str(), own.full_path.as_str()), ("acme/sub/deep", "ada/own"));
    let found = (*world).project(PathKey::FullPath("ACME/sub/deep".into())).await.unwrap();
    assert_eq!(found, Some((deep.clone(), vec![sub, world.group.clone()])));
    assert_eq!((*world).project(PathKey::Id(deep.id)).await.unwrap(), found);
    assert_eq!((*world).project(PathKey::Id(own.id)).await.unwrap(), Some((own, Vec::new())));
    for key in
        [PathKey::Id(ProjectId(999)), PathKey::FullPath("acme/sub".into()), PathKey::FullPath("deep".into())]
    {
        assert_eq!((*world).project(key).await.unwrap(), None);
    }
    for namespace in [Namespace::Group(GroupId(999)), Namespace::User(UserId(999))] {
        let refused = world.create_project(new_project("x", namespace)).await;
        assert_eq!(refused, Err(StoreError::NotFound("namespace")));
    }
}

async fn paths_are_one_set_of_names(world: World) {
    let sub = |path: &str| new_group(path, Some(world.group.id), world.user.id);
    let project = |path: &str| new_project(path, Namespace::Group(world.group.id));
    assert_eq!(world.create_group(sub("web")).await, Err(StoreError::Taken("path")));
    world.create_group(sub("tools")).await.unwrap();
    assert_eq!(world.create_project(project("Tools")).await, Err(StoreError::Taken("path")));
    world.create_project(project("acme")).await.unwrap();
}

async fn all_are_counted_and_gone_through(world: World) {
    for name in ["bob", "eve", "zoe"] {
        world.create_user(new_user(name)).await.unwrap();
    }
    let count = async |kind| world.count(kind).await.unwrap();
    assert_eq!((count(Kind::User).await, count(Kind::Group).await, count(Kind::Project).await), (4, 1, 1));
    let check = async |kind, after, limit, ids: &[i64]| {
        assert_eq!(world.ids(kind, after, limit).await.unwrap(), ids, "{kind:?} after {after}");
    };
    check(Kind::User, 0, 3, &[1, 2, 3]).await;
    check(Kind::User, 3, 3, &[4]).await;
    check(Kind::User, 4, 3, &[]).await;
    check(Kind::Group, 0, 100, &[world.group.id.0]).await;
    check(Kind::Project, 0, 100, &[world.project.id.0]).await;
}

async fn a_user_sees_groups_with_memberships(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap().id;
    let sub = world.create_group(new_group("sub", Some(world.group.id), world.user.id)).await.unwrap();
    let low = world.create_group(new_group("low", Some(sub.id), world.user.id)).await.unwrap();
    let other = world.create_group(new_group("other", None, world.user.id)).await.unwrap();
    let project = world.create_project(new_project("p", Namespace::Group(other.id))).await.unwrap();
    let check = async |user, groups: &[GroupId]| {
        let page = world.groups(user, Page::default()).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|group| group.id).collect();
        assert_eq!((&found[..], page.total), (groups, groups.len() as u64));
    };
    let add = async |source| {
        let membership = Membership { user: bob, source, level: AccessLevel::Guest };
        world.members(MemberCall::Add(membership)).await.unwrap();
    };
    check(None, &[world.group.id, sub.id, low.id, other.id]).await;
    check(Some(bob), &[]).await;
    add(Source::Group(sub.id)).await;
    check(Some(bob), &[world.group.id, sub.id]).await;
    add(Source::Project(project.id)).await;
    check(Some(bob), &[world.group.id, sub.id, other.id]).await;
}

async fn a_user_sees_own_and_inherited_projects(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap().id;
    let sub = world.create_group(new_group("sub", Some(world.group.id), world.user.id)).await.unwrap();
    let deep = world.create_project(new_project("deep", Namespace::Group(sub.id))).await.unwrap().id;
    let own = world.create_project(new_project("own", Namespace::User(bob))).await.unwrap().id;
    let check = async |user, projects: &[ProjectId]| {
        let page = world.projects(user, Page::default()).await.unwrap();
        let found: Vec<_> = page.rows.iter().map(|project| project.id).collect();
        assert_eq!((&found[..], page.total), (projects, projects.len() as u64));
    };
    let add = async |source| {
        let membership = Membership { user: bob, source, level: AccessLevel::Guest };
        world.members(MemberCall::Add(membership)).await.unwrap();
    };
    check(None, &[world.project.id, deep, own]).await;
    check(Some(bob), &[own]).await;
    add(Source::Project(world.project.id)).await;
    check(Some(bob), &[world.project.id, own]).await;
    world.members(MemberCall::Remove(bob, Source::Project(world.project.id))).await.unwrap();
    add(Source::Group(sub.id)).await;
    check(Some(bob), &[deep, own]).await;
    add(Source::Group(world.group.id)).await;
    check(Some(bob), &[world.project.id, deep, own]).await;
}

async fn members_come_and_go(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap().id;
    let source = Source::Group(world.group.id);
    let owner = Membership { user: world.user.id, source, level: AccessLevel::Owner };
    let member = |level| Membership { user: bob, source, level };
    let check = async |call, answer: Result<Vec<Membership>, StoreError>| {
        assert_eq!(world.members(call).await, answer);
    };
    let missing = |what| Err(StoreError::NotFound(what));
    check(MemberCall::List(source), Ok(vec![owner])).await;
    check(MemberCall::Change(member(AccessLevel::Guest)), missing("member")).await;
    check(MemberCall::Remove(bob, source), missing("member")).await;
    let guest = member(AccessLevel::Guest);
    check(MemberCall::Add(guest), Ok(vec![owner, guest])).await;
    check(MemberCall::Add(member(AccessLevel::Owner)), Err(StoreError::Taken("member"))).await;
    let raised = member(AccessLevel::Maintainer);
    check(MemberCall::Change(raised), Ok(vec![owner, raised])).await;
    check(MemberCall::OfUser(bob), Ok(vec![raised])).await;
    check(MemberCall::Remove(bob, source), Ok(vec![owner])).await;
    check(MemberCall::OfUser(bob), Ok(Vec::new())).await;
    let nobody = Membership { user: UserId(999), ..guest };
    check(MemberCall::Add(nobody), missing("user")).await;
    for source in [Source::Project(ProjectId(999)), Source::Group(GroupId(999))] {
        check(MemberCall::Add(Membership { source, ..guest }), missing("source")).await;
        check(MemberCall::List(source), Ok(Vec::new())).await;
    }
}
