use crate::world::World;
use serde_json::json;
use wigwag_api::limits::SILENT_PLACES_MAX;

const PATH: &str = "/v1/notices/preferences";

#[tokio::test]
async fn one_chooses_what_one_is_told_of_by_mail() {
    let world = World::new().await;
    let (mia, rob) = (&world.maintainer, &world.reporter);
    let everything = json!({ "mail": true, "silent_projects": [], "silent_groups": [] });
    assert_eq!(mia.get(PATH).await.ok(), everything);
    let chosen = mia.put(PATH, json!({ "silent_projects": [world.project], "other": 1 })).await.ok();
    assert_eq!(chosen, json!({ "mail": true, "silent_projects": [world.project], "silent_groups": [] }));
    let chosen = mia.put(PATH, json!({ "mail": false })).await.ok();
    assert_eq!(chosen, json!({ "mail": false, "silent_projects": [world.project], "silent_groups": [] }));
    assert_eq!(rob.get(PATH).await.ok(), everything, "each for oneself");
    let chosen = mia.put(PATH, json!({ "mail": true, "silent_projects": [] })).await.ok();
    assert_eq!(chosen, everything);
    let of_group = json!({ "silent_groups": [world.group] });
    assert_eq!(world.root.put(PATH, of_group).await.ok()["silent_groups"], json!([world.group]));
}

#[tokio::test]
async fn what_one_does_not_see_is_not_there_and_a_list_has_an_end() {
    let world = World::new().await;
    let unseen = json!({ "silent_projects": [world.project] });
    assert_eq!(world.stranger.put(PATH, unseen).await.problem(404), "not_found");
    let long = |count: usize| json!({ "silent_projects": vec![999; count] });
    assert_eq!(world.root.put(PATH, long(SILENT_PLACES_MAX)).await.problem(404), "not_found");
    assert_eq!(world.root.put(PATH, long(SILENT_PLACES_MAX + 1)).await.problem(422), "invalid_field");
    assert_eq!(world.root.put(PATH, json!({ "mail": "no" })).await.problem(422), "invalid_field");
    assert_eq!(world.root.anonymous().get(PATH).await.problem(401), "unauthorized");
}
