//! Who of a chat is who of the registry, and what roles there are.

use crate::suite;
use crate::world::{World, at, new_user};
use std::sync::Arc;
use wigwag_access::ChatRole;
use wigwag_base::{Page, Timestamp, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::chat_users::{ChatLink, ChatUser, LinkCode};
use wigwag_ports::flags::{AuditEntry, AuditFilter};
use wigwag_ports::registry::UserKey;

suite!(
    a_code_links_once_and_in_time,
    of_racing_takers_one_wins,
    a_new_code_ends_the_older_one,
    retention_takes_codes_that_ended,
    a_chat_user_is_one_user_at_a_time,
    a_code_links_anew_too,
    odd_names_come_back,
    links_are_listed_and_ended,
    roles_are_given_and_seen_with_the_user,
    every_change_has_its_audit_row,
);

const NOBODY: UserId = UserId(999);

pub(crate) fn row(after: &str) -> AuditEntry {
    AuditEntry {
        at: at(0),
        author: "ada".into(),
        sudo_by: None,
        via: "chat:slack".into(),
        flag: None,
        environment: None,
        before: String::new(),
        after: after.into(),
        reason: None,
    }
}

fn who(id: &str) -> ChatUser {
    ChatUser { platform: "slack".into(), team: "T1".into(), id: id.into() }
}

fn link(id: &str, user: UserId, s: i64) -> ChatLink {
    ChatLink { who: who(id), name: format!("name of {id}"), user, linked_at: at(s) }
}

fn code(n: u8, user: UserId, until: i64) -> LinkCode {
    LinkCode { hash: [n; 32], user, expires_at: at(until) }
}

async fn audit_rows(world: &World) -> u64 {
    world.audit(AuditFilter::default(), Page::default()).await.unwrap().total
}

async fn a_code_links_once_and_in_time(world: World) {
    let take =
        async |n: u8, s| world.take_link_code([n; 32], link("U1", NOBODY, s), row("linked")).await.unwrap();
    assert_eq!(take(1, 0).await, None, "there is none");
    assert_eq!(world.keep_link_code(code(1, NOBODY, 10)).await, Err(StoreError::NotFound("user")));
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    assert_eq!(take(1, 10).await, None, "it has ended");
    assert_eq!(take(1, 0).await, None, "and is gone");
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    assert_eq!(take(1, 9).await, Some(world.user.id));
    assert_eq!(take(1, 9).await, None, "it was taken");
    assert_eq!(world.chat_link(who("U1")).await.unwrap(), Some(link("U1", world.user.id, 9)));
    assert_eq!(world.chat_link(who("U2")).await.unwrap(), None);
    assert_eq!(audit_rows(&world).await, 1);
}

async fn of_racing_takers_one_wins(world: World) {
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    let calls = (0..20).map(|n| {
        let store = Arc::clone(&world.store);
        let call = async move {
            store.take_link_code([1; 32], link(&format!("U{n}"), NOBODY, 0), row("linked")).await
        };
        tokio::spawn(call)
    });
    let mut won = 0;
    for call in calls.collect::<Vec<_>>() {
        won += usize::from(call.await.unwrap().unwrap().is_some());
    }
    assert_eq!((won, world.chat_links(None).await.unwrap().len()), (1, 1));
}

async fn a_new_code_ends_the_older_one(world: World) {
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    world.keep_link_code(code(2, world.user.id, 10)).await.unwrap();
    let take =
        async |n: u8| world.take_link_code([n; 32], link("U1", NOBODY, 0), row("linked")).await.unwrap();
    assert_eq!((take(1).await, take(2).await), (None, Some(world.user.id)));
}

async fn retention_takes_codes_that_ended(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    world.keep_link_code(code(2, bob.id, 11)).await.unwrap();
    while world.prune(at(11)).await.unwrap() > 0 {}
    // Asked at a time at which both could still be taken.
    let take =
        async |n: u8| world.take_link_code([n; 32], link("U1", NOBODY, 0), row("linked")).await.unwrap();
    assert_eq!((take(1).await, take(2).await), (None, Some(bob.id)));
}

async fn a_chat_user_is_one_user_at_a_time(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.keep_chat_link(link("U1", world.user.id, 1), row("linked")).await.unwrap();
    world.keep_chat_link(link("U1", bob.id, 2), row("linked")).await.unwrap();
    assert_eq!(world.chat_links(None).await.unwrap(), [link("U1", bob.id, 2)]);
    let other_team = ChatUser { team: "T2".into(), ..who("U1") };
    assert_eq!(world.chat_link(other_team).await.unwrap(), None);
    let refused = world.keep_chat_link(link("U2", NOBODY, 2), row("linked")).await;
    assert_eq!(refused, Err(StoreError::NotFound("user")));
}

async fn a_code_links_anew_too(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.keep_chat_link(link("U1", bob.id, 1), row("linked")).await.unwrap();
    world.keep_link_code(code(1, world.user.id, 10)).await.unwrap();
    let taken = world.take_link_code([1; 32], link("U1", bob.id, 5), row("linked")).await;
    assert_eq!(taken, Ok(Some(world.user.id)), "the code says whose it is, not the link");
    assert_eq!(world.chat_links(None).await.unwrap(), [link("U1", world.user.id, 5)]);
}

async fn odd_names_come_back(world: World) {
    let who = ChatUser { platform: String::new(), team: "a\0b".into(), id: "\u{202e}\u{1f6a9}'\"%".into() };
    let linked_at = Timestamp::from_millis(i64::MAX);
    let odd = ChatLink { who: who.clone(), name: "n".repeat(100_000), user: world.user.id, linked_at };
    world.keep_chat_link(odd.clone(), row("linked")).await.unwrap();
    assert_eq!(world.chat_link(who.clone()).await.unwrap(), Some(odd));
    world.end_chat_link(who.clone(), row("ended")).await.unwrap();
    assert_eq!(world.chat_link(who).await.unwrap(), None);
}

async fn links_are_listed_and_ended(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.keep_chat_link(link("U2", bob.id, 2), row("linked")).await.unwrap();
    world.keep_chat_link(link("U1", world.user.id, 1), row("linked")).await.unwrap();
    let ids = async |user| -> Vec<String> {
        world.chat_links(user).await.unwrap().into_iter().map(|link| link.who.id).collect()
    };
    assert_eq!(ids(None).await, ["U1", "U2"]);
    assert_eq!(ids(Some(bob.id)).await, ["U2"]);
    world.end_chat_link(who("U2"), row("ended")).await.unwrap();
    assert_eq!(ids(None).await, ["U1"]);
    assert_eq!(world.end_chat_link(who("U2"), row("ended")).await, Err(StoreError::NotFound("link")));
    assert_eq!(audit_rows(&world).await, 3);
}

async fn roles_are_given_and_seen_with_the_user(world: World) {
    let user = world.user.id;
    assert_eq!(world.user.chat_role, ChatRole::Viewer);
    for role in [ChatRole::Release, ChatRole::Admin, ChatRole::Developer] {
        world.set_chat_role(user, role, row("role")).await.unwrap();
        assert_eq!(world.user(UserKey::Id(user)).await.unwrap().unwrap().chat_role, role);
        assert_eq!(world.chat_roles().await.unwrap(), [(user, role)]);
    }
    world.set_chat_role(user, ChatRole::Viewer, row("role")).await.unwrap();
    assert_eq!(world.chat_roles().await.unwrap(), []);
    let refused = world.set_chat_role(NOBODY, ChatRole::Admin, row("role")).await;
    assert_eq!(refused, Err(StoreError::NotFound("user")));
    let bob = world.create_user(new_user("bob")).await.unwrap();
    world.set_chat_role(bob.id, ChatRole::Admin, row("role")).await.unwrap();
    world.set_chat_role(user, ChatRole::Release, row("role")).await.unwrap();
    assert_eq!(world.chat_roles().await.unwrap(), [(user, ChatRole::Release), (bob.id, ChatRole::Admin)]);
}

async fn every_change_has_its_audit_row(world: World) {
    let refused = [
        world.set_chat_role(NOBODY, ChatRole::Release, row("nothing")).await,
        world.keep_chat_link(link("U1", NOBODY, 1), row("nothing")).await,
        world.end_chat_link(who("U1"), row("nothing")).await,
    ];
    assert!(refused.iter().all(Result::is_err), "{refused:?}");
    assert_eq!(audit_rows(&world).await, 0, "what was refused did not happen");
    world.set_chat_role(world.user.id, ChatRole::Release, row("a role")).await.unwrap();
    world.keep_chat_link(link("U1", world.user.id, 1), row("a link")).await.unwrap();
    let rows = world.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let told: Vec<&str> = rows.iter().map(|row| row.entry.after.as_str()).collect();
    assert_eq!(told, ["a link", "a role"]);
    assert_eq!(world.verify_audit(None).await.unwrap().broken_at, None);
}
