use crate::v1::broken_world;
use serde_json::json;

const OUTCOMES: &str = "/v1/callouts/outcomes";

#[tokio::test]
async fn what_banners_led_to_is_told_to_admins() {
    let (world, hook, _receiver) = broken_world().await;
    for _ in 0..2 {
        world.maintainer.get(&world.v1("/callouts")).await.ok();
    }
    let dismiss = world.v1("/callouts/web_hook_disabled/dismiss");
    world.maintainer.request("POST", &dismiss).send().await.done();
    let told = world.root.get(OUTCOMES).await.ok();
    assert_eq!((&told["shown"], &told["followed"], &told["dismissed"]), (&json!(1), &json!(0), &json!(1)));
    let hooks = json!({ "mended": 0, "deleted": 0, "switched_off": 0, "ignored": 0, "failing": 1 });
    assert_eq!(told["hooks"], hooks);
    assert_eq!(told["time_to_mend_s"], json!({ "median": null, "p90": null }));
    world.maintainer.post(&world.v1(&format!("/hooks/{hook}/enable")), json!({})).await.done();
    let told = world.root.get(&format!("{OUTCOMES}?since=2026-01-01")).await.ok();
    assert_eq!((&told["hooks"]["mended"], &told["hooks"]["failing"]), (&json!(1), &json!(0)));
    assert_eq!(told["since"], "2026-01-01T00:00:00.000Z");
    assert_eq!(told["time_to_mend_s"], json!({ "median": 0, "p90": 0 }));
    let later = world.root.get(&format!("{OUTCOMES}?since=2030-01-01")).await.ok();
    assert_eq!((&later["shown"], &later["hooks"]["mended"]), (&json!(0), &json!(0)));
    let metrics = world.root.get("/metrics").await.text();
    assert!(metrics.contains("wigwag_callout_hooks_ended_total{ending=\"mended\"} 1"), "{metrics}");
    assert!(metrics.contains("wigwag_callout_hooks_failing 0"), "{metrics}");
    assert_eq!(world.root.get(&format!("{OUTCOMES}?since=then")).await.problem(422), "invalid_field");
    assert_eq!(world.maintainer.get(OUTCOMES).await.problem(403), "forbidden");
    assert_eq!(world.root.anonymous().get(OUTCOMES).await.problem(401), "unauthorized");
}
