//! Tokens, passwords, sessions, login links, embed keys.

use crate::suite;
use crate::world::{World, at, new_user};
use std::sync::Arc;
use wigwag_access::{EmbedKey, LoginLink, Scope, Scopes, Session, SessionLimit, Source, Token};
use wigwag_base::{ProjectId, Secret, TokenId, UserId};
use wigwag_ports::StoreError;
use wigwag_ports::credentials::{EmbedKeyCall, LinkCall, SessionCall, TokenKey, TokenMark};

suite!(
    tokens_come_back,
    a_token_with_the_same_hash_is_replaced,
    tokens_that_switch_off_are_found,
    a_revocation_stays,
    a_password_ends_sessions,
    sessions_come_and_go,
    a_link_is_taken_once,
    an_id_is_used_once,
    embed_keys_are_kept_and_revoked,
);

fn token(world: &World, hash: u8) -> Token {
    Token {
        id: TokenId(0),
        user: world.user.id,
        name: "ci".into(),
        hash: [hash; 32],
        scopes: Scopes::NONE.with(Scope::EventsWrite).with(Scope::FlagsOff),
        project: Some(world.project.id),
        environments: None,
        created_at: at(0),
        expires_at: Some(at(100)),
        last_used_at: None,
        revoked_at: None,
    }
}

async fn tokens_come_back(world: World) {
    let all = Token { scopes: Scope::ALL.into_iter().map(|(scope, _)| scope).collect(), ..token(&world, 2) };
    let bare = Token { scopes: Scopes::NONE, project: None, expires_at: None, ..token(&world, 3) };
    let bound = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let in_two = Token { project: None, environments: bound(&["dev", "größe \","]), ..token(&world, 4) };
    // Bound to nothing at all is not the same as not bound.
    let in_none = Token { project: None, environments: bound(&[]), ..token(&world, 5) };
    let mut kept = Vec::new();
    for new in [token(&world, 1), all, bare, in_two, in_none] {
        let made = world.create_token(new.clone()).await.unwrap();
        assert_eq!(made, Token { id: made.id, ..new });
        for key in [TokenKey::Id(made.id), TokenKey::Hash(made.hash)] {
            assert_eq!(world.tokens(key).await.unwrap(), std::slice::from_ref(&made));
        }
        kept.push(made);
    }
    assert_eq!(world.tokens(TokenKey::User(world.user.id)).await.unwrap(), kept);
    for key in [TokenKey::Id(TokenId(99)), TokenKey::Hash([9; 32]), TokenKey::User(UserId(99))] {
        assert_eq!(world.tokens(key).await.unwrap(), []);
    }
    let nobody = Token { user: UserId(99), ..token(&world, 6) };
    assert_eq!(world.create_token(nobody).await, Err(StoreError::NotFound("user")));
    let nowhere = Token { project: Some(ProjectId(99)), ..token(&world, 6) };
    assert_eq!(world.create_token(nowhere).await, Err(StoreError::NotFound("project")));
}

async fn tokens_that_switch_off_are_found(world: World) {
    let with = |hash, scope| Token { scopes: Scopes::NONE.with(scope), ..token(&world, hash) };
    let mut switching = Vec::new();
    for (hash, (scope, _)) in (1..).zip(Scope::ALL) {
        let made = world.create_token(with(hash, scope)).await.unwrap();
        if matches!(scope, Scope::FlagsOff | Scope::FlagsWrite | Scope::Api | Scope::Admin) {
            switching.push(made);
        }
    }
    let revoked = world.create_token(with(100, Scope::FlagsOff)).await.unwrap();
    world.mark_token(revoked.id, TokenMark::Revoked, at(1)).await.unwrap();
    switching.reverse();
    assert_eq!(world.tokens(TokenKey::SwitchingOff(4)).await.unwrap(), switching);
    assert_eq!(world.tokens(TokenKey::SwitchingOff(3)).await.unwrap(), switching[..3]);
}

async fn a_token_with_the_same_hash_is_replaced(world: World) {
    let first = world.create_token(token(&world, 1)).await.unwrap();
    world.mark_token(first.id, TokenMark::Revoked, at(1)).await.unwrap();
    let again = world
        .create_token(Token { name: "root".into(), environments: None, ..token(&world, 1) })
        .await
        .unwrap();
    assert_eq!((again.name.as_str(), again.revoked_at), ("root", None));
    assert_eq!(world.tokens(TokenKey::User(world.user.id)).await.unwrap(), [again]);
}

async fn a_revocation_stays(world: World) {
    let id = world.create_token(token(&world, 1)).await.unwrap().id;
    let mark = async |mark, s| world.mark_token(id, mark, at(s)).await.unwrap();
    let check = async |used: Option<i64>, revoked: Option<i64>| {
        let token = world.tokens(TokenKey::Id(id)).await.unwrap().remove(0);
        assert_eq!((token.last_used_at, token.revoked_at), (used.map(at), revoked.map(at)));
    };
    mark(TokenMark::Used, 5).await;
    mark(TokenMark::Used, 3).await;
    check(Some(5), None).await;
    mark(TokenMark::Revoked, 6).await;
    mark(TokenMark::Used, 7).await;
    mark(TokenMark::Revoked, 8).await;
    check(Some(7), Some(6)).await;
    for mark in [TokenMark::Used, TokenMark::Revoked] {
        assert_eq!(world.mark_token(TokenId(99), mark, at(0)).await, Err(StoreError::NotFound("token")));
    }
}

