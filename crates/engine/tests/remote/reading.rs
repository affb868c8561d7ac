//! Reading another server's flags.

use crate::gitlab::{FEATURES, Reply};
use crate::world::World;
use std::time::Duration;
use wigwag_access::Scope;
use wigwag_engine::Credential;

const STORED: [&str; 5] = [
    "new_dashboard: actors: Project:42, User:7; opted out: User:8",
    "old_editor: on for everyone",
    "quick_search: 34 % of actors",
    "staff_only: 5 % of time; groups: gitlab_team_members",
    "switched_off: off for everyone",
];

#[tokio::test]
async fn a_gitlabs_features_are_taken_exactly_and_evaluated_here() {
    let world = World::new().await;
    assert_eq!(world.stored(), STORED);
    let root = &world.house.root;
    let explain = |flag: &str, actor: &str| {
        let told = world.engine().explain_flag(root, "canary", flag, &[actor]).unwrap();
        format!("{} {}", told.enabled, told.reason)
    };
    assert_eq!(explain("new_dashboard", "Project:42"), "true actors");
    assert_eq!(explain("new_dashboard", "User:8"), "false off");
    assert_eq!(explain("old_editor", "User:1"), "true boolean");
    // crc32("quick_searchProject:4") % 100000 is 10313, below 34 %; of Project:1 it is 58054.
    assert_eq!(explain("quick_search", "Project:4"), "true percentage_of_actors");
    assert_eq!(explain("quick_search", "Project:1"), "false off");
    assert_eq!(explain("pool_size", "User:1"), "true default");
    assert_eq!(explain("no_such", "User:1"), "false unknown");
    let definitions = world.engine().flag_definitions(root, "production").unwrap();
    let names: Vec<&str> = definitions.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["new_dashboard", "old_worker", "pool_size"]);
    let status = world.status();
    assert_eq!((status.trouble, status.read_at), (None, Some(world.engine().now())));
    let told: Vec<_> = status.findings.iter().map(|one| format!("{}: {}", one.file, one.rule)).collect();
    assert_eq!(told, ["old_worker: is not known here; taken as development"]);
}

#[tokio::test]
async fn it_is_read_by_itself_with_the_token_that_is_configured() {
    let world = World::unread().await;
    let mut rings = world.engine().flag_board().changed();
    while world.status().read_at.is_none() {
        tokio::time::timeout(Duration::from_secs(20), rings.changed()).await.unwrap().unwrap();
    }
    let asked = world.gitlab.asked();
    assert_eq!(asked[0], "GET /api/v4/features?per_page=100&page=1 glpat-secret");
    assert_eq!(asked[1], "GET /api/v4/features/definitions glpat-secret");
}

#[tokio::test]
async fn every_page_is_read() {
    let world = World::unread().await;
    world.gitlab.features(Reply::new(200, FEATURES).with("x-pages", "2"));
    world.look().await;
    assert_eq!(world.stored(), STORED);
    let pages = world.gitlab.asked().iter().filter(|line| line.contains("per_page=100&page=3")).count();
    assert!(pages > 0);
    world.gitlab.features(Reply::new(200, FEATURES).with("x-pages", "5"));
    world.look().await;
    assert_eq!((world.stored(), world.trouble().as_str()), (STORED.map(str::to_owned).to_vec(), "none"));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again_and_rings_nobody() {
    let world = World::new().await;
    world.gitlab.features(Reply::new(200, FEATURES).with("etag", "W/\"1\""));
    world.look().await;
    world.gitlab.asked();
    let mut rings = world.engine().flag_board().changed();
    rings.mark_unchanged();
    world.look().await;
    assert_eq!(
        world.gitlab.asked()[0],
        "GET /api/v4/features?per_page=100&page=1 glpat-secret unless W/\"1\""
    );
    assert!(!rings.has_changed().unwrap());
    assert_eq!(world.stored(), STORED);
    world.gitlab.features(Reply::new(200, "[]").with("etag", "W/\"2\""));
    world.look().await;
    assert!(rings.has_changed().unwrap());
    assert_eq!(world.stored(), [""; 0]);
}

#[tokio::test]
async fn without_definitions_those_that_come_with_features_do() {
    let world = World::unread().await;
    world.gitlab.definitions(Reply::new(404, crate::gitlab::NOT_FOUND));
    world.look().await;
    assert_eq!(world.trouble(), "none");
    let definitions = world.engine().flag_definitions(&world.house.root, "production").unwrap();
    assert_eq!(definitions.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["new_dashboard"]);
}

#[tokio::test]
async fn an_environment_tells_how_it_stands_to_those_who_may_read_it() {
    let world = World::new().await;
    let ann = world.house.user("ann").await;
    let engine = world.engine();
    let nobody = world.house.with_token(&ann, &[Scope::Api]).await;
    assert!(engine.environments(&nobody).is_err());
    let reader = world.house.with_token(&ann, &[Scope::FlagsRead]).await;
    let names = |principal| -> Vec<String> {
        engine.environments(principal).unwrap().into_iter().map(|one| one.name).collect()
    };
    assert_eq!(names(&reader), ["dev", "canary", "production"]);
    let input = wigwag_engine::TokenInput {
        environments: Some(vec!["production".into()]),
        ..crate::common::house::token_input(&[Scope::FlagsRead])
    };
    let made = engine.create_token(&world.house.root, ann.id, input).await.unwrap();
    let bound = engine.authenticate(&Credential::PrivateToken(made.text)).await.unwrap();
    assert_eq!(names(&bound), ["canary", "production"]);
    let canary = engine.environments(&bound).unwrap().remove(0);
    assert_eq!(
        (canary.flags_of.as_deref(), canary.remote.unwrap().url),
        (Some("production"), world.gitlab.url())
    );
}
