//! Every field of a hook at its limit, which is taken, and one over it, which is refused with the field and the rule.

use crate::world::World;
use serde_json::{Value, json};

/// So many pairs of a name and a value.
fn pairs(count: usize) -> Value {
    (0..count).map(|n| json!({ "key": format!("n{n}"), "value": "v" })).collect()
}

fn pair(name: usize, value: usize) -> Value {
    json!([{ "key": "n".repeat(name), "value": "v".repeat(value) }])
}

/// A signing token of so many bytes, all zero.
fn signing(bytes: usize) -> Value {
    let digits = (bytes * 8).div_ceil(6);
    json!(format!("whsec_{}{}", "A".repeat(digits), "=".repeat(digits.next_multiple_of(4) - digits)))
}

/// A failure policy that never disables, unless that is what is asked for.
fn policy(field: &str, value: Value) -> Value {
    let mut policy = json!({ "permanent_at": null });
    policy[field] = value;
    policy
}

fn delays(count: usize, last_s: i64) -> Value {
    let mut delays = vec![5; count];
    delays[count - 1] = last_s;
    json!({ "delays_s": delays })
}

/// Field, a value at its limit, one over it, and what the refusal says.
fn limits() -> Vec<(&'static str, Value, Value, &'static str)> {
    let text = |length: usize| json!("x".repeat(length));
    let url = |bytes: usize| json!(format!("http://127.0.0.1:9/{}", "x".repeat(bytes - 19)));
    let template = |length: usize| json!(format!("\"{}\"", "x".repeat(length - 2)));
    let regex = |length: usize| json!("x".repeat(length));
    let types = |count: usize, length: usize| json!(vec!["x".repeat(length); count]);
    let distinct = |count: usize| json!((0..count).map(|n| format!("t{n}")).collect::<Vec<_>>());
    vec![
        ("url", url(2_048), url(2_049), "too long (maximum is 2048"),
        ("name", json!("ü".repeat(255)), json!("ü".repeat(256)), "maximum is 255"),
        ("description", json!("ü".repeat(2_048)), json!("ü".repeat(2_049)), "maximum is 2048"),
        ("token", text(4_096), text(4_097), "maximum is 4096"),
        ("signing_token", signing(24), signing(23), "24 to 64 bytes"),
        ("signing_token", signing(64), signing(65), "24 to 64 bytes"),
        ("custom_headers", pairs(20), pairs(21), "must be at most 20"),
        ("custom_headers", pair(255, 1), pair(256, 1), "1 to 255"),
        ("custom_headers", pair(1, 2_048), pair(1, 2_049), "1 to 2048 bytes"),
        ("url_variables", pairs(20), pairs(21), "must be at most 20"),
        ("url_variables", pair(255, 1), pair(256, 1), "at most 255"),
        ("url_variables", pair(1, 2_048), pair(1, 2_049), "1 to 2048 bytes"),
        ("custom_webhook_template", template(4_096), template(4_097), "maximum is 4096"),
        ("push_events_branch_filter", regex(5_000), regex(5_001), "maximum is 5000"),
        ("event_types", distinct(64), distinct(65), "at most 64"),
        ("event_types", types(1, 128), types(1, 129), "1 to 128"),
        ("rate_per_minute", json!(1), json!(0), "between 1 and"),
        ("rate_per_minute", json!(u32::MAX), json!(i64::from(u32::MAX) + 1), "between 1 and"),
        ("failure_policy", policy("threshold", json!(1)), policy("threshold", json!(0)), "threshold"),
        ("failure_policy", policy("threshold", json!(1_000)), policy("threshold", json!(1_001)), "1000"),
        (
            "failure_policy",
            policy("first_pause_s", json!(1)),
            policy("first_pause_s", json!(0)),
            "first_pause_s",
        ),
        ("failure_policy", policy("factor", json!(1.0)), policy("factor", json!(0.99)), "factor"),
        ("failure_policy", policy("factor", json!(100.0)), policy("factor", json!(100.1)), "factor"),
        (
            "failure_policy",
            policy("max_pause_s", json!(604_800)),
            policy("max_pause_s", json!(604_801)),
            "max_pause_s",
        ),
        (
            "failure_policy",
            policy("permanent_at", json!(1_000_000)),
            policy("permanent_at", json!(1_000_001)),
            "permanent_at",
        ),
        ("retry_policy", delays(32, 5), delays(33, 5), "32"),
        ("retry_policy", delays(1, 604_800), delays(1, 604_801), "delays_s"),
        ("ordering", json!("strict"), json!("stricter"), "must be any or strict"),
        ("client_certificate", json!(""), text(16_385), "maximum is 16384"),
    ]
}