fn session(user: UserId, hash: u8, expires_s: i64) -> Session {
    let limit = SessionLimit::Unlimited;
    Session { hash: [hash; 32], user, limit, created_at: at(0), expires_at: at(expires_s) }
}

async fn read(world: &World, hash: u8) -> Option<Session> {
    world.session([hash; 32], SessionCall::Read).await.unwrap()
}

async fn a_password_ends_sessions(world: World) {
    let bob = world.create_user(new_user("bob")).await.unwrap().id;
    world.create_session(session(world.user.id, 1, 9)).await.unwrap();
    world.create_session(session(bob, 2, 9)).await.unwrap();
    let hash = Some(Secret::new("$argon2id$y".to_owned()));
    world.set_password_hash(world.user.id, hash.clone()).await.unwrap();
    assert_eq!(world.password_hash(world.user.id).await.unwrap(), hash);
    assert_eq!(read(&world, 1).await, None);
    assert!(read(&world, 2).await.is_some());
    world.set_password_hash(world.user.id, None).await.unwrap();
    assert_eq!(world.password_hash(world.user.id).await.unwrap(), None);
    assert_eq!(world.password_hash(UserId(99)).await.unwrap(), None);
    assert_eq!(world.set_password_hash(UserId(99), None).await, Err(StoreError::NotFound("user")));
}

async fn sessions_come_and_go(world: World) {
    let limits = [
        SessionLimit::Unlimited,
        SessionLimit::HookPages(Source::Project(world.project.id)),
        SessionLimit::HookPages(Source::Group(world.group.id)),
    ];
    for (hash, limit) in (1..).zip(limits) {
        let new = Session { limit, ..session(world.user.id, hash, 9) };
        world.create_session(new.clone()).await.unwrap();
        assert_eq!(read(&world, hash).await, Some(new));
    }
    let late = Session { created_at: at(8), ..session(world.user.id, 4, 20) };
    world.create_session(late).await.unwrap();
    assert!(read(&world, 1).await.is_some(), "not over yet");
    let later = Session { created_at: at(9), ..session(world.user.id, 5, 20) };
    world.create_session(later.clone()).await.unwrap();
    assert_eq!(read(&world, 1).await, None, "over when the newest began");
    assert_eq!(world.session([5; 32], SessionCall::End).await.unwrap(), Some(later));
    assert_eq!(read(&world, 5).await, None);
    assert_eq!(world.session([5; 32], SessionCall::End).await.unwrap(), None);
    let nobody = session(UserId(99), 6, 9);
    assert_eq!(world.create_session(nobody).await, Err(StoreError::NotFound("user")));
}

async fn a_link_is_taken_once(world: World) {
    let link = LoginLink { hash: [1; 32], user: world.user.id, expires_at: at(9) };
    world.login_link(LinkCall::Keep(link.clone())).await.unwrap();
    let calls = (0..10).map(|_| {
        let store = Arc::clone(&world.store);
        tokio::spawn(async move { store.login_link(LinkCall::Take([1; 32])).await.unwrap() })
    });
    let mut taken = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        taken.extend(call.await.unwrap());
    }
    assert_eq!(taken, std::slice::from_ref(&link));
    let nobody = LinkCall::Keep(LoginLink { user: UserId(99), ..link });
    assert_eq!(world.login_link(nobody).await, Err(StoreError::NotFound("user")));
}

async fn an_id_is_used_once(world: World) {
    let use_it = async |id: u8, now, expires| world.use_once([id; 32], at(now), at(expires)).await.is_ok();
    assert!(use_it(1, 0, 10).await);
    assert!(!use_it(1, 0, 10).await);
    assert!(!use_it(1, 9, 99).await);
    assert!(use_it(2, 0, 10).await);
    assert!(use_it(1, 10, 20).await, "its time was over");
    assert!(!use_it(1, 19, 20).await);
}

async fn embed_keys_are_kept_and_revoked(world: World) {
    let key = |kid: &str, s| EmbedKey {
        kid: kid.into(),
        public_key: [s as u8; 32],
        created_at: at(s),
        revoked_at: None,
    };
    let check = async |call, answer: Result<Vec<EmbedKey>, StoreError>| {
        assert_eq!(world.embed_keys(call).await, answer);
    };
    check(EmbedKeyCall::List, Ok(Vec::new())).await;
    check(EmbedKeyCall::Keep(key("b", 1)), Ok(vec![key("b", 1)])).await;
    check(EmbedKeyCall::Keep(key("a", 2)), Ok(vec![key("b", 1), key("a", 2)])).await;
    check(EmbedKeyCall::Keep(key("a", 3)), Err(StoreError::Taken("kid"))).await;
    let revoked = EmbedKey { revoked_at: Some(at(5)), ..key("b", 1) };
    check(EmbedKeyCall::Revoke("b".into(), at(5)), Ok(vec![revoked.clone(), key("a", 2)])).await;
    check(EmbedKeyCall::Revoke("b".into(), at(6)), Ok(vec![revoked, key("a", 2)])).await;
    check(EmbedKeyCall::Revoke("c".into(), at(5)), Err(StoreError::NotFound("embed key"))).await;
}
