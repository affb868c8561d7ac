//! Who may what, and from which channel.

use crate::world::World;
use wigwag_access::ChatRole;

#[tokio::test]
async fn roles_open_what_they_say_in_chats() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.person("vera", ChatRole::Viewer).await;
    world.person("dora", ChatRole::Developer).await;
    world.person("rita", ChatRole::Release).await;
    for (who, text, allowed) in [
        ("stranger", "feature get stock", true),
        ("stranger", "feature list", true),
        ("stranger", "help", true),
        ("stranger", "feature set stock false --dev", false),
        ("stranger", "rollout note stock 'hello'", false),
        ("vera", "feature get stock", true),
        ("vera", "hooks failing", true),
        ("vera", "feature set stock true --dev", false),
        ("vera", "feature set stock false --dev", false),
        ("vera", "rollout note stock 'hello'", false),
        ("dora", "feature set stock true --dev", true),
        ("dora", "feature set stock 10 --actors", false),
        ("dora", "feature set stock false", true),
        // It forgets that somebody set it there, and leaves everybody with what they had.
        ("dora", "feature delete stock", false),
        ("dora", "rollout note stock 'hello'", true),
        ("rita", "feature set stock 10 --actors", true),
        ("rita", "feature delete stock", true),
    ] {
        let told = world.says(who, "#production", text).await;
        assert_eq!(!told.starts_with("refused"), allowed, "{who}: {text}\n{told}");
    }
}

#[tokio::test]
async fn who_is_not_known_is_told_how_to_become_so() {
    let world = World::new().await;
    let told = world.says("stranger", "#production", "feature set stock true --dev").await;
    assert!(told.contains("wigwag chat link") && told.contains("/chatops run link CODE"), "{told}");
}

#[tokio::test]
async fn a_role_that_is_taken_counts_at_once() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    let set = "feature set stock true --dev";
    assert!(!world.says("dora", "#general", set).await.starts_with("refused"));
    world.engine.set_chat_role(&world.as_admin(), "dora", ChatRole::Viewer, "api").await.unwrap();
    assert!(world.says("dora", "#general", set).await.starts_with("refused"));
}

#[tokio::test]
async fn production_is_turned_on_in_its_channel_alone_and_off_anywhere() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.person("rita", ChatRole::Release).await;
    let set = "feature set stock 10 --actors";
    for channel in ["#general", "#productions", "production", ""] {
        let told = world.says("rita", channel, set).await;
        assert!(told.contains("Production is changed in #production"), "{channel:?}: {told}");
        assert_eq!(world.state("stock", "production").await, "off");
    }
    for text in ["feature get stock", "feature set stock true --dev", &format!("{set} --dry-run")] {
        let told = world.says("rita", "#general", text).await;
        assert!(told.contains("stock in"), "{text}: {told}");
    }
    assert!(!world.says("rita", "#production", set).await.starts_with("refused"));
    assert!(!world.says("rita", "#general", "feature set stock false").await.starts_with("refused"));
    assert_eq!(world.state("stock", "production").await, "off");
}

#[tokio::test]
async fn a_channel_is_believed_only_from_who_may_name_one() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    let rita = world.person("rita", ChatRole::Release).await;
    let set = "feature set stock 10 --actors";
    let named = world.engine.run_command(&rita, set, Some("#production"), "api").await;
    assert!(named.is_err(), "{named:?}");
    let admin = world.as_admin();
    let elsewhere = world.engine.run_command(&admin, set, Some("#general"), "api").await.unwrap();
    assert!(!elsewhere.ok, "{}", elsewhere.to_text());
    let there = world.engine.run_command(&admin, set, Some("#production"), "api").await.unwrap();
    assert!(there.ok, "{}", there.to_text());
}