#[tokio::test]
async fn every_field_is_taken_at_its_limit_and_refused_one_over_it() {
    let world = World::new().await;
    let hooks = world.v4("/hooks");
    for (field, at, over, words) in limits() {
        let input = |value: &Value| {
            let mut input = json!({ "url": "http://127.0.0.1:9/" });
            input[field] = value.clone();
            input
        };
        let made = world.maintainer.post(&hooks, input(&at)).await.created();
        let one = format!("{hooks}/{}", made["id"]);
        let before = world.maintainer.get(&one).await.ok();
        for refused in [
            world.maintainer.post(&hooks, input(&over)).await.expect(422),
            world.maintainer.put(&one, input(&over)).await.expect(422),
        ] {
            let told = refused.to_string();
            assert!(told.contains(field) || field == "url", "{field}: {told}");
            assert!(told.contains(words), "{field}: {told}");
        }
        assert_eq!(
            world.maintainer.get(&one).await.ok(),
            before,
            "{field}: a refused change changes nothing"
        );
        world.maintainer.delete(&one).await.done();
    }
    assert_eq!(world.maintainer.get(&hooks).await.ok(), json!([]));
}

#[tokio::test]
async fn line_breaks_and_controls_are_refused_wherever_they_are() {
    let world = World::new().await;
    for evil in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\u{7f}b"] {
        let named = |name: &str, value: &str| json!([{ "key": name, "value": value }]);
        for (field, value) in [
            ("url", json!(format!("http://127.0.0.1:9/{evil}"))),
            ("name", json!(evil)),
            ("token", json!(evil)),
            ("custom_headers", named(evil, "1")),
            ("custom_headers", named("X-A", evil)),
            ("url_variables", named(evil, "1")),
            ("url_variables", named("a", evil)),
            ("event_types", json!([evil])),
        ] {
            let mut input = json!({ "url": "http://127.0.0.1:9/" });
            input[field] = value;
            let answer = world.maintainer.post(&world.v4("/hooks"), input).await;
            let told = answer.expect(422).to_string();
            assert!(told.contains(field) || field == "url", "{field} {evil:?}: {told}");
        }
    }
    assert_eq!(world.maintainer.get(&world.v4("/hooks")).await.ok(), json!([]));
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_field() {
    let world = World::new().await;
    for (field, value, words) in [
        ("custom_webhook_template", json!("Hello"), "must be JSON"),
        (
            "custom_webhook_template",
            json!(format!("\"{}\"", "x".repeat(4_095))),
            "is too long (maximum is 4096",
        ),
        ("custom_webhook_template", json!("{\"a\":\"{{}}\"}"), "names no value"),
        ("push_events_branch_filter", json!("x".repeat(5_001)), "is too long (maximum is 5000"),
        ("branch_filter_strategy", json!("glob"), "must be wildcard, regex or all_branches"),
        ("custom_headers", json!([{ "key": "X-A\r\nX-B", "value": "1" }]), "has the name"),
        ("custom_headers", json!([{ "key": "X-A", "value": "1\r\nX-B: 2" }]), "has a wrong value for X-A"),
        ("custom_headers", json!([{ "key": "X-Gitlab-Token", "value": "1" }]), "must not set X-Gitlab-Token"),
        ("custom_headers", json!([{ "key": "X-A" }]), "has no value for X-A"),
        ("custom_headers", json!([{ "value": "1" }]), "must each have a key"),
        ("url_variables", json!([{ "key": "1", "value": "1" }]), "has the name"),
    ] {
        let input = json!({ "url": "http://127.0.0.1:9/", field: value });
        let refused = world.maintainer.post(&world.v4("/hooks"), input).await.expect(422);
        assert!(refused["message"][field][0].as_str().unwrap().contains(words), "{field}: {refused}");
    }
    let regex = json!({
        "url": "http://127.0.0.1:9/", "branch_filter_strategy": "regex", "push_events_branch_filter": "((a{1000}){1000}){1000}",
    });
    let refused = world.maintainer.post(&world.v4("/hooks"), regex).await.expect(422);
    assert!(
        refused["message"]["push_events_branch_filter"][0]
            .as_str()
            .unwrap()
            .contains("no regular expression")
    );
    assert_eq!(world.maintainer.get(&world.v4("/hooks")).await.ok(), json!([]), "nothing was kept");
}
