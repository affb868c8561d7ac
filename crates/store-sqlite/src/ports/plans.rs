//! Questions that are asked often, or beside many rows, go by an index.

#![allow(clippy::unwrap_used)]

use super::log;
use super::{chat_users, deployments, notices, outbox, replay, waiting};
use rusqlite::Connection;
use wigwag_base::{HookId, ProjectId};
use wigwag_ports::deliveries::{ReplayOf, Replayable};

/// How SQLite goes about it on the tables of a new store, a line a step.
fn plan(sql: &str) -> Vec<String> {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../schema.sql")).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    statement.raw_query().mapped(|row| row.get("detail")).map(Result::unwrap).collect()
}

#[test]
fn frequent_questions_go_by_an_index() {
    let check = |sql: &str, index: &str| {
        let plan = plan(sql);
        assert!(plan[0].contains(&format!("INDEX {index} ")), "{plan:#?}");
        assert!(plan.iter().all(|step| !step.starts_with("SCAN ")), "{plan:#?}");
    };
    check(outbox::LINE, "outbox_lines");
    check(outbox::BEYOND, "outbox_lines");
    check(notices::OF_HOOK, "notices_hook");
    check(chat_users::LINKS_OF_USER, "chat_links_user");
    check(log::PAST, "attempts_hook");
    check(deployments::LET_GO, "deployments_project");
}

#[test]
fn what_is_to_be_told_is_found_without_a_search() {
    for (sql, waiting) in [(notices::WAITING, true), (notices::ANY, true), (notices::BEHIND, false)] {
        let plan = plan(sql);
        assert!(plan.iter().any(|step| step.contains("INDEX notices_waiting ")) == waiting, "{plan:#?}");
        assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{plan:#?}");
        assert!(
            plan.iter().all(|step| step == "SCAN CONSTANT ROW" || !step.starts_with("SCAN ")),
            "{plan:#?}"
        );
    }
}

#[test]
fn a_line_is_not_sorted_first() {
    assert_eq!(plan(outbox::LINE).len(), 1);
    assert_eq!(plan(waiting::ALL_DUE), ["SEARCH waiting USING PRIMARY KEY (hook_id=?)"]);
}

#[test]
fn what_lets_deployments_go_looks_at_one_project_alone() {
    let plan = plan(deployments::LET_GO);
    let touches: Vec<&String> = plan.iter().filter(|step| step.starts_with("SEARCH")).collect();
    assert_eq!(touches.len(), 3);
    assert!(touches.iter().all(|step| step.contains("INDEX deployments_project ")), "{plan:#?}");
}

#[test]
fn lines_are_jumped_through() {
    let plan = plan(outbox::HEADS);
    let touches: Vec<&String> = plan.iter().filter(|step| step.contains("outbox")).collect();
    assert!(touches.iter().all(|step| step.contains("USING COVERING INDEX outbox_lines")), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
}

#[test]
fn what_is_sent_again_is_found_in_order() {
    let check = |of: &ReplayOf, state, first: &str| {
        let plan = plan(&replay::candidates(of, state));
        assert!(plan[0].starts_with(first), "{plan:#?}");
        assert!(plan.iter().all(|step| !step.contains("FOR ORDER BY")), "{plan:#?}");
        assert!(plan[1..].iter().all(|step| !step.starts_with("SCAN r")), "{plan:#?}");
    };
    let hook = ReplayOf::Hook(HookId(1));
    check(&hook, Replayable::GivenUp, "SEARCH r USING PRIMARY KEY (hook_id=? AND event_id>? AND event_id<?)");
    check(&hook, Replayable::Delivered, "SEARCH e USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    let project = ReplayOf::Project(ProjectId(1), vec![HookId(1)]);
    check(&project, Replayable::GivenUp, "SEARCH r USING INDEX ended_project (project_id=?");
    check(&project, Replayable::Delivered, "SEARCH r USING INDEX attempts_event (project_id=?");
}
