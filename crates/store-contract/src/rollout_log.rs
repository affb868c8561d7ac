//! What was said and done about a flag's rollout.

use crate::chat_users::row;
use crate::outbox::new;
use crate::suite;
use crate::world::{World, at};
use wigwag_base::Page;
use wigwag_ports::flags::AuditFilter;
use wigwag_ports::rollout_log::{NewRolloutEntry, RolloutEntryKind};

suite!(
    entries_come_back_newest_first,
    retention_leaves_entries_alone,
    a_rollback_is_open_until_it_is_acknowledged,
    an_entry_comes_with_its_audit_row_and_messages,
);

fn entry(flag: &str, kind: RolloutEntryKind, text: &str) -> NewRolloutEntry {
    NewRolloutEntry { flag: flag.parse().unwrap(), kind, author: "ada".into(), text: text.into(), at: at(0) }
}

async fn append(world: &World, flag: &str, kind: RolloutEntryKind, text: &str) {
    world.append_rollout_entry(entry(flag, kind, text), row("said"), Vec::new()).await.unwrap();
}

async fn entries_come_back_newest_first(world: World) {
    for kind in RolloutEntryKind::ALL {
        append(&world, "f", kind, kind.as_str()).await;
    }
    append(&world, "other", RolloutEntryKind::Note, "else").await;
    let page = world.rollout_entries("f".parse().unwrap(), Page::new(1, 2)).await.unwrap();
    assert!(page.rows[0].id > page.rows[1].id);
    let found: Vec<_> = page.rows.into_iter().map(|row| row.entry).collect();
    let last = RolloutEntryKind::Acknowledgement;
    let before = RolloutEntryKind::Rollback;
    assert_eq!(found, [entry("f", last, last.as_str()), entry("f", before, before.as_str())]);
    assert_eq!(page.total, 5);
}

async fn retention_leaves_entries_alone(world: World) {
    append(&world, "f", RolloutEntryKind::Rollback, "old").await;
    while world.prune(at(1_000_000)).await.unwrap() > 0 {}
    assert!(world.open_rollback("f".parse().unwrap()).await.unwrap().is_some());
}

async fn a_rollback_is_open_until_it_is_acknowledged(world: World) {
    use RolloutEntryKind::{Acknowledgement, Note, Rollback};
    let open = async || {
        let open = world.open_rollback("f".parse().unwrap()).await.unwrap();
        open.map(|open| open.entry.text)
    };
    assert_eq!(open().await, None);
    append(&world, "f", Rollback, "first").await;
    append(&world, "f", Note, "a note").await;
    append(&world, "other", Acknowledgement, "of another").await;
    assert_eq!(open().await.as_deref(), Some("first"));
    append(&world, "f", Rollback, "second").await;
    assert_eq!(open().await.as_deref(), Some("second"));
    append(&world, "f", Acknowledgement, "").await;
    assert_eq!(open().await, None);
    append(&world, "f", Acknowledgement, "").await;
    assert_eq!(open().await, None, "an acknowledgement without a roll-back does no harm to the next");
    append(&world, "f", Rollback, "third").await;
    assert_eq!(open().await.as_deref(), Some("third"));
}

async fn an_entry_comes_with_its_audit_row_and_messages(world: World) {
    let said = entry("f", RolloutEntryKind::Note, "it works");
    let id = world.append_rollout_entry(said, row("a note"), vec![new("channel:#a", 0)]).await.unwrap();
    let kept = world.rollout_entries("f".parse().unwrap(), Page::default()).await.unwrap().rows;
    assert_eq!(kept.iter().map(|kept| kept.id).collect::<Vec<_>>(), [id]);
    let rows = world.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    assert_eq!(rows[0].entry.after, "a note");
    assert_eq!(world.waiting_destinations().await.unwrap(), [("channel:#a".to_owned(), at(0))]);
}
