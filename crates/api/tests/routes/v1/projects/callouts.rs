use crate::world::World;
use serde_json::{Value, json};
use wigwag_testkit::{Client, Receiver, Reply};

/// A world whose hook was disabled, with the banner's flag on.
pub(crate) async fn broken_world() -> (World, i64, Receiver) {
    let world = World::new().await;
    world.root.post("/api/v4/features/webhooks_failed_callout", json!({ "value": true })).await.created();
    let receiver = Receiver::start().await;
    receiver.replies(Reply::Status(410));
    let hook = world.hook(&receiver, json!({ "name": "Builds <b>" })).await;
    world.push().await;
    world.hook_with_health(hook, "disabled").await;
    (world, hook, receiver)
}

async fn shown(who: &Client, path: &str) -> Vec<Value> {
    who.get(path).await.ok()["callouts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_right_person_sees_the_banner_on_the_right_page() {
    let (world, hook, _receiver) = broken_world().await;
    let path = world.v1("/callouts");
    let banner = shown(&world.maintainer, &path).await.remove(0);
    assert_eq!(
        (&banner["feature_name"], &banner["variant"]),
        (&json!("web_hook_disabled"), &json!("danger"))
    );
    assert_eq!(banner["scope"], json!({ "type": "project", "id": world.project }));
    assert_eq!(banner["hooks"][0]["id"], json!(hook));
    assert_eq!(banner["hooks"][0]["alert_status"], "disabled");
    let url = format!("http://{}/projects/{}/hooks/{hook}", world.server.address, world.project);
    assert_eq!(banner["url"], json!(url));
    assert_eq!(shown(&world.root, &format!("{path}?user=mia&page=/acme/shop")).await.len(), 1);
    for nobody in ["?user=rob", "?user=sam", "?user=nobody", "?user=mia&page=/acme/shop/-/hooks/1"] {
        assert_eq!(shown(&world.root, &format!("{path}{nobody}")).await.len(), 0, "{nobody}");
    }
    assert_eq!(shown(&world.reporter, &path).await.len(), 0);
    assert_eq!(shown(&world.stranger, &path).await.len(), 0);
    assert_eq!(shown(&world.stranger, "/v1/projects/99/callouts").await.len(), 0);
    assert_eq!(shown(&world.stranger, "/v1/projects/no%2Fsuch/callouts?page=%0d%0a").await.len(), 0);
    let other = world.reporter.get(&format!("{path}?user=mia")).await;
    assert_eq!(other.problem(403), "forbidden");
    assert_eq!(world.root.anonymous().get(&path).await.problem(401), "unauthorized");
    let platform = world.server.token_of("sam", &["callouts"]).await;
    assert_eq!(shown(&platform, &format!("{path}?user=mia")).await.len(), 1);
}

#[tokio::test]
async fn no_answer_tells_whether_a_project_exists() {
    let (world, _, _receiver) = broken_world().await;
    let other = json!({ "name": "Other" });
    let other = world.stranger.post("/api/v4/projects", other).await.created()["id"].clone();
    let embed = crate::embed::token(&world, "mia").await;
    let bound = json!({ "name": "bound", "scopes": ["api"], "project": "acme/shop" });
    let bound = world.root.post("/api/v4/users/mia/personal_access_tokens", bound).await.created();
    let bound = world.root.with_token(bound["token"].as_str().unwrap());
    let anyone = world.root.anonymous();
    let bearer = format!("Bearer {embed}");
    let by_embed =
        |method: &str, path: &str| anyone.request(method, path).header("authorization", &bearer).send();
    for rest in ["", "?user=mia", "?user=sam", "?user=nobody"] {
        let (there, nowhere) =
            (format!("/v1/projects/{other}/callouts{rest}"), format!("/v1/projects/99/callouts{rest}"));
        for path in [&there, &nowhere] {
            assert_eq!(by_embed("GET", path).await.ok(), json!({ "callouts": [] }), "{path}");
            assert_eq!(bound.get(path).await.ok(), json!({ "callouts": [] }), "{path}");
        }
        let told = |answer: wigwag_testkit::Answer| (answer.status, answer.text());
        assert_eq!(
            told(world.reporter.get(&there).await),
            told(world.reporter.get(&nowhere).await),
            "{rest}"
        );
    }
    let dismiss = |id: &str| format!("/v1/projects/{id}/callouts/web_hook_disabled/dismiss");
    let (there, nowhere) = (dismiss(&other.to_string()), dismiss("99"));
    for input in [json!({}), json!({ "user": "sam" }), json!({ "user": "nobody" })] {
        for who in [&world.reporter, &bound] {
            let (one, two) = (who.post(&there, input.clone()).await, who.post(&nowhere, input.clone()).await);
            assert_eq!((one.status, one.text()), (two.status, two.text()), "{input}");
        }
    }
    assert_eq!(by_embed("POST", &there).await.problem(404), by_embed("POST", &nowhere).await.problem(404));
    let none = "/v1/groups/99/callouts";
    let there = format!("/v1/groups/{}/callouts", world.group);
    assert_eq!(by_embed("GET", &there).await.ok(), by_embed("GET", none).await.ok());
}

#[tokio::test]
async fn dismissed_here_it_stays_away_here_until_something_gets_worse() {
    let (world, hook, _receiver) = broken_world().await;
    let (path, dismiss) = (world.v1("/callouts"), world.v1("/callouts/web_hook_disabled/dismiss"));
    assert_eq!(world.reporter.post(&dismiss, json!({ "user": "mia" })).await.problem(403), "forbidden");
    assert_eq!(world.root.post(&dismiss, json!({ "user": "nobody" })).await.problem(404), "not_found");
    let unknown = world.v1("/callouts/nonsense/dismiss");
    assert_eq!(world.maintainer.post(&unknown, json!({})).await.problem(404), "not_found");
    assert_eq!(shown(&world.maintainer, &path).await.len(), 1);
    world.maintainer.request("POST", &dismiss).send().await.done();
    assert_eq!(shown(&world.maintainer, &path).await.len(), 0);
    world.maintainer.post(&world.v1(&format!("/hooks/{hook}/enable")), json!({})).await.done();
    world.hook_with_health(hook, "healthy").await;
    world.push().await;
    world.hook_with_health(hook, "disabled").await;
    assert_eq!(shown(&world.maintainer, &path).await.len(), 1);
    world.root.post(&dismiss, json!({ "user": "mia" })).await.done();
    assert_eq!(shown(&world.maintainer, &path).await.len(), 0);
}
