//! Members of projects and groups.

use crate::world::World;
use serde_json::json;

#[tokio::test]
async fn a_membership_is_made_changed_and_ended() {
    let world = World::new().await;
    let sam = world.stranger.get("/api/v4/user").await.ok()["id"].clone();
    let (list, one) = (world.v4("/members"), world.v4(&format!("/members/{sam}")));
    let input = json!({ "user_id": sam, "access_level": 30 });
    let made = world.maintainer.post(&list, input.clone()).await.created();
    assert_eq!((&made["username"], &made["access_level"]), (&json!("sam"), &json!(30)));
    assert_eq!(world.maintainer.post(&list, input).await.expect(409)["message"], "Member already exists");
    assert_eq!(world.stranger.get(&one).await.ok()["access_level"], 30);
    let changed = world.maintainer.request("PUT", &one).form("access_level=20").send().await.ok();
    assert_eq!(changed["access_level"], 20);
    world.maintainer.delete(&one).await.done();
    assert_eq!(world.maintainer.get(&one).await.expect(404)["message"], "404 Not found");
    world.stranger.get(&list).await.expect(404);
}

#[tokio::test]
async fn inherited_members_are_listed_with_all() {
    let world = World::new().await;
    let group = format!("/api/v4/groups/{}/members", world.group);
    world.root.post(&group, json!({ "username": "sam", "access_level": 50 })).await.created();
    let names = |listed: serde_json::Value| {
        let listed = listed.as_array().unwrap().clone();
        listed.iter().map(|one| one["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(world.reporter.get(&world.v4("/members")).await.ok()), ["mia", "rob"]);
    assert_eq!(
        names(world.reporter.get(&world.v4("/members/all")).await.ok()),
        ["root", "mia", "rob", "sam"]
    );
    let sam = world.stranger.get("/api/v4/user").await.ok()["id"].clone();
    let inherited = world.reporter.get(&world.v4(&format!("/members/all/{sam}"))).await.ok();
    assert_eq!(inherited["access_level"], 50);
    world.reporter.get(&world.v4(&format!("/members/{sam}"))).await.expect(404);
    let in_group = world.stranger.get(&format!("{group}/all/{sam}")).await.ok();
    assert_eq!(in_group["access_level"], 50);
    world.stranger.put(&format!("{group}/{sam}"), json!({ "access_level": 10 })).await.ok();
    assert_eq!(world.stranger.get(&format!("{group}/{sam}")).await.ok()["access_level"], 10);
    world.stranger.delete(&format!("{group}/{sam}")).await.expect(403);
    world.root.delete(&format!("{group}/{sam}")).await.done();
}

#[tokio::test]
async fn nobody_gives_what_is_not_theirs() {
    let world = World::new().await;
    let list = world.v4("/members");
    let check = async |who: &wigwag_testkit::Client, input: serde_json::Value, status: u16, told: &str| {
        let answer = who.post(&list, input.clone()).await;
        assert!(answer.expect(status).to_string().contains(told), "{input}: {}", answer.text());
    };
    check(&world.maintainer, json!({ "username": "sam", "access_level": 50 }), 403, "403 Forbidden").await;
    check(&world.reporter, json!({ "username": "sam", "access_level": 10 }), 403, "403 Forbidden").await;
    check(&world.stranger, json!({ "username": "sam", "access_level": 10 }), 404, "404 Project Not Found")
        .await;
    check(&world.maintainer, json!({ "username": "sam", "access_level": 35 }), 400, "access_level").await;
    check(&world.maintainer, json!({ "username": "sam" }), 400, "access_level is missing").await;
    check(&world.maintainer, json!({ "access_level": 10 }), 400, "user_id is missing").await;
    check(&world.maintainer, json!({ "user_id": 99, "access_level": 10 }), 404, "404 User Not Found").await;
}
