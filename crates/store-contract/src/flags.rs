//! Flags and their audit log: written together, by compare-and-set.

use crate::suite;
use crate::world::{World, at};
use std::collections::HashSet;
use std::sync::Arc;
use wigwag_base::Page;
use wigwag_flags::FlagState;
use wigwag_ports::StoreError;
use wigwag_ports::flags::{
    AuditCheck, AuditEntry, AuditFilter, FlagBefore, FlagWrite, RemoteCopy, StoredFlag,
};

suite!(
    states_come_back,
    a_write_names_the_version_that_it_saw,
    all_writes_or_none,
    of_racing_writes_one_wins,
    a_forgotten_flag_goes_on_counting,
    the_last_step_is_remembered,
    a_remote_copy_is_kept_with_its_audit_rows,
    audit_rows_are_chained,
    the_chain_is_followed,
    every_filter_of_the_audit_log_narrows,
);

fn write(name: &str, seen_version: i64, after: Option<FlagState>) -> FlagWrite {
    FlagWrite { environment: "production".into(), name: name.parse().unwrap(), seen_version, after }
}

fn on() -> Option<FlagState> {
    Some(FlagState { boolean: Some(true), ..FlagState::default() })
}

fn entry(flag: &str, s: i64) -> AuditEntry {
    AuditEntry {
        at: at(s),
        author: "ada".into(),
        sudo_by: None,
        via: "chat:#ops".into(),
        flag: Some(flag.into()),
        environment: Some("production".into()),
        before: "off".into(),
        after: "on".into(),
        reason: None,
    }
}

async fn states_come_back(world: World) {
    let state = FlagState {
        boolean: Some(false),
        actors: ["Project:1".parse().unwrap(), "User:ü\"".parse().unwrap()].into(),
        opt_outs: ["User:6".parse().unwrap()].into(),
        percentage_of_actors: Some("32.639".parse().unwrap()),
        percentage_of_time: Some("0.001".parse().unwrap()),
        groups: ["staff".to_owned()].into(),
    };
    let other = FlagWrite { environment: "staging".into(), ..write("a", 0, Some(FlagState::default())) };
    world.write_flags(vec![write("a", 0, Some(state.clone())), other], Vec::new(), Vec::new()).await.unwrap();
    let mut stored = world.stored_flags().await.unwrap();
    stored.sort_by(|a, b| a.environment.cmp(&b.environment));
    let flag = |environment: &str, state| StoredFlag {
        environment: environment.into(),
        name: "a".parse().unwrap(),
        state,
        version: 1,
    };
    assert_eq!(stored, [flag("production", state), flag("staging", FlagState::default())]);
}

async fn a_write_names_the_version_that_it_saw(world: World) {
    let check = async |seen, is: Result<(), StoreError>| {
        assert_eq!(
            world.write_flags(vec![write("a", seen, on())], Vec::new(), Vec::new()).await,
            is,
            "{seen}"
        );
    };
    check(1, Err(StoreError::Stale)).await;
    check(0, Ok(())).await;
    check(0, Err(StoreError::Stale)).await;
    check(2, Err(StoreError::Stale)).await;
    check(1, Ok(())).await;
    assert_eq!(world.stored_flags().await.unwrap()[0].version, 2);
}

async fn all_writes_or_none(world: World) {
    world.write_flags(vec![write("b", 0, on())], Vec::new(), Vec::new()).await.unwrap();
    let both = vec![write("a", 0, on()), write("b", 0, None)];
    assert_eq!(world.write_flags(both, vec![entry("a", 0)], Vec::new()).await, Err(StoreError::Stale));
    assert_eq!(world.stored_flags().await.unwrap().len(), 1);
    assert_eq!(world.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 0);
}

