//! Buttons below answers: the change that was shown, or the last one taken back, for whoever presses.

use crate::world::World;
use wigwag_access::ChatRole;

#[tokio::test]
async fn what_was_shown_is_applied_and_undone_by_pressing() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    world.says("dora", "#general", "feature set stock 10 --actors --dry-run --dev").await;
    assert_eq!(world.state("stock", "dev").await, "off");
    let applied = world.presses("dora", "#general", &world.button("Apply")).await;
    assert!(applied.contains("stock in dev: off -> conditional"), "{applied}");
    assert_eq!(world.state("stock", "dev").await, "conditional");
    let undone = world.presses("dora", "#general", &world.button("Undo")).await;
    assert!(undone.contains("stock in dev: conditional -> off"), "{undone}");
    assert_eq!(world.state("stock", "dev").await, "off");
}

#[tokio::test]
async fn what_was_changed_since_is_neither_applied_nor_undone() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    world.says("dora", "#general", "feature set stock 10 --actors --dry-run --dev").await;
    let apply = world.button("Apply");
    world.says("dora", "#general", "feature set stock 20 --actors --dev").await;
    let undo = world.button("Undo");
    world.done("feature set stock 30 --actors --dev").await;
    for value in [apply, undo] {
        let told = world.presses("dora", "#general", &value).await;
        assert!(told.starts_with("refused") && told.contains("changed"), "{told}");
    }
    let told = world.command("feature get stock --dev").await;
    assert!(told.contains("30 %"), "{told}");
}

#[tokio::test]
async fn a_button_gives_no_right_and_passes_no_check() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.person("rita", ChatRole::Release).await;
    world.person("vera", ChatRole::Viewer).await;
    world.says("rita", "#production", "feature set stock 10 --actors --dry-run").await;
    let apply = world.button("Apply");
    for (who, channel, words) in [
        ("vera", "#production", "role"),
        ("stranger", "#production", "wigwag chat link"),
        ("rita", "#general", "Production is changed in #production"),
    ] {
        let told = world.presses(who, channel, &apply).await;
        assert!(told.starts_with("refused") && told.contains(words), "{who}: {told}");
    }
    world.source.blocked("Incident 7");
    let told = world.presses("rita", "#production", &apply).await;
    assert!(told.contains("Incident 7"), "{told}");
    assert_eq!(world.state("stock", "production").await, "off");

    world.source.clear();
    world.presses("rita", "#production", &apply).await;
    let undo = world.button("Undo");
    world.source.blocked("Incident 7");
    let told = world.presses("rita", "#general", &undo).await;
    assert!(!told.starts_with("refused"), "the way back is open: {told}");
}

#[tokio::test]
async fn a_button_of_another_version_does_nothing() {
    let world = World::new().await;
    world.person("rita", ChatRole::Release).await;
    for value in ["", "{}", "[]", "apply", r#"{"do":"apply"}"#, r#"{"do":"apply","c":"help","s":"00"}"#] {
        let told = world.presses("rita", "#production", value).await;
        assert!(told.starts_with("refused"), "{value}: {told}");
    }
    let mark = "0".repeat(32);
    for command in
        ["rollout rollback stock", "link a", "feature get stock", "feature set stock true --dev --staging"]
    {
        let value = format!(r#"{{"do":"apply","c":"{command}","s":"{mark}"}}"#);
        let told = world.presses("rita", "#production", &value).await;
        assert!(told.starts_with("refused"), "{command}: {told}");
    }
}

#[tokio::test]
async fn what_comes_along_is_applied_with_it() {
    let world = World::new().await;
    world.person("dora", ChatRole::Developer).await;
    world.user("mia").await;
    world.done("feature set checkout true --user=mia --with-dependencies --dev").await;
    world.says("dora", "#general", "feature set checkout true --with-dependencies --dry-run --dev").await;
    let told = world.presses("dora", "#general", &world.button("Apply")).await;
    assert!(!told.starts_with("refused"), "{told}");
    assert_eq!(world.state("stock", "dev").await, "on");
}

#[tokio::test]
async fn what_a_button_does_in_production_is_told_there() {
    let world = World::new().await;
    world.done("feature set stock true --staging").await;
    world.person("rita", ChatRole::Release).await;
    world.says("rita", "#production", "feature set stock 10 --actors --dry-run").await;
    world.quiet().await;
    for label in ["Apply", "Undo"] {
        world.presses("rita", "#production", &world.button(label)).await;
        let told = world.hears_at("#production").await;
        assert!(told.contains("stock in production"), "{told}");
    }
}
