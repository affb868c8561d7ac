//! Messages that wait to go out, and those that belong to a change.

use crate::chat_users::row;
use crate::suite;
use crate::world::{World, at};
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::Page;
use wigwag_flags::FlagState;
use wigwag_ports::StoreError;
use wigwag_ports::flags::{AuditFilter, FlagWrite, RemoteCopy};
use wigwag_ports::outbox::{Message, MessageCame, NewMessage};

suite!(
    what_is_due_comes_in_order,
    what_was_sent_is_forgotten,
    a_retry_waits_and_counts,
    a_retry_takes_its_place_in_the_order,
    what_was_given_up_is_kept_until_retention,
    what_was_given_up_stays_given_up,
    messages_and_writes_stand_or_fall_together,
    messages_come_with_a_remote_copy,
);

pub(crate) fn new(destination: &str, s: i64) -> NewMessage {
    NewMessage { destination: destination.into(), content: Bytes::from_static(b"\0content"), at: at(s) }
}

async fn due(world: &World, s: i64) -> Vec<Message> {
    world.due_messages(at(s), 10).await.unwrap()
}

fn names(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.destination.as_str()).collect()
}

async fn what_is_due_comes_in_order(world: World) {
    assert_eq!(world.next_message_due().await.unwrap(), None);
    world.enqueue(vec![new("b", 2), new("a", 1), new("c", 2)]).await.unwrap();
    assert_eq!(world.next_message_due().await.unwrap(), Some(at(1)));
    assert_eq!(names(&due(&world, 0).await), [""; 0]);
    assert_eq!(names(&due(&world, 1).await), ["a"]);
    let all = due(&world, 2).await;
    assert_eq!(names(&all), ["a", "b", "c"]);
    assert_eq!((&all[0].content[..], all[0].attempts), (&b"\0content"[..], 0));
    assert_eq!(names(&world.due_messages(at(9), 2).await.unwrap()), ["a", "b"]);
    assert_eq!(world.due_messages(at(9), 0).await.unwrap(), []);
    let ids: Vec<i64> = all.iter().map(|message| message.id).collect();
    assert!(ids[1] < ids[0] && ids[0] < ids[2], "ids rise as messages are kept: {ids:?}");
    let page = world.messages(Page::new(1, 2)).await.unwrap();
    assert_eq!((names(&page.rows), page.total), (vec!["c", "a"], 3), "newest first");
}

async fn what_was_sent_is_forgotten(world: World) {
    world.enqueue(vec![new("a", 0), new("b", 0)]).await.unwrap();
    let first = due(&world, 0).await[0].id;
    world.note_message(first, MessageCame::Sent).await.unwrap();
    world.note_message(first, MessageCame::Sent).await.unwrap();
    let retry = MessageCame::Retry { due_at: at(5), error: "late".into() };
    world.note_message(first, retry).await.unwrap();
    assert_eq!(names(&due(&world, 9).await), ["b"], "what is gone stays gone");
}

async fn a_retry_waits_and_counts(world: World) {
    world.enqueue(vec![new("a", 0)]).await.unwrap();
    let id = due(&world, 0).await[0].id;
    for (attempt, s) in [(1, 5), (2, 10)] {
        let retry = MessageCame::Retry { due_at: at(s), error: format!("error {attempt}") };
        world.note_message(id, retry).await.unwrap();
        assert_eq!(due(&world, s - 1).await, []);
        assert_eq!(world.next_message_due().await.unwrap(), Some(at(s)));
        let again = &due(&world, s).await[0];
        assert_eq!((again.attempts, again.last_error.clone()), (attempt, Some(format!("error {attempt}"))));
    }
}

async fn a_retry_takes_its_place_in_the_order(world: World) {
    world.enqueue(vec![new("a", 0), new("b", 1)]).await.unwrap();
    let id = due(&world, 0).await[0].id;
    world.note_message(id, MessageCame::Retry { due_at: at(5), error: "late".into() }).await.unwrap();
    assert_eq!(world.next_message_due().await.unwrap(), Some(at(1)));
    assert_eq!(names(&due(&world, 5).await), ["b", "a"]);
    world.enqueue(vec![new("c", 5)]).await.unwrap();
    assert_eq!(names(&due(&world, 5).await), ["b", "a", "c"], "of one time the older one");
}

async fn what_was_given_up_is_kept_until_retention(world: World) {
    world.enqueue(vec![new("a", 0), new("b", 0)]).await.unwrap();
    let id = due(&world, 0).await[0].id;
    world.note_message(id, MessageCame::GivenUp { error: "no such channel".into() }).await.unwrap();
    assert_eq!(names(&due(&world, 99).await), ["b"]);
    let kept = world.messages(Page::default()).await.unwrap().rows;
    assert_eq!(kept.iter().map(|one| one.due_at).collect::<Vec<_>>(), [Some(at(0)), None]);
    world.prune(at(0)).await.unwrap();
    assert_eq!(world.messages(Page::default()).await.unwrap().total, 2);
    world.prune(at(0) + Duration::from_secs(1)).await.unwrap();
    assert_eq!(names(&world.messages(Page::default()).await.unwrap().rows), ["b"], "what waits stays");
}

async fn what_was_given_up_stays_given_up(world: World) {
    world.enqueue(vec![new("a", 0)]).await.unwrap();
    let id = due(&world, 0).await[0].id;
    world.note_message(id, MessageCame::GivenUp { error: "no such channel".into() }).await.unwrap();
    world.note_message(id, MessageCame::Retry { due_at: at(0), error: "late".into() }).await.unwrap();
    assert_eq!(due(&world, 99).await, []);
    assert_eq!(world.next_message_due().await.unwrap(), None);
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
    assert_eq!((due(&world, 0).await, world.stored_flags().await.unwrap()), (vec![], vec![]));
    assert_eq!(world.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 0);
    world.write_flags(both(0), vec![row("written")], told()).await.unwrap();
    assert_eq!(names(&due(&world, 0).await), ["told", "told too"]);
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
    assert_eq!(names(&due(&world, 0).await), ["told"]);
}
