//! Messages that wait to go out, and those that belong to a change.

use crate::suite;
use crate::world::{World, at};
use bytes::Bytes;
use std::time::Duration;
use wigwag_base::Page;
use wigwag_flags::FlagState;
use wigwag_ports::StoreError;
use wigwag_ports::flags::FlagWrite;
use wigwag_ports::outbox::{Message, MessageCame, NewMessage};

suite!(
    what_is_due_comes_in_order,
    what_was_sent_is_forgotten,
    a_retry_waits_and_counts,
    what_was_given_up_is_kept_until_retention,
    messages_and_writes_stand_or_fall_together,
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

async fn messages_and_writes_stand_or_fall_together(world: World) {
    let write = |seen_version| FlagWrite {
        environment: "production".into(),
        name: "a".parse().unwrap(),
        seen_version,
        after: Some(FlagState::default()),
    };
    let stale = world.write_flags(vec![write(7)], Vec::new(), vec![new("a", 0)]).await;
    assert_eq!(stale, Err(StoreError::Stale));
    assert_eq!(due(&world, 0).await, []);
    world.write_flags(vec![write(0)], Vec::new(), vec![new("a", 0)]).await.unwrap();
    assert_eq!(names(&due(&world, 0).await), ["a"]);
}
