use super::token;
use crate::v1::broken_world;
use serde_json::json;
use wigwag_access::{SessionLimit, Source, Via};
use wigwag_base::{ProjectId, Secret};
use wigwag_engine::Credential;

#[tokio::test]
async fn the_button_signs_in_once_on_the_hook_pages_alone() {
    let (world, hook, _receiver) = broken_world().await;
    let embed = token(&world, "mia").await;
    let anyone = world.root.anonymous();
    let press =
        || anyone.request("POST", "/embed/session").form(&format!("token={embed}&hook_id={hook}")).send();
    let opened = press().await;
    assert_eq!(opened.status.as_u16(), 303);
    let page = format!("http://{}/projects/{}/hooks/{hook}", world.server.address, world.project);
    assert_eq!(opened.header("location"), page);
    let cookie = opened.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    let value = cookie.strip_prefix("wigwag-button=").unwrap().split(';').next().unwrap().to_owned();
    let credential = Credential::SessionCookie(Secret::new(value));
    let principal = world.server.engine.authenticate(&credential).await.unwrap();
    let source = Source::Project(ProjectId(world.project));
    assert_eq!(principal.via, Via::Session(SessionLimit::HookPages(source)));
    let again = press().await;
    assert_eq!((again.status.as_u16(), again.header("set-cookie")), (303, ""));
    assert_eq!(again.header("location"), page);
}

#[tokio::test]
async fn a_bad_token_opens_nothing() {
    let (world, _, _receiver) = broken_world().await;
    let anyone = world.root.anonymous();
    for form in ["", "token=", "token=a.b.c", "token=a.b.c&to=https://evil.example"] {
        let answer = anyone.request("POST", "/embed/session").form(form).send().await;
        assert_eq!(answer.problem(401), "unauthorized", "{form}");
        assert!(answer.text().contains("Reload the page that showed the banner"), "{}", answer.text());
    }
    let embed = token(&world, "mia").await;
    let form = format!("token={embed}&hook_id=x");
    let answer = anyone.request("POST", "/embed/session").form(&form).send().await;
    assert_eq!(answer.problem(422), "invalid_field");
    world.root.post(&world.v1("/events"), json!({ "type": "push", "payload": 1 })).await.expect(202);
    let as_api = anyone.with_token(&embed).get("/api/v4/user").await;
    assert_eq!(as_api.expect(401)["message"], "401 Unauthorized");
}
