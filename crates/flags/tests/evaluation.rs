//! Evaluation: the reference's vectors and the order of the rules. `reference.rs` holds random flags against a slow
//! evaluator.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use wigwag_flags::{ActorGroups, Definition, FlagState, Snapshot, StaticGroups, bucket, limits, shipped};

fn state(text: &str) -> FlagState {
    let mut state = FlagState::default();
    for word in text.split_whitespace() {
        match word.split_once('=').unwrap() {
            ("boolean", on) => state.boolean = Some(on == "true"),
            ("actor", id) => drop(state.actors.insert(id.parse().unwrap())),
            ("opt_out", id) => drop(state.opt_outs.insert(id.parse().unwrap())),
            ("actors%", share) => state.percentage_of_actors = Some(share.parse().unwrap()),
            ("time%", share) => state.percentage_of_time = Some(share.parse().unwrap()),
            ("group", name) => drop(state.groups.insert(name.into())),
            other => panic!("{other:?}"),
        }
    }
    state
}

/// `[!]name[>dependency,...]`: with `!` the default is on.
fn definition(text: &str) -> Definition {
    let (on, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    let (name, needs) = rest.split_once('>').unwrap_or((rest, ""));
    Definition {
        name: name.parse().unwrap(),
        default_enabled: on,
        depends_on: needs.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect(),
        ..shipped::definitions().remove(0)
    }
}

struct Staff;

impl ActorGroups for Staff {
    fn knows(&self, group: &str) -> bool {
        group == "staff"
    }
    fn accepts(&self, group: &str, actor: &str) -> bool {
        group == "staff" && actor == "User:1"
    }
}

fn snapshot(definitions: &[&str], states: &[(&str, &str)]) -> Snapshot {
    let states = states.iter().map(|(name, text)| (name.parse().unwrap(), state(text)));
    Snapshot::new(1, definitions.iter().map(|text| Arc::new(definition(text))), states)
        .with_groups(Arc::new(Staff))
}

#[test]
fn buckets_are_those_of_the_reference() {
    let check = |flag: &str, actors: &[&str], is: u32| {
        assert_eq!(bucket(flag, actors), Some(is), "{flag} {actors:?}");
    };
    check("webhooks_failed_callout", &["User:1"], 39149);
    check("webhooks_failed_callout", &["Project:1"], 3033);
    check("webhooks_failed_callout", &["Project:278964"], 96767);
    check("webhooks_failed_callout", &["Group:9"], 9166);
    check("f", &["Project:1", "User:5"], 50435);
    check("f", &["User:5", "Project:1"], 50435);
    check("generated_flag_16", &["User:9"], 32639);
    assert_eq!(bucket("f", &[]), None);
}

#[test]
fn a_percentage_opens_for_the_buckets_below_it() {
    let check = |flag: &str, actors: &[&str], share: &str, is: bool| {
        let snapshot = snapshot(&[flag], &[(flag, &format!("actors%={share}"))]);
        assert_eq!(snapshot.is_enabled(flag, actors, || 0.0).enabled, is, "{flag} {actors:?} {share}");
    };
    check("webhooks_failed_callout", &["User:1"], "39.149", false);
    check("webhooks_failed_callout", &["User:1"], "39.15", true);
    check("webhooks_failed_callout", &["Project:1"], "3.033", false);
    check("webhooks_failed_callout", &["Project:1"], "3.034", true);
    check("webhooks_failed_callout", &["Project:278964"], "96.767", false);
    check("webhooks_failed_callout", &["Project:278964"], "96.768", true);
    check("webhooks_failed_callout", &["Group:9"], "9.166", false);
    check("webhooks_failed_callout", &["Group:9"], "9.167", true);
    check("f", &["Project:1", "User:5"], "50.435", false);
    check("f", &["User:5", "Project:1"], "50.436", true);
    // 32.639 * 1000 is 32639.000000000004 in IEEE double: the reference is on here, exact decimals are not.
    check("generated_flag_16", &["User:9"], "32.639", true);
    check("generated_flag_16", &["User:9"], "32.638", false);
    check("f", &["User:5"], "0", false);
    check("f", &["User:5"], "100", true);
    check("f", &[], "100", false);
}

/// Asks for flag `a` with actors `User:1` and `Project:1` and a random number of 0.5.
fn check(definitions: &[&str], states: &[(&str, &str)], is: &str) {
    let snapshot = snapshot(definitions, states);
    let decision = snapshot.is_enabled("a", &["User:1", "Project:1"], || 0.5);
    let word = if decision.enabled { "on" } else { "off" };
    assert_eq!(format!("{word} {}", decision.reason.as_str()), is, "{definitions:?} {states:?}");
    let gate = decision.gate().map_or("", |gate| gate.as_str());
    assert_eq!(gate, if decision.enabled && !is.ends_with("default") { &is[3..] } else { "" });
}

#[test]
fn the_rules_apply_in_order() {
    check(&[], &[], "off unknown");
    check(&["a"], &[], "off default");
    check(&["!a"], &[], "on default");
    check(&["!a"], &[("a", "")], "off off");
    check(&[], &[("a", "")], "off off");
    check(&[], &[("a", "boolean=true")], "on boolean");
    check(&["!a"], &[("a", "boolean=false")], "off off");
    check(&["a"], &[("a", "boolean=true actor=User:1 actors%=100 time%=100 group=staff")], "on boolean");
    check(&["a"], &[("a", "actor=User:1 actors%=100 time%=100 group=staff")], "on actors");
    check(&["a"], &[("a", "actor=User:2 actors%=100 time%=100 group=staff")], "on percentage_of_actors");
    check(&["a"], &[("a", "time%=100 group=staff")], "on percentage_of_time");
    check(&["a"], &[("a", "time%=50 group=staff")], "on groups");
    check(&["a"], &[("a", "time%=50.001")], "on percentage_of_time");
    check(&["a"], &[("a", "time%=0 group=other")], "off off");
    check(&["a"], &[("a", "actor=Group:1 actor=User:11")], "off off");
    check(&["a"], &[("a", "boolean=true opt_out=Project:1")], "off opt_out");
    check(&["a"], &[("a", "actor=Project:1 opt_out=User:1")], "off opt_out");
    check(&["a"], &[("a", "boolean=true opt_out=User:2")], "on boolean");
    check(&["a"], &[("a", "opt_out=User:1")], "off off");
}

#[test]
fn dependencies_must_be_on_for_the_same_actors() {
    check(&["!a>b", "b"], &[], "off dependency");
    check(&["!a>b", "!b"], &[], "on default");
    check(&["!a>b"], &[], "off dependency");
    check(&["a>b", "b"], &[("a", "boolean=true"), ("b", "actor=User:1")], "on boolean");
    check(&["a>b", "b"], &[("a", "boolean=true"), ("b", "actor=User:2")], "off dependency");
    check(&["a>b", "b"], &[("a", "boolean=true"), ("b", "boolean=true opt_out=User:1")], "off dependency");
    check(&["a>b", "b>c", "!c"], &[("a", "boolean=true"), ("b", "boolean=true")], "on boolean");
    check(&["a>b", "b>c", "c"], &[("a", "boolean=true"), ("b", "boolean=true")], "off dependency");
    check(&["!a>b,c", "!b", "c"], &[], "off dependency");
}

#[test]
fn an_evaluation_that_comes_back_to_itself_takes_the_default() {
    check(&["!a>a"], &[], "on default");
    check(&["a>a"], &[("a", "boolean=true")], "off dependency");
    check(&["!a>b", "b>a"], &[("b", "boolean=true")], "on default");
    check(&["a>b", "b>a"], &[("a", "boolean=true"), ("b", "boolean=true")], "off dependency");
}

#[test]
fn a_chain_longer_than_the_limit_ends_in_a_default() {
    let chain = |arrows: usize, last: &str| {
        let name = |i: usize| if i == 0 { "a".into() } else { format!("f{i}") };
        let mut all: Vec<String> = (0..arrows).map(|i| format!("!{}>{}", name(i), name(i + 1))).collect();
        all.push(name(arrows));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        check(&all, &[(&name(arrows), "boolean=true")], last);
    };
    chain(limits::DEPENDENCY_DEPTH_MAX, "on default");
    chain(limits::DEPENDENCY_DEPTH_MAX + 1, "off dependency");
}

#[test]
fn an_override_is_off_before_anything_else_and_for_those_that_depend_on_it() {
    let check = |definitions: &[&str], states: &[(&str, &str)], overridden: &str, is: &str| {
        let overrides = Arc::new([overridden.parse().unwrap()].into());
        let snapshot = snapshot(definitions, states).with_overrides(2, overrides);
        let explained = snapshot.explain("a", &[], || 0.0).to_string();
        let listed = snapshot.is_enabled_or_listed("a", &["User:1"], &["User:2"], || 0.0);
        assert_eq!(explained, is, "{definitions:?} {states:?} {overridden}");
        assert_eq!(listed.enabled, is.starts_with("on"));
    };
    let off = "off because it is overridden: switched off on this node";
    check(&["!a"], &[], "a", off);
    check(&["a>b"], &[("a", "boolean=true actor=User:2")], "a", off);
    check(&[], &[("a", "boolean=true actor=User:2")], "a", off);
    check(&[], &[], "a", "off because there is no such flag: it is neither defined nor stored");
    check(&["!a"], &[], "b", "on because nothing is stored and its default is on");
    check(&["!a>b", "!b"], &[], "b", "off because it depends on b, which is off");
    check(&["!a>b", "!b>c", "!c"], &[], "c", "off because it depends on b, which is off");
}

#[test]
fn static_groups_list_their_members() {
    let of = |ids: &[&str]| ids.iter().map(|id| id.parse().unwrap()).collect();
    let groups = StaticGroups::new([("staff".into(), of(&["User:1"])), ("empty".into(), of(&[]))]);
    assert!(groups.knows("staff") && groups.knows("empty") && !groups.knows("other"));
    assert!(groups.accepts("staff", "User:1") && !groups.accepts("staff", "User:2"));
    assert!(!groups.accepts("empty", "User:1") && !groups.accepts("other", "User:1"));
    let named: Vec<_> = groups.groups().map(|(name, members)| (name, members.len())).collect();
    assert_eq!(named, [("empty", 0), ("staff", 1)]);
}

#[test]
fn nobody_gets_a_flag_by_naming_himself_like_a_marker() {
    let snapshot = snapshot(&["a"], &[("a", "opt_out=User:5")]);
    assert!(!snapshot.is_enabled("a", &["User:5:opt_out"], || 0.0).enabled);
}

#[test]
fn related_actors_get_a_flag_by_name_only() {
    let check = |definitions: &[&str], states: &[(&str, &str)], is: &str| {
        let snapshot = snapshot(definitions, states);
        let decision = snapshot.is_enabled_or_listed("a", &["Project:1"], &["Group:9", "User:1"], || 0.5);
        let word = if decision.enabled { "on" } else { "off" };
        assert_eq!(format!("{word} {}", decision.reason.as_str()), is, "{definitions:?} {states:?}");
    };
    check(&[], &[], "off unknown");
    check(&["!a"], &[], "on default");
    check(&["a"], &[("a", "")], "off off");
    check(&["a"], &[("a", "boolean=true")], "on boolean");
    check(&["a"], &[("a", "actor=Project:1")], "on actors");
    check(&["a"], &[("a", "actor=Group:9")], "on actors");
    check(&["a"], &[("a", "actor=User:1")], "on actors");
    check(&["a"], &[("a", "actor=User:2")], "off off");
    check(&["a"], &[("a", "group=staff")], "off off");
    for opted_out in ["Project:1", "Group:9", "User:1"] {
        check(&["a"], &[("a", &format!("boolean=true opt_out={opted_out}"))], "off opt_out");
        check(&["a"], &[("a", &format!("actor=User:1 opt_out={opted_out}"))], "off opt_out");
    }
    check(&["a>b", "b"], &[("a", "actor=User:1")], "off dependency");
    check(&["a>b", "b"], &[("a", "actor=User:1"), ("b", "actor=User:1")], "off dependency");
    check(&["a>b", "!b"], &[("a", "actor=User:1")], "on actors");
}

#[test]
fn holds_and_opted_out_look_at_the_stored_lists() {
    let snapshot = snapshot(&["a"], &[("a", "boolean=true actor=User:1 opt_out=User:2")]);
    assert!(snapshot.holds("a", "User:1") && !snapshot.holds("a", "User:2"));
    assert!(snapshot.opted_out("a", "User:2") && !snapshot.opted_out("a", "User:1"));
    assert!(!snapshot.holds("b", "User:1") && !snapshot.opted_out("b", "User:2"));
}

#[test]
fn explanations_are_sentences() {
    let check = |definitions: &[&str], states: &[(&str, &str)], actors: &[&str], is: &str| {
        let explanation =
            snapshot(definitions, states).explain("webhooks_failed_callout", actors, || 0.0).to_string();
        assert_eq!(explanation, is);
    };
    let flag = "webhooks_failed_callout";
    let project = &["Project:1"];
    check(
        &[flag],
        &[(flag, "actor=Project:1")],
        project,
        "on because Project:1 is in the list; bucket 3033 of 100000",
    );
    check(&[], &[], &[], "off because there is no such flag: it is neither defined nor stored");
    check(&[flag], &[], &[], "off because nothing is stored and its default is off");
    check(
        &["webhooks_failed_callout>b"],
        &[],
        project,
        "off because it depends on b, which is off; bucket 3033 of 100000",
    );
    check(
        &[flag],
        &[(flag, "actors%=4")],
        project,
        "on because the bucket lies within the percentage of actors; bucket 3033 of 100000",
    );
    check(&[flag], &[(flag, "actors%=4")], &[], "off because no gate is open");
}

#[test]
fn each_percentage_of_time_draws_its_own_number() {
    let snapshot = snapshot(&["a>b", "b"], &[("a", "time%=50"), ("b", "time%=50")]);
    let check = |drawn: &[f64], is: bool| {
        let mut left = drawn.iter();
        let decision = snapshot.is_enabled("a", &[], || *left.next().unwrap());
        assert_eq!((decision.enabled, left.len()), (is, 0), "{drawn:?}");
    };
    check(&[0.1, 0.2], true);
    check(&[0.1, 0.9], false);
    check(&[0.9], false);
    let closed = self::snapshot(&["a"], &[("a", "boolean=true time%=50")]);
    assert!(closed.is_enabled("a", &[], || panic!("nothing to draw for")).enabled);
}
