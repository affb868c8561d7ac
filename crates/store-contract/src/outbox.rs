//! Messages that wait to go out, and those that belong to a change.

use crate::chat_users::row;
use crate::suite;
use crate::world::{World, at};
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::{Page, Timestamp};
use wigwag_flags::FlagState;
use wigwag_ports::StoreError;
use wigwag_ports::flags::{AuditFilter, FlagWrite, RemoteCopy};
use wigwag_ports::outbox::{Message, MessageCame, NewMessage};

suite!(
    each_destination_has_a_line_of_its_own,
    what_was_sent_is_forgotten,
    a_retry_waits_counts_and_holds_up_its_line_alone,
    a_line_keeps_its_newest,
    what_was_given_up_is_kept_until_retention,
    what_was_given_up_stays_given_up,
    messages_and_writes_stand_or_fall_together,
    messages_come_with_a_remote_copy,
);

pub(crate) fn new(destination: &str, s: i64) -> NewMessage {
    NewMessage { destination: destination.into(), content: Bytes::from_static(b"\0content"), at: at(s) }
}

async fn heads(world: &World) -> Vec<(String, Timestamp)> {
    world.waiting_destinations().await.unwrap()
}

/// The names of the destinations for which something waits.
async fn waiting(world: &World) -> Vec<String> {
    heads(world).await.into_iter().map(|(destination, _)| destination).collect()
}

pub(crate) async fn line(world: &World, destination: &str) -> Vec<Message> {
    world.waiting_messages(destination.into(), 100).await.unwrap()
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.id).collect()
}

fn retry(s: i64, error: &str) -> MessageCame {
    MessageCame::Retry { due_at: at(s), error: error.into() }
}

fn given_up(error: &str) -> MessageCame {
    MessageCame::GivenUp { error: error.into() }
}

async fn each_destination_has_a_line_of_its_own(world: World) {
    assert_eq!(heads(&world).await, []);
    assert_eq!(line(&world, "a").await, []);
    world.enqueue(vec![new("b", 2), new("a", 1), new("c", 2), new("a", 0), new("b", 3)]).await.unwrap();
    let expected = [("a", 1), ("b", 2), ("c", 2)].map(|(name, s)| (name.to_owned(), at(s)));
    assert_eq!(heads(&world).await, expected, "the oldest of each");
    let of_a = line(&world, "a").await;
    assert_eq!((of_a.len(), &of_a[0].content[..], of_a[0].attempts), (2, &b"\0content"[..], 0));
    assert!(of_a[0].id < of_a[1].id && of_a[0].at == at(1), "in the order in which they were kept: {of_a:?}");
    assert_eq!(world.waiting_messages("a".into(), 1).await.unwrap(), of_a[..1]);
    let page = world.messages(Page::new(1, 2)).await.unwrap();
    let names: Vec<&str> = page.rows.iter().map(|message| message.destination.as_str()).collect();
    assert_eq!((names, page.total), (vec!["b", "a"], 5), "newest first");
}

async fn what_was_sent_is_forgotten(world: World) {
    world.enqueue(vec![new("a", 0), new("a", 0)]).await.unwrap();
    let both = ids(&line(&world, "a").await);
    world.note_message(both[0], MessageCame::Sent).await.unwrap();
    world.note_message(both[0], MessageCame::Sent).await.unwrap();
    world.note_message(both[0], retry(5, "late")).await.unwrap();
    assert_eq!(ids(&line(&world, "a").await), both[1..], "what is gone stays gone");
}

async fn a_retry_waits_counts_and_holds_up_its_line_alone(world: World) {
    world.enqueue(vec![new("a", 0), new("a", 1), new("b", 1)]).await.unwrap();
    let before = ids(&line(&world, "a").await);
    for (attempt, s) in [(1, 5), (2, 10)] {
        world.note_message(before[0], retry(s, &format!("error {attempt}"))).await.unwrap();
        assert_eq!(heads(&world).await, [("a".to_owned(), at(s)), ("b".to_owned(), at(1))]);
        let of_a = line(&world, "a").await;
        assert_eq!(ids(&of_a), before, "its place in the line is the same");
        assert_eq!((of_a[0].attempts, of_a[0].due_at), (attempt, Some(at(s))));
        assert_eq!(of_a[0].last_error, Some(format!("error {attempt}")));
        assert_eq!((of_a[1].attempts, of_a[1].last_error.clone()), (0, None), "it was not tried");
    }
}