async fn of_racing_writes_one_wins(world: World) {
    let calls = (0..20).map(|n| {
        let store = Arc::clone(&world.store);
        let call = async move {
            store.write_flags(vec![write("a", 0, on())], vec![entry("a", n)], Vec::new()).await
        };
        tokio::spawn(call)
    });
    let mut won = 0;
    for call in calls.collect::<Vec<_>>() {
        won += usize::from(call.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
    assert_eq!(world.audit(AuditFilter::default(), Page::default()).await.unwrap().total, 1);
}

async fn a_forgotten_flag_goes_on_counting(world: World) {
    let write_it =
        async |seen, after| world.write_flags(vec![write("a", seen, after)], Vec::new(), Vec::new()).await;
    write_it(0, on()).await.unwrap();
    write_it(1, None).await.unwrap();
    assert_eq!(world.stored_flags().await.unwrap(), []);
    // Who read no stored state names 0, who remembers names 2; both saw the same.
    assert_eq!(write_it(1, on()).await, Err(StoreError::Stale));
    write_it(0, on()).await.unwrap();
    assert_eq!(world.stored_flags().await.unwrap()[0].version, 3);
    write_it(3, None).await.unwrap();
    write_it(4, on()).await.unwrap();
    assert_eq!(world.stored_flags().await.unwrap()[0].version, 5);
}

async fn the_last_step_is_remembered(world: World) {
    let step = async || world.flag_before("production".into(), "a".parse().unwrap()).await.unwrap();
    let some = Some(FlagState {
        actors: (1..=30).map(|id| format!("Project:{id}").parse().unwrap()).collect(),
        percentage_of_actors: Some("32.639".parse().unwrap()),
        ..FlagState::default()
    });
    assert_eq!(step().await, None);
    world.write_flags(vec![write("a", 0, some.clone())], Vec::new(), Vec::new()).await.unwrap();
    assert_eq!(step().await, Some(FlagBefore { before: None, after: some.clone() }));
    world.write_flags(vec![write("a", 1, on())], Vec::new(), Vec::new()).await.unwrap();
    assert_eq!(step().await, Some(FlagBefore { before: some, after: on() }));
    world.write_flags(vec![write("a", 2, None)], Vec::new(), Vec::new()).await.unwrap();
    assert_eq!(step().await, Some(FlagBefore { before: on(), after: None }));
    assert_eq!(world.flag_before("staging".into(), "a".parse().unwrap()).await, Ok(None));
}

async fn a_remote_copy_is_kept_with_its_audit_rows(world: World) {
    assert_eq!(world.remote_copies().await.unwrap(), []);
    let copy = |environment: &str, s, content: &'static [u8]| RemoteCopy {
        environment: environment.into(),
        url: format!("https://{environment}.example"),
        read_at: at(s),
        content: content.into(),
    };
    world.keep_remote(copy("b", 0, b"[]"), Vec::new(), Vec::new()).await.unwrap();
    world.keep_remote(copy("a", 1, b"\xff\0"), vec![entry("x", 1), entry("y", 1)], Vec::new()).await.unwrap();
    world.keep_remote(copy("b", 2, b""), vec![entry("z", 2)], Vec::new()).await.unwrap();
    assert_eq!(world.remote_copies().await.unwrap(), [copy("a", 1, b"\xff\0"), copy("b", 2, b"")]);
    let rows = world.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    let flags: Vec<_> = rows.iter().map(|row| row.entry.flag.as_deref().unwrap()).collect();
    assert_eq!(flags, ["z", "y", "x"]);
    assert_eq!(world.verify_audit(None).await.unwrap().rows, 3);
}

async fn audit_rows_are_chained(world: World) {
    let odd = AuditEntry {
        author: String::new(),
        sudo_by: Some("root".into()),
        flag: None,
        environment: None,
        before: "a\0b".into(),
        reason: Some("why".into()),
        ..entry("", 1)
    };
    world.append_audit(vec![entry("a", 0), odd.clone()]).await.unwrap();
    world.append_audit(Vec::new()).await.unwrap();
    world.append_audit(vec![entry("a", 0)]).await.unwrap();
    let page = world.audit(AuditFilter::default(), Page::default()).await.unwrap();
    let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
    assert_eq!((&ids[..], page.total), (&[3, 2, 1][..], 3));
    assert_eq!((&page.rows[1].entry, &page.rows[2].entry), (&odd, &page.rows[0].entry));
    let hashes: HashSet<_> = page.rows.iter().map(|row| row.hash).collect();
    assert_eq!(hashes.len(), 3, "equal entries have different places in the chain");
}

async fn the_chain_is_followed(world: World) {
    let nothing = world.verify_audit(None).await.unwrap();
    assert_eq!(nothing, AuditCheck { rows: 0, head: [0; 32], broken_at: None, kept_at: None });
    world.append_audit(vec![entry("a", 0), entry("b", 1)]).await.unwrap();
    let kept = world.verify_audit(None).await.unwrap().head;
    world.append_audit(vec![entry("c", 2)]).await.unwrap();
    let rows = world.audit(AuditFilter::default(), Page::default()).await.unwrap().rows;
    assert_eq!(kept, rows[1].hash);
    let check = world.verify_audit(Some(kept)).await.unwrap();
    assert_eq!(check, AuditCheck { rows: 3, head: rows[0].hash, broken_at: None, kept_at: Some(2) });
    assert_eq!(world.verify_audit(Some([1; 32])).await.unwrap().kept_at, None, "another chain's hash");
}

async fn every_filter_of_the_audit_log_narrows(world: World) {
    let by_bob = AuditEntry { author: "bob".into(), ..entry("b", 20) };
    world.append_audit(vec![entry("a", 0), entry("b", 10), by_bob]).await.unwrap();
    let check = async |filter, ids: &[i64]| {
        let page = world.audit(filter, Page::default()).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), ids);
    };
    let all = AuditFilter::default;
    check(AuditFilter { since: Some(at(10)), ..all() }, &[3, 2]).await;
    check(AuditFilter { flag: Some("b".into()), ..all() }, &[3, 2]).await;
    check(AuditFilter { author: Some("ada".into()), ..all() }, &[2, 1]).await;
    check(AuditFilter { flag: Some("b".into()), author: Some("ada".into()), ..all() }, &[2]).await;
}
