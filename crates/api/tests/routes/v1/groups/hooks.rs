use crate::world::World;
use serde_json::json;
use wigwag_testkit::Receiver;

#[tokio::test]
async fn a_groups_hook_is_enabled_by_its_owner() {
    let world = World::new().await;
    let hooks = format!("/api/v4/groups/{}/hooks", world.group);
    let hook = world.root.post(&hooks, json!({ "url": "http://127.0.0.1:9/" })).await.created()["id"].clone();
    let enable = format!("/v1/groups/acme/hooks/{hook}/enable");
    world.root.post(&enable, json!({})).await.done();
    assert_eq!(world.maintainer.post(&enable, json!({})).await.problem(404), "not_found");
    assert_eq!(world.root.post("/v1/groups/acme/hooks/99/enable", json!({})).await.problem(404), "not_found");
}

#[tokio::test]
async fn what_did_not_reach_a_groups_or_the_systems_hook_is_listed_and_sent_again() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    for (v4, v1) in [("/api/v4/groups/acme/hooks", "/v1/groups/acme/hooks"), ("/api/v4/hooks", "/v1/hooks")] {
        let off = json!({ "url": receiver.url(), "push_events": true, "enabled": false });
        let hook = world.root.post(v4, off).await.created()["id"].clone();
        let event = world.push().await;
        let (deliveries, replay) = (format!("{v1}/{hook}/deliveries"), format!("{v1}/{hook}/replay"));
        let listed = async |query: &str| world.root.get(&format!("{deliveries}?{query}")).await;
        while listed("state=skipped").await.ok() == json!([]) {
            tokio::task::yield_now().await;
        }
        let all = listed("").await;
        assert_eq!(all.header("x-total"), "1");
        let row = &all.ok()[0];
        assert_eq!((&row["event_id"], &row["hook_id"]), (&json!(event), &hook));
        assert_eq!((&row["state"], &row["reason"]), (&json!("skipped"), &json!("switched_off")));
        assert_eq!(listed(&format!("hook_id={hook}&event_type=push&state=held")).await.ok(), json!([]));
        assert_eq!(listed("hook_id=999").await.problem(422), "invalid_field");
        assert_eq!(listed("since=yesterday").await.problem(422), "invalid_field");

        world.root.put(&format!("{v4}/{hook}"), json!({ "enabled": true })).await.ok();
        let count = |count: u64| json!({ "count": count, "more": false });
        assert_eq!(world.root.post(&replay, json!({ "dry_run": true })).await.ok(), count(1));
        let filter = json!({ "filter": { "hook_id": 999 } });
        assert_eq!(world.root.post(&replay, filter).await.problem(422), "invalid_field");
        let filter = json!({ "filter": { "state": ["given_up"], "hook_id": hook } });
        assert_eq!(world.root.post(&replay, filter).await.ok(), count(0));
        assert!(receiver.is_quiet());
        assert_eq!(world.root.post(&replay, json!({})).await.ok(), count(1));
        receiver.next().await;
        for path in [&deliveries, &replay] {
            let gone = path.replace(&format!("/{hook}/"), "/999/");
            let refused = if path == &replay {
                [world.root.post(&gone, json!({})).await, world.maintainer.post(path, json!({})).await]
            } else {
                [world.root.get(&gone).await, world.maintainer.get(path).await]
            };
            assert_eq!(refused[0].problem(404), "not_found");
            let hidden = refused[1].problem(refused[1].status.as_u16());
            assert!(["not_found", "forbidden"].contains(&hidden.as_str()), "{path}: {hidden}");
        }
        world.root.delete(&format!("{v4}/{hook}")).await.done();
    }
}

#[tokio::test]
async fn a_projects_hook_has_these_routes_too() {
    let world = World::new().await;
    let mut receiver = Receiver::start().await;
    let hook = world.hook(&receiver, json!({})).await;
    world.push().await;
    receiver.next().await;
    let path = |rest: &str| world.v1(&format!("/hooks/{hook}/{rest}"));
    while world.maintainer.get(&path("deliveries")).await.ok() == json!([]) {
        tokio::task::yield_now().await;
    }
    let delivered = json!({ "filter": { "state": ["delivered"] } });
    let again = world.maintainer.post(&path("replay"), delivered).await.ok();
    assert_eq!(again, json!({ "count": 1, "more": false }));
    receiver.next().await;
    assert_eq!(world.reporter.get(&path("deliveries")).await.problem(403), "forbidden");
    assert_eq!(world.reporter.post(&path("replay"), json!({})).await.problem(403), "forbidden");
    assert_eq!(world.stranger.post(&path("replay"), json!({})).await.problem(404), "not_found");
}
