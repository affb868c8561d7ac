use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use wigwag_flags::{check_dependencies, shipped};

use super::{Accepted, settle, settle_within};
use crate::limits::SUGGESTIONS_MAX;
use crate::parse::{self, Parsed};

/// `a>b,c` is file `beta/a.yml`, which depends on b and c.
fn file(arrow: &str) -> (String, Arc<Parsed>) {
    let (name, needs) = arrow.split_once('>').unwrap();
    let text = format!(
        "name: {name}\ntype: beta\ndefault_enabled: false\nmilestone: '1.0'\ngroup: g\n\
         introduced_by_url: https://a.example\ndepends_on: [{needs}]\n"
    );
    let parsed = parse::file(Some("beta"), name, text.as_bytes()).unwrap();
    (format!("beta/{name}.yml"), Arc::new(parsed))
}

fn files(arrows: &[&str]) -> Accepted {
    arrows.iter().map(|arrow| file(arrow)).collect()
}

fn arrows(accepted: &Accepted) -> Vec<String> {
    let arrow = |parsed: &Arc<Parsed>| {
        let needs: Vec<&str> = parsed.definition.depends_on.iter().map(|name| name.as_str()).collect();
        format!("{}>{}", parsed.definition.name, needs.join(","))
    };
    accepted.values().map(arrow).collect()
}

/// Over several edits, each the files as they are then: what counts after each.
#[track_caller]
fn check(edits: &[(&[&str], &[&str])]) {
    let mut before = Accepted::new();
    for (wanted, is) in edits {
        let wanted = files(wanted);
        before.retain(|path, _| wanted.contains_key(path));
        before = settle(wanted, &before).0;
        assert_eq!(arrows(&before), *is);
    }
}

#[test]
fn an_edit_that_closes_a_circle_steps_back_alone() {
    check(&[(&["a>b", "b>", "c>"], &["a>b", "b>", "c>"]), (&["a>b", "b>a", "c>a"], &["a>b", "b>", "c>a"])]);
    check(&[
        (&["a>", "b>"], &["a>", "b>"]),
        (&["a>b", "b>a"], &["a>", "b>"]),
        (&["a>b", "b>"], &["a>b", "b>"]),
    ]);
}

#[test]
fn an_edit_that_makes_a_chain_too_long_steps_back() {
    let chain = ["a>b", "b>c", "c>d", "d>e", "e>", "f>"];
    check(&[(&chain, &chain), (&["a>b", "b>c", "c>d", "d>e", "e>f", "f>"], &chain)]);
    check(&[(&chain, &chain), (&["a>b", "b>c", "c>d", "d>e", "e>", "f>a"], &chain)]);
    check(&[(&["a>b", "b>c", "c>d", "d>e", "e>f", "f>g", "g>"], &["c>d", "d>e", "e>f", "f>g", "g>"])]);
    check(&[(
        &["a>b", "b>c", "c>d", "d>webhooks_failed_callout"],
        &["b>c", "c>d", "d>webhooks_failed_callout"],
    )]);
}

#[test]
fn what_loses_its_dependency_stays_as_it_was() {
    check(&[
        (&["a>b", "b>"], &["a>b", "b>"]),
        (&["a>b"], &["a>b"]),
        (&["a>b,c"], &["a>b"]),
        (&["a>"], &["a>"]),
    ]);
    check(&[(&["a>b", "b>nobody"], &[])]);
}

#[test]
fn circles_in_a_row_are_told_and_what_leads_to_them_goes() {
    let (accepted, faults) = settle(files(&["a>b", "b>a,c", "c>d", "d>c", "x>a", "y>"]), &Accepted::new());
    assert_eq!(arrows(&accepted), ["y>"]);
    let told: Vec<_> = faults.iter().map(|(path, fault)| format!("{path} {}", fault.rule)).collect();
    let is = [
        "beta/a.yml leads in a circle: a -> b -> a",
        "beta/b.yml leads in a circle: b -> a -> b",
        "beta/c.yml leads in a circle: c -> d -> c",
        "beta/d.yml leads in a circle: d -> c -> d",
        "beta/x.yml names a, which no good file defines",
    ];
    assert_eq!(told, is);
}

#[test]
fn only_so_many_unknown_names_get_a_suggestion() {
    let wanted: Vec<String> = (0..=SUGGESTIONS_MAX).map(|n| format!("a{n:02}>nobody_{n:02}")).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).chain(["nobody>"]).collect();
    let (_, faults) = settle(files(&wanted), &Accepted::new());
    let suggested = faults.iter().filter(|(_, fault)| fault.rule.ends_with("; did you mean nobody?"));
    assert_eq!((suggested.count(), faults.len()), (SUGGESTIONS_MAX, SUGGESTIONS_MAX + 1));
}

#[test]
fn a_long_circle_is_shown_in_part() {
    let ring: Vec<String> = (0..20).map(|n| format!("f{n:02}>f{:02}", (n + 1) % 20)).collect();
    let ring: Vec<&str> = ring.iter().map(String::as_str).collect();
    let (_, faults) = settle(files(&ring), &Accepted::new());
    assert_eq!(faults.len(), 20);
    assert!(faults[0].1.rule.ends_with("f10 -> f11 -> and 9 more"), "{}", faults[0].1.rule);
}

#[test]
fn after_too_many_rounds_nothing_new_is_taken() {
    let wanted = files(&["a>b", "b>nobody", "c>"]);
    let (taken, _) = settle_within(wanted.clone(), &Accepted::new(), 3);
    assert_eq!(arrows(&taken), ["c>"]);
    let (taken, faults) = settle_within(wanted, &Accepted::new(), 2);
    assert_eq!(arrows(&taken), [""; 0]);
    assert!(faults.last().unwrap().1.rule.starts_with("the definitions contradict each other"));
}

proptest! {
    /// Whatever is edited: what counts is free of circles and long chains, what is unchanged stays, and nothing is
    /// taken that nobody wrote.
    #[test]
    fn what_counts_always_fits_together(edits in prop::collection::vec(
        prop::collection::btree_map(0..7_u8, prop::collection::btree_set(0..8_u8, 0..3), 0..8), 1..6)
    ) {
        let mut before = Accepted::new();
        let mut written = Vec::new();
        for edit in edits {
            let arrow = |(name, needs): (&u8, &std::collections::BTreeSet<u8>)| {
                let needs: Vec<String> = needs.iter().map(|need| format!("f{need}")).collect();
                format!("f{name}>{}", needs.join(","))
            };
            let lines: Vec<String> = edit.iter().map(arrow).collect();
            let wanted: BTreeMap<_, _> = lines.iter().map(|line| file(line)).collect();
            written.extend(lines);
            before.retain(|path, _| wanted.contains_key(path));
            let (now, faults) = settle(wanted.clone(), &before);
            let own = shipped::definitions();
            let all = own.iter().chain(now.values().map(|parsed| &parsed.definition));
            prop_assert_eq!(check_dependencies(all), Ok(()));
            prop_assert!(arrows(&now).iter().all(|arrow| written.contains(arrow)));
            for (path, parsed) in &wanted {
                let told = faults.iter().any(|(of, _)| of == path);
                prop_assert!(told || now.get(path) == Some(parsed), "{} was dropped in silence", path);
                prop_assert!(now.contains_key(path) || !before.contains_key(path), "{} was lost", path);
            }
            before = now;
        }
    }
}
