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
