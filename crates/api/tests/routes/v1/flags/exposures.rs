use crate::v1::broken_world;
use crate::world::World;
use serde_json::{Value, json};

const REPORT: &str = "/v1/flags/exposures";

fn counted(flag: &str, count: u64) -> Value {
    json!({ "flag": flag, "enabled": true, "reason": "boolean", "count": count })
}

#[tokio::test]
async fn a_programs_counts_are_taken_in() {
    let world = World::new().await;
    let reader = world.server.user_with("app", &["flags:read"]).await;
    let rows = [counted("webhooks_failed_callout", 7), counted("nothing", 7)];
    reader.post(REPORT, json!({ "exposures": rows })).await.done();
    reader.post(REPORT, json!({ "environment": "dev", "exposures": [] })).await.done();
    let asked = "/ofrep/v1/evaluate/flags/webhooks_failed_callout";
    reader.post(asked, json!({})).await.ok();
    reader.post("/ofrep/v1/evaluate/flags", json!({})).await.ok();
    reader.get("/v1/flags/webhooks_failed_callout/explain").await.ok();
    let counted = reader.get("/v1/flags/webhooks_failed_callout/exposures").await.ok();
    let row = |enabled: bool, reason: &str, count: u64| json!({ "enabled": enabled, "reason": reason, "count": count });
    assert_eq!(counted["totals"], json!([row(true, "boolean", 7), row(false, "default", 2)]));
    let step = json!({ "at": "2026-01-01T00:00:00.000Z", "on": 7, "off": 2 });
    assert_eq!((&counted["series"], &counted["step_s"]), (&json!([step]), &json!(300)));
    let dev = reader.get("/v1/flags/webhooks_failed_callout/exposures?environment=dev").await.ok();
    assert_eq!((&dev["totals"], &dev["environment"]), (&json!([]), &json!("dev")));
    assert_eq!(reader.get("/v1/flags/nothing/exposures").await.problem(404), "not_found");
    let metrics = world.root.get("/metrics").await.text();
    let of = "flag=\"webhooks_failed_callout\",environment=\"production\"";
    for (rest, count) in
        [("decision=\"on\",reason=\"boolean\"", 7), ("decision=\"off\",reason=\"default\"", 2)]
    {
        let line = format!("wigwag_flag_evaluations_total{{{of},{rest}}} {count}\n");
        assert!(metrics.contains(&line), "{line} is missing in {metrics}");
    }
}

#[tokio::test]
async fn a_report_has_no_more_rows_than_it_may() {
    let world = World::new().await;
    let of = |rows: usize| json!({ "exposures": vec![json!({ "flag": "", "enabled": true, "reason": "", "count": 0 }); rows] });
    world.root.post(REPORT, of(1_000)).await.done();
    assert_eq!(world.root.post(REPORT, of(1_001)).await.problem(422), "invalid_field");
}

#[tokio::test]
async fn a_report_that_is_wrong_is_refused() {
    let world = World::new().await;
    let check = async |input: Value, status: u16| world.root.post(REPORT, input).await.problem(status);
    assert_eq!(check(json!({}), 422).await, "invalid_field");
    assert_eq!(check(json!({ "exposures": [{ "flag": "f" }] }), 422).await, "invalid_field");
    assert_eq!(
        check(json!({ "exposures": [counted("f", 1)], "environment": "moon" }), 404).await,
        "not_found"
    );
    let mut negative = counted("webhooks_failed_callout", 0);
    negative["count"] = json!(-1);
    assert_eq!(check(json!({ "exposures": [negative] }), 422).await, "invalid_field");
    assert_eq!(world.maintainer.post(REPORT, json!({ "exposures": [] })).await.problem(403), "forbidden");
    assert_eq!(
        world.root.anonymous().post(REPORT, json!({ "exposures": [] })).await.problem(401),
        "unauthorized"
    );
}

#[tokio::test]
async fn the_servers_own_decisions_count_too() {
    let (world, _, _receiver) = broken_world().await;
    let asked = async || {
        let counted = world.root.get("/v1/flags/webhooks_failed_callout/exposures").await.ok();
        counted["totals"].as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum::<u64>()
    };
    let before = asked().await;
    world.maintainer.get(&world.v1("/callouts")).await.ok();
    assert_eq!(asked().await, before + 1);
}