async fn a_line_keeps_its_newest(world: World) {
    world.enqueue((0..5).map(|s| new("a", s)).chain([new("b", 0)]).collect()).await.unwrap();
    let first = line(&world, "a").await[0].id;
    world.note_message(first, given_up("no such channel")).await.unwrap();
    let before = ids(&line(&world, "a").await);
    assert_eq!(world.drop_waiting("a".into(), 4).await.unwrap(), 0);
    assert_eq!(world.drop_waiting("a".into(), 3).await.unwrap(), 1);
    assert_eq!(ids(&line(&world, "a").await), before[1..]);
    assert_eq!(world.drop_waiting("a".into(), 0).await.unwrap(), 3);
    assert_eq!(waiting(&world).await, ["b"]);
    assert_eq!(world.messages(Page::default()).await.unwrap().total, 2, "what was given up before is kept");
}

async fn what_was_given_up_is_kept_until_retention(world: World) {
    world.enqueue(vec![new("a", 0), new("b", 0)]).await.unwrap();
    let id = line(&world, "a").await[0].id;
    world.note_message(id, given_up("no such channel")).await.unwrap();
    assert_eq!(waiting(&world).await, ["b"]);
    let kept = world.messages(Page::default()).await.unwrap().rows;
    assert_eq!(kept.iter().map(|one| one.due_at).collect::<Vec<_>>(), [Some(at(0)), None]);
    world.prune(at(0)).await.unwrap();
    assert_eq!(world.messages(Page::default()).await.unwrap().total, 2);
    world.prune(at(0) + Duration::from_secs(1)).await.unwrap();
    assert_eq!(world.messages(Page::default()).await.unwrap().total, 1);
    assert_eq!(waiting(&world).await, ["b"], "what waits stays");
}

async fn what_was_given_up_stays_given_up(world: World) {
    world.enqueue(vec![new("a", 0)]).await.unwrap();
    let id = line(&world, "a").await[0].id;
    world.note_message(id, given_up("no such channel")).await.unwrap();
    world.note_message(id, retry(0, "late")).await.unwrap();
    assert_eq!(heads(&world).await, []);
    let [kept] = &world.messages(Page::default()).await.unwrap().rows[..] else { panic!("it is gone") };
    assert_eq!((kept.attempts, kept.last_error.as_deref()), (1, Some("no such channel")));
}

async fn messages_and_writes_stand_or_fall_together(world: World) {
    let write = |name: &str, seen_version| FlagWrite {
        environment: "production".into(),
        name: name.parse().unwrap(),
        seen_version,
        after: Some(FlagState::default()),
    };
    let both = |seen| vec![write("a", 0), write("b", seen)];
    let told = || vec![new("told", 0), new("told too", 0)];
    let stale = world.write_flags(both(7), vec![row("written")], told()).await;
    assert_eq!(stale, Err(StoreError::Stale));
    assert_eq!((heads(&world).await, world.stored_flags().await.unwrap()), (vec![], vec![]));
    assert_eq!(world.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 0);
    world.write_flags(both(0), vec![row("written")], told()).await.unwrap();
    assert_eq!(waiting(&world).await, ["told", "told too"]);
    assert_eq!(world.stored_flags().await.unwrap().len(), 2);
    assert_eq!(world.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 1);
}

async fn messages_come_with_a_remote_copy(world: World) {
    let copy = RemoteCopy {
        environment: "other".into(),
        url: "https://other.example".into(),
        read_at: at(0),
        content: Bytes::from_static(b"[]"),
    };
    world.keep_remote(copy, vec![row("read")], vec![new("told", 0)]).await.unwrap();
    assert_eq!(waiting(&world).await, ["told"]);
}
