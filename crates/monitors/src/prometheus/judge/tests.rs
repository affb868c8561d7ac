use super::*;
use crate::prometheus::samples::read;
use serde_json::{Value, json};

const NOW_S: f64 = 1_700_000_000.0;

/// What is said about a success with this `data`, whose samples are of these ages.
fn said(data: Value, ages: Option<Value>) -> String {
    let health = Health { service: "web".into(), red_when: "< 1".parse().unwrap(), page: None };
    let answer = |data: Value| read(&json!({ "status": "success", "data": data }));
    let judged = answer(data).and_then(|samples| {
        let ages = ages.map(|ages| answer(ages).unwrap());
        judge(&health, samples, ages.as_ref(), NOW_S)
    });
    shown(judged)
}

fn shown(judged: Result<SourceAnswer, Trouble>) -> String {
    match judged {
        Ok(SourceAnswer::Blocked(all)) => all.into_iter().map(|one| one.what).collect::<Vec<_>>().join("; "),
        Ok(other) => format!("{other:?}"),
        Err(Trouble::Untold(rest)) => rest,
        Err(other) => format!("{other:?}"),
    }
}

fn vector(values: &[(&str, f64, &str)]) -> Value {
    let one = |(job, age_s, value): &(&str, f64, &str)| {
        let metric = json!({ "__name__": "up", "job": job });
        json!({ "metric": metric, "value": [NOW_S - age_s, value] })
    };
    json!({ "resultType": "vector", "result": values.iter().map(one).collect::<Vec<_>>() })
}

fn check(values: &[(&str, f64, &str)], expected: &str) {
    let said = said(vector(values), None);
    assert!(said.starts_with(expected), "{said} does not begin with {expected}");
}

#[test]
fn samples_that_satisfy_the_comparison_block_and_are_named() {
    check(&[("a", 0.0, "1")], "Clear");
    check(&[("a", 0.0, "0")], "web is red: 0 (job=\"a\"), and that is < 1");
    check(
        &[("a", 0.0, "0"), ("b", 0.0, "2"), ("c", 0.0, "0.5")],
        "web is red: 0 (job=\"a\"), and that is < 1; web is red: 0.5",
    );
    check(&[("a", 0.0, "+Inf")], "Clear");
    check(&[("a", 0.0, "-Inf")], "web is red: -Inf (job=\"a\")");
    let scalar = json!({ "resultType": "scalar", "result": [NOW_S, "0"] });
    assert_eq!(said(scalar, None), "web is red: 0, and that is < 1");
}

#[test]
fn what_cannot_be_told_is_named_and_goes_behind_what_is_red() {
    check(&[], "has no series for its query");
    check(&[("a", 0.0, "NaN")], "has no number (job=\"a\") but NaN");
    check(&[("a", 180.0, "1")], "Clear");
    check(&[("a", 180.6, "1")], "has a sample (job=\"a\") that is stale: 181 s old");
    check(&[("a", 181.0, "0")], "has a sample (job=\"a\") that is stale");
    check(&[("a", -60.0, "1")], "Clear");
    check(&[("a", -61.0, "1")], "has a sample (job=\"a\") from the future: 61 s ahead");
    check(&[("a", f64::MAX, "1")], "has a sample (job=\"a\") that is stale: decades old");
    check(&[("a", -f64::MAX, "1")], "has a sample (job=\"a\") from the future: decades");
    check(&[("a", 0.0, "1"), ("b", 0.0, "NaN")], "has no number (job=\"b\")");
    check(&[("a", 0.0, "NaN"), ("b", 0.0, "0")], "web is red: 0 (job=\"b\")");
}

#[test]
fn the_age_of_a_sample_is_that_of_its_scrape() {
    let aged = |a: &str, b: &str| {
        let ages = json!({ "resultType": "vector", "result": [
            { "metric": { "job": "a" }, "value": [NOW_S, a] },
            { "metric": { "job": "b" }, "value": [NOW_S, b] },
        ] });
        said(vector(&[("a", 0.0, "1"), ("b", 0.0, "1")]), Some(ages))
    };
    assert_eq!(aged("1699999990", "1699999900"), "Clear");
    assert!(
        aged("1699999990", "1699999800").starts_with("has a sample (job=\"b\") that is stale: 200 s old")
    );
    assert!(aged("1700000100", "1700000000").starts_with("has a sample (job=\"a\") from the future: 100 s"));
    assert!(aged("NaN", "1700000000").starts_with("Clear"), "then the time of the question counts");
    assert!(aged("1700000000", "+Inf").starts_with("has a sample (job=\"b\") from the future"));
    assert!(aged("1700000000", "-Inf").starts_with("has a sample (job=\"b\") that is stale"));
}

#[test]
fn a_warning_leaves_nothing_clear() {
    let health = Health { service: "web".into(), red_when: "< 1".parse().unwrap(), page: None };
    let warned = |value: &str| {
        let data = vector(&[("a", 0.0, value)]);
        let answer = json!({ "status": "success", "warnings": ["store b\n is away"], "data": data });
        shown(read(&answer).and_then(|samples| judge(&health, samples, None, NOW_S)))
    };
    assert!(warned("1").starts_with("answers with a warning (store b is away)"), "{}", warned("1"));
    assert!(warned("0").starts_with("web is red"));
}

#[test]
fn what_is_no_answer_to_a_query_is_refused() {
    let check = |answer: Value| {
        assert_eq!(read(&answer), Err(Trouble::NotA("the answer to a query")), "{answer}");
    };
    let data = |of: &str, result: Value| json!({ "status": "success", "data": { "resultType": of, "result": result } });
    check(json!(null));
    check(json!([]));
    check(json!({ "status": "fine" }));
    check(json!({ "status": "success" }));
    check(data("tensor", json!([])));
    check(data("vector", json!({})));
    check(data("vector", json!([1])));
    check(data("vector", json!([{ "metric": {} }])));
    check(data("vector", json!([{ "metric": { "job": 1 }, "value": [1, "1"] }])));
    check(data("vector", json!([{ "value": [1, "1"] }])));
    for pair in
        [json!([1]), json!([1, 1]), json!(["1", "1"]), json!([1, "one"]), json!([1, "1", 1]), json!("1")]
    {
        check(data("vector", json!([{ "metric": {}, "value": pair }])));
        check(data("scalar", pair));
    }
}

#[test]
fn other_results_say_what_to_write() {
    let check = |of: &str, result: Value, expected: &str| {
        let said = said(json!({ "resultType": of, "result": result }), None);
        assert!(said.starts_with(expected), "{said}");
    };
    check("matrix", json!([]), "answers with a matrix");
    check("string", json!([1, "x"]), "answers with a string");
    check("vector", json!([{ "metric": {}, "histogram": [1, {}] }]), "answers with histograms");
}

#[test]
fn labels_are_tame_and_bounded() {
    let shown = |count: usize| {
        let all = (0..count).map(|n| (format!("l{n}"), "x".to_owned())).collect();
        labels(&all)
    };
    assert_eq!(shown(0), "");
    assert!(shown(LABELS_SHOWN_MAX).ends_with("l7=\"x\")"), "{}", shown(LABELS_SHOWN_MAX));
    assert!(shown(LABELS_SHOWN_MAX + 1).ends_with("l7=\"x\", and 1 more)"));
    let hostile = BTreeMap::from([("a\u{202e}b".to_owned(), format!("\"\n{}", "x".repeat(1_000)))]);
    let expected = format!(" (ab=\"\\\" {}…\")", "x".repeat(LABEL_CHARS_MAX - 3));
    assert_eq!(labels(&hostile), expected);
}
